/** What is checked about S3 objects and images that models, packages and jobs point at. */
import { validationError } from './errors.ts';
import { parseS3Uri } from './s3-uri.ts';
import type { Call } from './service.ts';
import type { StoredObject } from '../contracts.ts';

/**
 * The `.tar.gz` object behind a ModelDataUrl or SamplePayloadUrl: one object, in a bucket of the region that is called.
 *
 * @throws AwsError ValidationException, as SageMaker's for model data it cannot find or reach
 */
export function archiveAt(member: string, url: string, call: Call): StoredObject {
  const location = parseS3Uri(url);
  if (location === undefined || location.key === '') {
    throw validationError(`${member} '${url}' is not the URI of an S3 object (s3://bucket/key).`);
  }
  if (!location.key.endsWith('.tar.gz')) {
    throw validationError(`${member} '${url}' must point to a single gzip compressed tar archive (.tar.gz suffix).`);
  }
  const region = call.service.store.bucketRegion(location.bucket);
  if (region === undefined) {
    throw validationError(`Could not find model data at ${url}. (${member}: there is no bucket ${location.bucket}.)`);
  }
  if (region !== call.context.region) {
    throw validationError(
      `${member} '${url}' is in a bucket of ${region}; it must be in an S3 bucket of the same region ` +
        `(${call.context.region}).`,
    );
  }
  const found = call.service.store.head(location.bucket, location.key);
  if (found === undefined) {
    throw validationError(`Could not find model data at ${url}. (${member}: the bucket has no such object.)`);
  }
  return found;
}

/** SageMaker pulls images from ECR of its own region only. */
export function checkImage(image: string, call: Call): void {
  const region = /^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\//.exec(image)?.[1];
  if (region !== undefined && region !== call.context.region) {
    throw validationError(
      `The image '${image}' is in ${region}; SageMaker in ${call.context.region} takes images of its own region only.`,
    );
  }
}
