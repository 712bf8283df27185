import { setTimeout as sleep } from 'node:timers/promises';
import type { RetryPolicy, StepDefinition } from '../definition/definition.ts';
import type { StepRecord } from '../state.ts';
import { type Run, StepFailure, StepStopped } from './run.ts';

type Counted = { readonly policy: RetryPolicy; retries: number };

/**
 * Attempts a step until it succeeds or no policy covers its failure any more. Each policy counts its own retries; one
 * with ExpireAfterMin retries until that long after the step's first attempt.
 */
export async function withRetries(
  run: Run,
  of: { step: StepDefinition; record: StepRecord; attempt: () => Promise<void> },
): Promise<void> {
  const counted: Counted[] = of.step.retryPolicies.map((policy) => ({ policy, retries: 0 }));
  const startedMs = performance.now();
  for (;;) {
    of.record.attempts += 1;
    try {
      return await of.attempt();
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      const covering = counted.find((item) => covers(item.policy, error));
      if (covering === undefined) throw withoutPolicy(error, run, of.step);
      await waitFor(covering, { run, error, startedMs });
    }
  }
}

function covers(policy: RetryPolicy, failure: StepFailure): boolean {
  return failure.exceptionType !== undefined && policy.exceptionTypes.includes(failure.exceptionType);
}

function withoutPolicy(failure: StepFailure, run: Run, step: StepDefinition): StepFailure {
  if (failure.exceptionType === undefined) return failure;
  const type = failure.exceptionType.replace('.', '_').toUpperCase();
  return new StepFailure(
    `${failure.message}\nRetry not appropriate on execution of step with PipelineExecutionArn ${run.execution.arn} ` +
      `and StepId ${step.name}. No retry policy configured for the exception type ${type}.`,
  );
}

/** Throws the failure when the policy is used up. */
async function waitFor(item: Counted, of: { run: Run; error: StepFailure; startedMs: number }): Promise<void> {
  const { policy } = item;
  const scale = of.run.service.options.retryTimeScale;
  const delayMs = (policy.intervalSeconds * policy.backoffRate ** item.retries * 1000) / scale;
  const expiryMs =
    policy.expireAfterMin === undefined ? Number.POSITIVE_INFINITY : (policy.expireAfterMin * 60_000) / scale;
  const most = policy.maxAttempts ?? Number.POSITIVE_INFINITY;
  if (item.retries >= most || performance.now() - of.startedMs + delayMs > expiryMs) {
    throw new StepFailure(`${of.error.message}\nThe retry policy for ${of.error.exceptionType} is exhausted.`);
  }
  item.retries += 1;
  await sleep(delayMs, undefined, { signal: of.run.signal }).catch(() => {
    throw new StepStopped();
  });
}
