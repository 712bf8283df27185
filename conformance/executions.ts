/** Starting pipeline executions and waiting for them. */
import {
  DescribePipelineExecutionCommand,
  type DescribePipelineExecutionResponse,
  ListPipelineExecutionStepsCommand,
  type PipelineExecutionStep,
  StartPipelineExecutionCommand,
  type StartPipelineExecutionRequest,
} from '@aws-sdk/client-sagemaker';
import type { Account } from './account.ts';
import { token } from './fixtures.ts';
import { attemptOpenly, Denied, needed, type Outcome } from './outcome.ts';

type Start = Partial<StartPipelineExecutionRequest>;

/** @param what names the start: the same name is the same request token */
export async function tryStart(account: Account, what: string, request: Start): Promise<Outcome<string>> {
  const command = startCommand(account, what, request);
  let started = await attemptOpenly(account.sagemaker.send(command));
  // Right after a create, AWS may not know yet that the caller may start it (docs/design.md, section 11).
  for (let again = 0; again < START_ATTEMPTS && !started.ok && started.code === 'AccessDeniedException'; again += 1) {
    await account.pause();
    started = await attemptOpenly(account.sagemaker.send(command));
  }
  if (!started.ok && started.code === 'AccessDeniedException') throw new Denied(started.said);
  return started.ok ? { ok: true, value: started.value.PipelineExecutionArn ?? '' } : started;
}

const START_ATTEMPTS = 20;

export function startCommand(account: Account, what: string, request: Start): StartPipelineExecutionCommand {
  return new StartPipelineExecutionCommand({
    PipelineName: undefined,
    ...request,
    ClientRequestToken: token(account, `start-${what}`),
  });
}

export async function start(account: Account, what: string, request: Start): Promise<string> {
  return needed(await tryStart(account, what, request));
}

const RUNNING = ['Executing', 'Stopping'];

/** Executions of the free probes take a minute or two, those with a job five to ten. */
const LONGEST_MS = 40 * 60_000;

export async function endOf(account: Account, arn: string): Promise<DescribePipelineExecutionResponse> {
  const command = new DescribePipelineExecutionCommand({ PipelineExecutionArn: arn });
  for (let waitedMs = 0; waitedMs <= LONGEST_MS; waitedMs += account.pollMs) {
    const execution = await account.sagemaker.send(command);
    if (!RUNNING.includes(execution.PipelineExecutionStatus ?? 'Executing')) return execution;
    await account.pause();
  }
  throw new Error(
    `The execution ${arn} has not ended after ${LONGEST_MS / 60_000} minutes; look at it in the console.`,
  );
}

async function stepsOf(account: Account, arn: string): Promise<Map<string, PipelineExecutionStep>> {
  const command = new ListPipelineExecutionStepsCommand({ PipelineExecutionArn: arn, MaxResults: 100 });
  const { PipelineExecutionSteps } = await account.sagemaker.send(command);
  return new Map((PipelineExecutionSteps ?? []).map((step) => [step.StepName ?? '', step]));
}

export async function stepOf(account: Account, arn: string, name: string): Promise<PipelineExecutionStep> {
  const steps = await stepsOf(account, arn);
  const step = steps.get(name);
  if (step === undefined) {
    throw new Error(`The execution ${arn} tells of no step ${name}, but of ${[...steps.keys()].join(', ') || 'none'}.`);
  }
  return step;
}
