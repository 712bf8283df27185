import { AwsError, type JsonObject } from '../../contracts.ts';
import type { StepDefinition } from '../definition/definition.ts';
import { resolve } from '../definition/resolve.ts';
import { isObject } from '../json.ts';
import { runModelStep } from '../steps/model.ts';
import { runProcessingStep } from '../steps/processing.ts';
import { runRegisterModelStep } from '../steps/register-model.ts';
import type { StepRecord } from '../state.ts';
import { withRetries } from './retry.ts';
import { callOf, keep, type Run, scopeOf, StepFailure, StepStopped } from './run.ts';
import { cacheKeyOf, findCached } from './step-cache.ts';

/** Runs one step to its end. Never rejects: what goes wrong stands in the step's record. */
export async function runStep(run: Run, step: StepDefinition): Promise<void> {
  const started = run.service.clock.nowMs();
  const record: StepRecord = { name: step.name, status: 'Starting', startedMs: started, attempts: 0 };
  run.execution.steps.push(record);
  keep(run);
  try {
    const resolved = resolvedArguments(run, step);
    if (!takeFromCache(run, { step, record, resolved })) {
      record.status = 'Executing';
      keep(run);
      await withRetries(run, { step, record, attempt: () => attempt(run, { step, record, resolved }) });
    }
    record.status = 'Succeeded';
  } catch (error) {
    record.status = error instanceof StepStopped ? 'Stopped' : 'Failed';
    if (!(error instanceof StepStopped)) record.failureReason = reasonOf(error);
  }
  record.endedMs = run.service.clock.nowMs();
  keep(run);
}

function resolvedArguments(run: Run, step: StepDefinition): JsonObject {
  try {
    const resolved = resolve(step.arguments, scopeOf(run));
    return isObject(resolved) ? resolved : {};
  } catch (error) {
    if (error instanceof AwsError) throw new StepFailure(`ClientError: ${error.message}`);
    throw error;
  }
}

type Attempt = { readonly step: StepDefinition; readonly record: StepRecord; readonly resolved: JsonObject };

function takeFromCache(run: Run, { step, record, resolved }: Attempt): boolean {
  if (step.type !== 'Processing') return false;
  const key = cacheKeyOf(resolved, run.service);
  record.cacheKey = key;
  const nowMs = run.service.clock.nowMs();
  const hit = findCached(callOf(run).region, { pipelineArn: run.pipeline.arn, step, key, nowMs });
  if (hit === undefined) return false;
  record.cacheHitArn = hit.executionArn;
  if (hit.record.metadata !== undefined) record.metadata = hit.record.metadata;
  if (hit.record.properties !== undefined) record.properties = hit.record.properties;
  return true;
}

async function attempt(run: Run, { step, record, resolved }: Attempt): Promise<void> {
  switch (step.type) {
    case 'Model':
      return await runModelStep(run, record, resolved);
    case 'Processing':
      return await runProcessingStep(run, record, resolved);
    case 'RegisterModel':
      return await runRegisterModelStep(run, record, resolved);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof StepFailure) return error.message;
  return `InternalServerError: ${error instanceof Error ? error.message : String(error)}`;
}
