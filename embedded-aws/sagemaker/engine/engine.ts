import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestContext } from '../../contracts.ts';
import type { Definition, StepDefinition } from '../definition/definition.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Service } from '../service.ts';
import { type ExecutionRecord, lostExecutionReason, type PipelineRecord } from '../state.ts';
import { hasSucceeded, keep, recordOf, type Run, selectedSteps } from './run.ts';
import { runStep } from './step.ts';

type Launch = {
  readonly execution: ExecutionRecord;
  readonly pipeline: PipelineRecord;
  readonly definition: Definition;
  readonly context: RequestContext;
};

/** Runs executions; each goes on by itself after `launch`. */
export type Engine = {
  launch(of: Launch): void;
  /** Stops the execution: no further step starts, jobs that run are killed. */
  stop(executionArn: string): void;
  /** Ends everything that runs; executions cut off that way have failed. */
  close(): Promise<void>;
};

export function openEngine(service: Service, jobs: Jobs): Engine {
  const running = new Map<string, { controller: AbortController; done: Promise<void> }>();
  let closing = false;
  return {
    launch(of) {
      const controller = new AbortController();
      const run: Run = { ...of, service, jobs, signal: controller.signal };
      const done = runSteps(run).then(() => {
        running.delete(of.execution.arn);
        end(run, closing);
      });
      running.set(of.execution.arn, { controller, done });
    },
    stop(executionArn) {
      running.get(executionArn)?.controller.abort();
    },
    async close() {
      closing = true;
      for (const { controller } of running.values()) controller.abort();
      await Promise.all([...running.values()].map((item) => item.done));
    },
  };
}

async function runSteps(run: Run): Promise<void> {
  // The call that launches is answered first.
  await nextTurn();
  const active = new Map<string, Promise<void>>();
  for (;;) {
    for (const step of startable(run, active.size)) {
      const done = runStep(run, step).finally(() => active.delete(step.name));
      active.set(step.name, done);
    }
    if (active.size === 0) return;
    await Promise.race(active.values());
  }
}

/** Steps whose turn it is. After a failure nothing starts any more; what runs is let finish. */
function startable(run: Run, activeCount: number): StepDefinition[] {
  const failed = run.execution.steps.some((record) => record.status === 'Failed');
  if (run.signal.aborted || failed) return [];
  const most = run.execution.parallelSteps ?? run.pipeline.parallelSteps ?? Number.POSITIVE_INFINITY;
  const ready = selectedSteps(run).filter((step) => {
    if (recordOf(run.execution, step.name) !== undefined) return false;
    return step.needs.every((need) => !isRelevant(run, need) || hasSucceeded(run.execution, need));
  });
  return ready.slice(0, Math.max(0, most - activeCount));
}

/** In a selective execution, unselected steps without a result taken over are not waited for. */
function isRelevant(run: Run, step: string): boolean {
  const selected = run.execution.selective?.steps;
  return selected === undefined || selected.includes(step) || recordOf(run.execution, step) !== undefined;
}

function end(run: Run, closing: boolean): void {
  const { execution } = run;
  const failed = execution.steps.some((record) => record.status === 'Failed');
  const complete = selectedSteps(run).every((step) => hasSucceeded(execution, step.name));
  if (complete) execution.status = 'Succeeded';
  else if (closing) {
    execution.status = 'Failed';
    execution.failureReason = lostExecutionReason;
  } else if (run.signal.aborted) execution.status = 'Stopped';
  else if (failed) {
    execution.status = 'Failed';
    execution.failureReason = 'Step failure: One or multiple steps failed.';
  }
  keep(run);
}
