import type { Kind } from './values.ts';

/**
 * One field of the configuration: validation, JSON Schema and the tables of the documentation all come from it.
 * `T` is what it resolves to.
 */
export interface Field<T> {
  readonly kind: Kind<unknown>;
  readonly presence: Presence;
  /** A sentence for people. */
  readonly about: string;
  /** The section whose step decides it where several give it; without it, the field's own. */
  readonly decidedBy?: 'model';
  /** A field that, given in the same section, speaks for this one. */
  readonly fallback?: string;
  /** Kept from old files; nothing uses it any more. */
  readonly retired?: true;
  /** What it resolves to, for the compiler alone. */
  readonly resolvesTo?: T;
}

/** What stands where the file gives nothing. `derived` is the words for it, with other fields in braces. */
type Presence =
  | { readonly is: 'required' }
  | { readonly is: 'default'; readonly value: unknown; readonly nullable: boolean }
  | { readonly is: 'derived'; readonly from: string }
  | { readonly is: 'optional'; readonly from?: string };

export type Resolved<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

type Extras = Pick<Field<unknown>, 'fallback' | 'retired'>;

export function required<T>(kind: Kind<T>, about: string): Field<T> {
  return { kind: kind as Kind<unknown>, presence: { is: 'required' }, about };
}

/** `null` in the file is an error. */
export function withDefault<T, const D extends T>(kind: Kind<T>, value: D, about: string): Field<T> {
  return { kind: kind as Kind<unknown>, presence: { is: 'default', value, nullable: false }, about };
}

/** `null` in the file means the default. */
export function withNullableDefault<T, const D extends T>(kind: Kind<T>, value: D, about: string): Field<T> {
  return { kind: kind as Kind<unknown>, presence: { is: 'default', value, nullable: true }, about };
}

/** The default is made from other fields; `null` and empty text in the file mean it. */
export function derived<T>(kind: Kind<T>, from: string, about: string): Field<T> {
  return { kind: kind as Kind<unknown>, presence: { is: 'derived', from }, about };
}

/** `null` where it is not given; `null` and empty text in the file mean the same. `from` says what happens then. */
export function optional<T>(kind: Kind<T>, about: string, extras: Extras & { from?: string } = {}): Field<T | null> {
  const { from, ...rest } = extras;
  const presence: Presence = from === undefined ? { is: 'optional' } : { is: 'optional', from };
  return { kind: kind as Kind<unknown>, presence, about, ...rest };
}

/** A base field that the model step decides: it runs the code, in the image. */
export function decidedByModel<T>(field: Field<T>): Field<T> {
  return { ...field, decidedBy: 'model' };
}

/**
 * Forms of names, from the S3 bucket naming rules and the patterns of the SageMaker API. All are anchored, need no flag,
 * and so mean the same in JavaScript and in the published JSON Schema.
 */

const CONTROL = '\\u0000-\\u001f\\u007f';
const BUCKET_NAME =
  '(?!xn--|sthree-|amzn-s3-demo-)(?!\\d{1,3}(?:\\.\\d{1,3}){3}(?:/|$))' +
  '(?![^/]*(?:\\.\\.|-s3alias(?:/|$)|--ol-s3(?:/|$)|--x-s3(?:/|$)))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';
// A part of a key: neither empty nor a dot or two (which file systems and URLs would fold away), no control characters.
const KEY_PART = `(?!\\.{1,2}(?:/|$))[^/${CONTROL}]+`;
const FILE_PART = `(?!\\.{1,2}(?:/|$))[^/\\\\${CONTROL}]+`;
const GROUP_NAME = '[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}';

export const BUCKET = new RegExp(`^${BUCKET_NAME}$`);
/** `s3://bucket/part/part`, no empty parts. */
export const S3_LOCATION = new RegExp(`^s3://${BUCKET_NAME}(?:/${KEY_PART})*$`);
/** A folder: `s3://bucket/prefix/`, or a local path. */
export const FOLDER = new RegExp(`^(?:s3://${BUCKET_NAME}(?:/${KEY_PART})*/?|(?!s3:)[^${CONTROL}]+)$`);
export const S3_KEY = new RegExp(`^${KEY_PART}(?:/${KEY_PART})*$`);
/** A file inside a folder: relative, never climbing out. */
export const FILE_INSIDE = new RegExp(`^(?:\\./)*${FILE_PART}(?:/${FILE_PART})*$`);
/** A module at the root of a folder, which Python imports by its name. */
export const MODULE_FILE = /^(?:\.\/)*[a-zA-Z_][a-zA-Z0-9_-]*\.py$/;
export const PIPELINE_NAME = /^[a-zA-Z0-9](?:-?[a-zA-Z0-9])*$/;
export const GROUP = new RegExp(
  `^(?:arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package-group/)?${GROUP_NAME}$`,
);
export const ROLE_ARN = /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[a-zA-Z0-9_+=,.@/-]+$/;
export const KMS_KEY =
  /^(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:)?(?:(?:key\/)?(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})|alias\/[a-zA-Z0-9/_-]+)$/;
export const SUBNET = /^subnet-[0-9a-zA-Z-]{1,25}$/;
export const SECURITY_GROUP = /^sg-[0-9a-zA-Z-]{1,29}$/;
export const INSTANCE_TYPE = /^ml\.[a-z0-9-]+\.[a-z0-9-]+$/;
export const FRAMEWORK_VERSION = /^[0-9]+\.[0-9]+(?:\.[0-9]+)?$/;
export const PYTHON_VERSION = /^py3[0-9]{1,2}$/;
const ECR_REPOSITORY = '[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*';
const ECR_VERSION = '(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?';
const ecrImage = (region: string) =>
  new RegExp(`^[0-9]{12}\\.dkr\\.ecr\\.${region}\\.amazonaws\\.com/${ECR_REPOSITORY}${ECR_VERSION}$`);
/** An image in ECR, of one region or with `{region}` for all. */
export const ECR_IMAGE = ecrImage('[a-z0-9-]+');
export const ECR_IMAGES = ecrImage('(?:[a-z0-9-]+|\\{region\\})');
export const PIPELINE_VERSION = /^[a-zA-Z0-9][a-zA-Z0-9._+-]{0,127}$/;
export const DATE = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
export const AWS_REGION = /^[a-z]{2}(?:-[a-z]+)+-[0-9]$/;
/** Something to read: at least one character that is no blank, no control characters. */
export const PLAIN_TEXT = new RegExp(`^(?=.*\\S)[^${CONTROL}]*$`);
