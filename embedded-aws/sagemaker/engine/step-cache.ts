/**
 * The step cache. It compares what a job runs (AppSpecification), its Environment and its ProcessingInputs, S3 objects
 * by path only; outputs and all else are not compared. Results are kept where they are anyway: in earlier executions.
 */
import type { Json, JsonObject, ObjectStore } from '../../contracts.ts';
import type { StepDefinition } from '../definition/definition.ts';
import { digest, object, objects, pick, text } from '../json.ts';
import { parseS3Uri } from '../s3-uri.ts';
import type { Service } from '../service.ts';
import type { RegionState, StepRecord } from '../state.ts';

export function cacheKeyOf(resolved: JsonObject, { answers, store }: Pick<Service, 'answers' | 'store'>): string {
  const environment = answers.is('cache-environment', 'compared') ? ['Environment'] : [];
  const compared = pick(resolved, ['AppSpecification', 'ProcessingInputs', ...environment]);
  return digest(answers.is('cache-inputs', 'by-path') ? compared : [compared, contentsOf(resolved, store)]);
}

function contentsOf(resolved: JsonObject, store: ObjectStore): Json[] {
  return objects(resolved, 'ProcessingInputs').flatMap((input) => {
    const location = parseS3Uri(text(object(input, 'S3Input') ?? {}, 'S3Uri') ?? '');
    return location === undefined ? [] : store.list(location.bucket, location.key).map(({ key, etag }) => [key, etag]);
  });
}

export type CacheHit = { readonly executionArn: string; readonly record: StepRecord };

/** The newest result of the same step of the same pipeline with the same key that has not expired. */
export function findCached(
  region: RegionState,
  of: { pipelineArn: string; step: StepDefinition; key: string; nowMs: number },
): CacheHit | undefined {
  const expiresAfterMs = of.step.cacheExpiresAfterMs;
  if (expiresAfterMs === undefined) return undefined;
  const executions = Object.values(region.executions).filter((item) => item.pipelineArn === of.pipelineArn);
  for (const execution of executions.reverse()) {
    const record = execution.steps.find((item) => item.name === of.step.name);
    // A hit does not prolong the life of a result: only the execution that made it counts.
    const own = record?.cacheHitArn === undefined && record?.selectiveSourceArn === undefined;
    if (record?.status !== 'Succeeded' || record.cacheKey !== of.key || !own) continue;
    if (of.nowMs - (record.endedMs ?? 0) <= expiresAfterMs) return { executionArn: execution.arn, record };
  }
  return undefined;
}
