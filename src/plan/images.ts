import type { Config } from '../config/index.ts';
import { DeployError } from '../core/errors.ts';
import { AWS_REGIONS, PIPELINE_REGION, type RegionCode } from '../core/regions.ts';
import { type ImageResult, inferenceImage, packagingImage, sklearnImage } from '../images/index.ts';
import type { Facts } from './types.ts';

/** Image URIs of a plan: the model's (us-east-1), the packager's, and each package's in its own region. */
export interface PlanImages {
  readonly model: string;
  readonly packaging: string;
  /** x86 CPU PyTorch inference image: Python, boto3 and pip for the scripts of the action. */
  readonly python: string;
  readonly inference: Readonly<Partial<Record<RegionCode, string>>>;
}

/** @throws DeployError `plan-invalid` that lists what AWS publishes where no image fits. */
export function planImages(
  config: Config,
  facts: Facts,
  { instanceType, regions }: { instanceType: string; regions: readonly RegionCode[] },
): PlanImages {
  const { framework_version: frameworkVersion, py_version: pyVersion } = config.base;
  const inference = (region: string) => found(inferenceImage({ frameworkVersion, pyVersion, instanceType, region }));
  const python = found(packagingImage({ frameworkVersion, pyVersion, region: PIPELINE_REGION }));
  return {
    model: inference(PIPELINE_REGION),
    python,
    packaging:
      facts.packager.kind === 'own'
        ? found(sklearnImage({ version: config.package.processing_framework_version, region: PIPELINE_REGION }))
        : python,
    inference: Object.fromEntries(regions.map((code) => [code, inference(AWS_REGIONS[code])])),
  };
}

function found(result: ImageResult): string {
  if (result.ok) return result.uri;
  throw new DeployError('plan-invalid', result.problem, {
    advice: 'Change framework_version, py_version or the instance type (configuration, or the input parameters).',
  });
}
