import { createHash } from 'node:crypto';
import type { Config } from '../config/index.ts';
import type { SourceTree } from '../core/files.ts';
import { canonicalJson, type Json } from '../core/json.ts';
import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import { parseS3Uri, type S3Location } from '../core/s3-uri.ts';
import { parameter } from './parameters.ts';

/**
 * Where things lie under `pipeline_s3_loc`. Every artifact's key names what it was made from, so that nothing that a
 * registered package points at is ever overwritten:
 *
 *     code/{digest}/...                          inference code
 *     scripts/{digest}/...                       packager: package_model.py, packager.tar
 *     payload/{templates}/{package}/payload.tar.gz
 *     documents/{content}/{package}/config       execution document
 *     documents/{content}/variables.json
 *     documents/{content}/configuration.json     what the packages are configured with, by region and field
 *     package/{package}/model.tar.gz, package.json
 *     registered/{registration}.json, claims/{claim}
 */
export interface Locations {
  /** A location under `pipeline_s3_loc`. */
  at(...parts: readonly string[]): S3Location;
  /** The same as an expression of the pipeline definition; parts may be references. */
  expression(...parts: readonly ExpressionPart[]): JoinExpression;
}

export type ExpressionPart = string | { readonly Get: string };
export type JoinExpression = {
  readonly 'Std:Join': { readonly On: string; readonly Values: readonly ExpressionPart[] };
};

export function createLocations(config: Config): Locations {
  const uri = config.base.pipeline_s3_loc;
  const base = parseS3Uri(uri) ?? { bucket: config.base.bucket, key: '' };
  const prefix = base.key.replace(/\/+$/, '');
  return {
    at: (...parts) => ({ bucket: base.bucket, key: [prefix, ...parts].filter((part) => part !== '').join('/') }),
    expression: (...parts) => join(uri.replace(/\/+$/, ''), ...parts),
  };
}

/** `Std:Join` with slashes. */
export function join(...values: readonly ExpressionPart[]): JoinExpression {
  return { 'Std:Join': { On: '/', Values: values } };
}

/** The parts of the keys that depend on the model. */
export const PACKAGE = parameter('PackageFingerprint');

/** Hex SHA-256 of a value's canonical JSON. */
export function fingerprintOf(value: Json): string {
  return sha256(canonicalJson(value));
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Hex SHA-256 over every path and every byte of a folder; order and dates of the files do not matter. */
export function treeDigest(tree: SourceTree): string {
  const rows = tree.map((file) => [file.path, file.digest]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return fingerprintOf(rows);
}

/** What decides where a package lies. */
interface Placed {
  readonly config: Config;
  readonly facts: { readonly accountId: string };
}

/** The bucket that a region's package is registered from: it must lie in that region. */
export function regionBucket({ config, facts }: Placed, region: RegionCode): string {
  if (region === 'NA') return config.base.bucket;
  return config.base.regional_buckets?.[region] ?? defaultBucket(region, facts.accountId);
}

/** SageMaker's own default bucket of a region; ours to create when it is missing. */
export function defaultBucket(region: RegionCode, accountId: string): string {
  return `sagemaker-${AWS_REGIONS[region]}-${accountId}`;
}
