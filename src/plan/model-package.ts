import type { Config } from '../config/index.ts';
import type { JsonObject } from '../core/json.ts';
import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import { formatS3Uri, type S3Location } from '../core/s3-uri.ts';
import { defaultBucket, regionBucket } from './locations.ts';
import { modelEnvironment } from './parameters.ts';
import type { PackageParts, Registration, ResolvedRequest } from './types.ts';

/** What a model package's customer metadata can hold: 50 entries, values of 1 to 256 of these characters. */
const VALUE_LENGTH = 256;
const FORBIDDEN = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;
const CUT_MARK = '...';

/**
 * Any text as a value that the registry takes: other characters become `_`, what is too long is cut with a mark, an
 * empty value is `none`. Done before the start, since a bad value would fail the step after ten minutes.
 */
export function metadataValue(text: string): string {
  const clean = text.replace(FORBIDDEN, '_').trim();
  if (clean === '') return 'none';
  if (clean.length <= VALUE_LENGTH) return clean;
  const kept = clean.slice(0, VALUE_LENGTH - CUT_MARK.length);
  return (/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept) + CUT_MARK;
}

/** Whether a metadata value can hold the text as it is. */
export function fitsMetadata(text: string): boolean {
  return text !== '' && text.length <= VALUE_LENGTH && text.search(FORBIDDEN) === -1;
}

/** The description of a package or pipeline: at most `maxLength` characters of letters, marks, blanks, symbols, digits. */
export function descriptionText(text: string, maxLength: number): string {
  const clean = text.replace(/[^\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]/gu, ' ');
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - CUT_MARK.length)}${CUT_MARK}`;
}

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

/** What the model is for, in SageMaker's words: its load tests ask every package for both. */
export function packageTask({ registration }: Config): { readonly Domain: string; readonly Task: string } {
  return { Domain: registration.model_package_domain, Task: registration.model_package_task };
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
    author: metadataValue(base.author),
  };
}

/** The parts as a package carries them; the model's identity is a parameter where the definition serves every model. */
export function partMetadata({ code, packager, configuration }: PackageParts): Readonly<Record<string, string>> {
  return { code_digest: code, packager_digest: packager, configuration_digest: configuration };
}

/** Where the documents lie that a package points at. */
export interface DocumentLocations {
  readonly payload: S3Location;
  readonly document: S3Location;
  readonly variables: S3Location;
}

/**
 * What the registration job of a region is asked to do; `register_model.py` reads it. `create_model_package` is the
 * input of CreateModelPackage, less what only the execution knows: model data, payload's copy, approval, provenance.
 */
export function registrationRequest(
  resolved: ResolvedRequest,
  registration: Registration,
  at: DocumentLocations,
): JsonObject {
  const { config, facts, images, open, packageFingerprint, request } = resolved;
  const { region } = registration;
  const bucket = regionBucket(resolved, region);
  const instanceType = open['InferenceInstanceType'] ?? '';
  return {
    region,
    aws_region: AWS_REGIONS[region],
    account_id: facts.accountId,
    bucket,
    create_bucket: bucket === defaultBucket(region, facts.accountId),
    kms_key: config.base.regional_kms_keys?.[region] ?? null,
    payload_s3_uri: formatS3Uri(at.payload),
    record_s3_uri: formatS3Uri(registration.record),
    registration_fingerprint: registration.fingerprint,
    group_description: `Models that ${config.base.pipeline_name} registers`,
    tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
    repository: metadataValue(request.provenance.repository),
    create_model_package: {
      ModelPackageGroupName: registration.group,
      ModelPackageDescription: packageDescription(config),
      ...packageTask(config),
      InferenceSpecification: inferenceSpecification(config, {
        region,
        image: images.inference[region] ?? '',
        modelDataUrl: '',
        instanceType,
      }),
      CustomerMetadataProperties: {
        package_fingerprint: packageFingerprint,
        registration_fingerprint: registration.fingerprint,
        ...configMetadata(config, region),
        model_identity: metadataValue(facts.model.identity),
        ...partMetadata(registration.parts),
        ...uriEntry('execution_document_s3_uri', at.document),
        ...uriEntry('variable_schema_s3_uri', at.variables),
      },
    },
  };
}

function uriEntry(name: string, location: S3Location): JsonObject {
  const uri = formatS3Uri(location);
  return fitsMetadata(uri) ? { [name]: uri } : {};
}
