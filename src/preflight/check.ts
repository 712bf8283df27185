import type { ErrorCode } from '../core/errors.ts';

/**
 * `suggestion` is a passed check that found something to gain; `not-made` is one that permissions, or missing credentials,
 * did not allow. Only `failed` stops a deployment.
 */
export type CheckResult = 'passed' | 'suggestion' | 'warning' | 'failed' | 'not-made';

/** One thing that was looked at before anything is created. Data: the log, the summary and plan-path show the same. */
export interface Check {
  readonly name: CheckName;
  readonly result: CheckResult;
  /** What was found, and what was expected where that differs; a sentence. */
  readonly found: string;
  /** What it costs to find this out in the pipeline instead; a phrase. Only where it is not passed. */
  readonly cost?: string;
  /** What to do about it; a sentence. */
  readonly fix?: string;
  /** For failed ones: the code of the error that this check alone would be. */
  readonly code?: ErrorCode;
}

/** In the order in which they are shown. */
export const CHECK_NAMES = [
  'credentials',
  'pipeline-role',
  'buckets',
  'model',
  'model-archive',
  'model-code',
  'entry-point',
  'inference-code',
  'packager',
  'plan',
  'disk',
  'images',
  'instance-types',
  'groups',
  'regional-buckets',
  'network',
  'encryption',
  'runner',
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];
