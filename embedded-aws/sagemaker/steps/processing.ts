import type { JsonObject } from '../../contracts.ts';
import { invoke } from '../engine/invoke.ts';
import { keep, type Run, StepFailure, StepStopped } from '../engine/run.ts';
import { generatedName } from '../ids.ts';
import { jobAnswer } from '../jobs/jobs.ts';
import type { StepRecord } from '../state.ts';

/** Starts the job of the step and follows it to its end; a stop of the execution stops the job. */
export async function runProcessingStep(run: Run, record: StepRecord, resolved: JsonObject): Promise<void> {
  const job = invoke(run, 'CreateProcessingJob', {
    input: { ...resolved, ProcessingJobName: generatedName(run.execution.id, record.name) },
    handle: (input, call) => run.jobs.create(input, call),
  });
  record.metadata = { ProcessingJob: { Arn: job.arn } };
  keep(run);
  const stop = () => {
    record.status = 'Stopping';
    run.jobs.stop(job.arn);
  };
  run.signal.addEventListener('abort', stop);
  if (run.signal.aborted) stop();
  try {
    await run.jobs.ended(job.arn);
  } finally {
    run.signal.removeEventListener('abort', stop);
  }
  if (run.signal.aborted && job.status === 'Stopped') throw new StepStopped();
  if (job.status !== 'Completed') {
    const reason = job.failureReason ?? 'The processing job was stopped.';
    throw new StepFailure(`ClientError: ${reason}`, exceptionTypeOf(reason));
  }
  record.properties = jobAnswer(job);
}

function exceptionTypeOf(reason: string): string | undefined {
  if (reason.startsWith('InternalServerError')) return 'SageMaker.JOB_INTERNAL_ERROR';
  return reason.startsWith('CapacityError') ? 'SageMaker.CAPACITY_ERROR' : undefined;
}
