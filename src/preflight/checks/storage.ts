import type { ErrorCode } from '../../core/errors.ts';
import { PIPELINE_REGION } from '../../core/regions.ts';
import { formatSize } from '../../core/text/format.ts';
import { type BucketSight, modelIdentity } from '../../inspect/index.ts';
import type { Check } from '../check.ts';
import { type CheckFunction, COSTS, failedBy, notMade } from '../view.ts';

interface Trouble {
  readonly code: ErrorCode;
  readonly found: string;
  readonly fix: string;
}

/** Every bucket that jobs read or write is there, and in the pipeline's region. */
export const buckets: CheckFunction = ({ sights }) => {
  const troubles = sights.buckets.map(trouble).filter((found) => found !== undefined);
  const [first] = troubles;
  if (first !== undefined) {
    return {
      name: 'buckets',
      result: 'failed',
      found: troubles.map(({ found }) => found).join(' '),
      cost: COSTS.packaging,
      fix: first.fix,
      code: first.code,
    };
  }
  const unseen = sights.buckets.flatMap(({ region }) => (region.kind === 'unseen' ? [region.error] : []));
  if (unseen[0] !== undefined) return notMade('buckets', unseen[0]);
  const names = sights.buckets.map(({ bucket }) => bucket).join(', ');
  return { name: 'buckets', result: 'passed', found: `${names} in ${PIPELINE_REGION}` };
};

function trouble({ bucket, named, region }: BucketSight): Trouble | undefined {
  if (region.kind === 'unseen' || region.value === PIPELINE_REGION) return undefined;
  if (region.value === undefined) {
    return {
      code: 'bucket-missing',
      found: `The bucket ${bucket} (${named}) does not exist.`,
      fix: `Create it in ${PIPELINE_REGION}, or correct its name.`,
    };
  }
  return {
    code: 'bucket-region',
    found: `The bucket ${bucket} (${named}) is in ${region.value}; expected ${PIPELINE_REGION}, where the pipeline runs.`,
    fix: `Name a bucket of ${PIPELINE_REGION}.`,
  };
}

/** The model archive is there and not empty. */
export const model: CheckFunction = ({ inputs, sights }) => {
  const uri = inputs.model.file ?? inputs.model.uri;
  if (sights.model.kind === 'unseen') return notMade('model', sights.model.error);
  const found = sights.model.value;
  if (found === undefined) {
    return missing(
      `There is no object ${uri} (input model-s3-path).`,
      'Upload the model archive before this step, or correct the path; without s3:ListBucket, a missing object looks forbidden.',
    );
  }
  if (found.info.sizeBytes === 0) {
    return missing(`${uri} is empty (0 bytes); expected a gzip tar archive.`, 'Upload the model archive again.');
  }
  const { sizeBytes } = found.info;
  return { name: 'model', result: 'passed', found: `${uri}, ${formatSize(sizeBytes)}, ${modelIdentity(found.info)}` };
};

function missing(found: string, fix: string): Check {
  return failedBy('model', { code: 'model-missing', message: found, advice: fix }, COSTS.packaging);
}
