import type { Reply } from '../http/exchange.ts';
import { childText, readXml } from '../xml.ts';
import { malformedXml, S3Error } from './errors.ts';
import type { S3Call } from './handler.ts';
import { receiveDocument } from './receive.ts';

/** Buckets of us-east-1 have no location constraint. */
const DEFAULT_REGION = 'us-east-1';

export async function createBucket({ store, request, bucket: name, context }: S3Call): Promise<Reply> {
  checkBucketName(name);
  const region = checkLocation(await readLocation(request), context.region);
  const existing = store.state.bucket(name);
  // Of old, us-east-1 answers a repeated creation as if it had been the first.
  if (existing !== undefined && !(region === DEFAULT_REGION && existing.region === region)) {
    const message = 'Your previous request to create the named bucket succeeded and you already own it.';
    throw new S3Error('BucketAlreadyOwnedByYou', message, { status: 409, details: { BucketName: name } });
  }
  if (existing === undefined) {
    store.commit({ event: 'bucket', bucket: { name, region, createdAtMs: store.clock.nowMs(), versioning: 'Off' } });
  }
  return { status: 200, headers: { location: `/${name}` } };
}

async function readLocation(request: S3Call['request']): Promise<string | undefined> {
  const { text } = await receiveDocument(request);
  if (text === '') return undefined;
  const root = readXml(text, 'CreateBucketConfiguration');
  if (root === undefined) throw malformedXml();
  return childText(root, 'LocationConstraint');
}

function checkLocation(constraint: string | undefined, region: string): string {
  if (constraint === undefined || constraint === '') {
    if (region === DEFAULT_REGION) return region;
    throw illegalLocation('unspecified');
  }
  const wanted = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (wanted === DEFAULT_REGION || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(wanted)) {
    const details = { LocationConstraint: constraint };
    throw new S3Error('InvalidLocationConstraint', 'The specified location-constraint is not valid', { details });
  }
  if (wanted !== region && region !== DEFAULT_REGION) throw illegalLocation(constraint);
  return wanted;
}

function illegalLocation(constraint: string): S3Error {
  const message =
    `The ${constraint} location constraint is incompatible for the region specific endpoint ` +
    'this request was sent to.';
  return new S3Error('IllegalLocationConstraintException', message);
}

/**
 * The rules for names of general purpose buckets.
 * @throws S3Error InvalidBucketName
 */
export function checkBucketName(name: string): void {
  const shaped = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name);
  const address = /^\d+\.\d+\.\d+\.\d+$/.test(name);
  const reserved = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
  if (shaped && !name.includes('..') && !address && !reserved) return;
  throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', { details: { BucketName: name } });
}

export function headBucket({ store, bucket }: S3Call): Reply {
  const headers = { 'x-amz-bucket-region': store.bucket(bucket).region, 'x-amz-access-point-alias': 'false' };
  return { status: 200, headers };
}
