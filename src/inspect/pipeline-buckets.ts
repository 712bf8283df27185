import { parseS3Uri, type S3Location } from '../aws/s3-uri.ts';
import type { Config } from '../config/index.ts';

export interface NamedBucket {
  readonly bucket: string;
  /** What names it: a field of the configuration, or an input. */
  readonly named: string;
}

/** Buckets that jobs in the pipeline's region read from or write to, each once. */
export function pipelineBuckets({ base, package: packaging }: Config, model: S3Location): readonly NamedBucket[] {
  const named: NamedBucket[] = [
    { bucket: base.bucket, named: 'base.bucket of the configuration' },
    ...bucketOf(base.pipeline_s3_loc, 'base.pipeline_s3_loc of the configuration'),
    { bucket: model.bucket, named: 'input model-s3-path' },
    ...bucketOf(base.source_dir, 'base.source_dir of the configuration'),
    ...bucketOf(packaging.processing_source_dir ?? '', 'package.processing_source_dir of the configuration'),
  ];
  return named.filter(({ bucket }, index) => named.findIndex((other) => other.bucket === bucket) === index);
}

function bucketOf(uri: string, named: string): readonly NamedBucket[] {
  const location = parseS3Uri(uri);
  return location === undefined ? [] : [{ bucket: location.bucket, named }];
}
