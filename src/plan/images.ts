import type { Config } from '../config/index.ts';
import { DeployError } from '../core/errors.ts';
import { AWS_REGIONS, PIPELINE_REGION, type RegionCode } from '../core/regions.ts';
import {
  type ImageResult,
  inferenceImage,
  newestPackagingImage,
  type OwnImage,
  ownImage,
  packagingImage,
  sklearnImage,
} from '../images/index.ts';
import type { Facts, PlanImages } from './types.ts';

/** @throws DeployError `plan-invalid` that lists what AWS publishes where no image fits. */
export function planImages(
  config: Config,
  facts: Facts,
  { instanceType, regions }: { instanceType: string; regions: readonly RegionCode[] },
): PlanImages {
  const { framework_version: frameworkVersion, py_version: pyVersion } = config.base;
  const own = config.model.inference_image;
  const inference = (code: RegionCode): string =>
    own === null
      ? found(inferenceImage({ frameworkVersion, pyVersion, instanceType, region: AWS_REGIONS[code] }))
      : ownIn(own, code);
  const published = packagingImage({ frameworkVersion, pyVersion, region: PIPELINE_REGION });
  // Versions that only the registry is given need not be AWS's.
  const python = found(own === null || published.ok ? published : newestPackagingImage(PIPELINE_REGION));
  return {
    model: inference('NA'),
    python,
    packaging:
      facts.packager.kind === 'own'
        ? found(sklearnImage({ version: config.package.processing_framework_version, region: PIPELINE_REGION }))
        : own === null
          ? python
          : ownIn(own, 'NA'),
    inference: Object.fromEntries(regions.map((code) => [code, inference(code)])),
  };
}

/** One's own image in a region, for the package, and where the package is verified. */
function ownIn(image: OwnImage, code: RegionCode): string {
  const uri = ownImage(image, code);
  if (uri !== undefined) return uri;
  throw new DeployError(
    'plan-invalid',
    `model.inference_image names no image of ${AWS_REGIONS[code]}, where ${code} is to be registered.`,
    {
      advice: `Write {region} in place of the region, or name the image of ${code}, too; copy it there (ECR replication does).`,
    },
  );
}

function found(result: ImageResult): string {
  if (result.ok) return result.uri;
  throw new DeployError('plan-invalid', result.problem, {
    advice: 'Change framework_version, py_version or the instance type (configuration, or the input parameters).',
  });
}
