import type { Config } from '../config/index.ts';
import { parseS3Uri, type S3Location } from '../aws/s3-uri.ts';
import { parameter } from './parameters.ts';

/**
 * Where things lie under `pipeline_s3_loc`. Every artifact's key names what it was made from, so that nothing that a
 * registered package points at is ever overwritten:
 *
 *     code/{digest}/...                          inference code
 *     scripts/{digest}/...                       packager
 *     payload/{templates}/{package}/payload.tar.gz
 *     documents/{content}/{package}/config       execution document
 *     documents/{content}/{package}/variables.json
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
