import { formatS3Uri, type S3Location } from '../aws/s3-uri.ts';
import type { JsonObject } from '../core/json.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { fitsMetadata, metadataValue } from './metadata.ts';
import { defaultBucket, regionBucket } from './region-buckets.ts';
import type { Resolved } from './resolved.ts';
import { configMetadata, inferenceSpecification, packageDescription } from './steps/package-content.ts';
import type { Registration } from './types.ts';

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
export function registrationRequest(resolved: Resolved, registration: Registration, at: DocumentLocations): JsonObject {
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
