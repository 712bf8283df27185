import type { Config } from '../../config/index.ts';
import type { JsonObject } from '../../core/json.ts';
import { AWS_REGIONS, type RegionCode } from '../../core/regions.ts';
import { modelEnvironment } from '../environment.ts';
import { descriptionText, metadataValue } from '../metadata.ts';

// Length of ModelPackageDescription in the SageMaker API.
const DESCRIPTION_LENGTH = 1024;

/** What a model package says in every region, natively registered or by a job. */
export function packageDescription({ registration, base }: Config): string {
  const what = `${registration.model_registration_objective} (${registration.model_registration_domain})`;
  return descriptionText(
    `${what} of ${registration.model_owner}, ${base.pipeline_name} ${base.pipeline_version}`,
    DESCRIPTION_LENGTH,
  );
}

/** How endpoints run the package; `ModelDataUrl` and the instance type are the caller's. */
export function inferenceSpecification(
  config: Config,
  {
    region,
    image,
    modelDataUrl,
    instanceType,
  }: { region: RegionCode; image: string } & Record<'modelDataUrl' | 'instanceType', JsonObject | string>,
): JsonObject {
  return {
    Containers: [
      {
        Image: image,
        Environment: modelEnvironment(config, AWS_REGIONS[region]),
        ModelDataUrl: modelDataUrl,
        Framework: 'PYTORCH',
        FrameworkVersion: config.base.framework_version,
      },
    ],
    SupportedContentTypes: config.registration.source_model_inference_content_types,
    SupportedResponseMIMETypes: config.registration.source_model_inference_response_types,
    SupportedRealtimeInferenceInstanceTypes: [instanceType],
  };
}

/** Customer metadata that the configuration decides. */
export function configMetadata({ registration, base }: Config, region: RegionCode): Readonly<Record<string, string>> {
  return {
    registration_region: region,
    model_owner: metadataValue(registration.model_owner),
    model_domain: metadataValue(registration.model_registration_domain),
    model_objective: metadataValue(registration.model_registration_objective),
    pipeline_version: metadataValue(base.pipeline_version),
  };
}
