/** One execution without a job, a model step and a registration, that many probes look at. */
import { type DescribePipelineExecutionResponse, UpdatePipelineCommand } from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { linkExecution, linkPackage } from '../console-links.ts';
import { endOf, start } from '../executions.ts';
import { definition, modelStep, pipelineNamed, registerStep, stringParameter } from '../fixtures.ts';
import { needed } from '../outcome.ts';
import { createGroup } from './registry.ts';

/** With capitals: ARNs may lose them. */
export const GROUP = 'RunGroup';

export interface Run {
  readonly pipeline: string;
  readonly text: string;
  readonly arn: string;
  readonly end: DescribePipelineExecutionResponse;
}

function definitionOf(account: Account): string {
  const register = { ...registerStep(account, account.nameOf(GROUP)), DependsOn: ['MakeModel'] };
  return definition([modelStep(account, 'MakeModel'), register], { Parameters: [stringParameter('Note')] });
}

export function sharedRun(account: Account): Promise<Run> {
  return account.once('run', async () => {
    needed(await createGroup(account, GROUP));
    const text = definitionOf(account);
    const pipeline = await pipelineNamed(account, 'run', text);
    const arn = await start(account, 'run', {
      PipelineName: pipeline,
      PipelineParameters: [{ Name: 'Note', Value: 'from a parameter' }],
    });
    linkExecution(account, arn);
    // The first of the group, which this execution registers.
    linkPackage(account, account.nameOf(GROUP), 1);
    return { pipeline, text, arn, end: await endOf(account, arn) };
  });
}

/** A model step that fails (its archive is missing) beside one that works. */
export function failedRun(account: Account): Promise<Run> {
  return account.once('failed run', async () => {
    const missing = modelStep(account, 'Fails', { url: account.uriOf('missing.tar.gz') });
    const text = definition([modelStep(account, 'Works'), missing]);
    const pipeline = await pipelineNamed(account, 'failed', text);
    const arn = await start(account, 'failed', { PipelineName: pipeline });
    return { pipeline, text, arn, end: await endOf(account, arn) };
  });
}

export interface Chain {
  readonly pipeline: string;
  readonly source: string;
  /** The definition with the two steps, and the one with a third. */
  readonly short: string;
  readonly long: string;
}

/** Pipeline A -> B that ran once, and has since been updated to A -> B, A -> C (its second version). */
export function chain(account: Account): Promise<Chain> {
  return account.once('chain', async () => {
    const after = (name: string) =>
      modelStep(account, name, { env: { FROM: { Get: 'Steps.A.ModelName' } }, more: { DependsOn: ['A'] } });
    const short = definition([modelStep(account, 'A'), after('B')]);
    const long = definition([modelStep(account, 'A'), after('B'), after('C')]);
    const pipeline = await pipelineNamed(account, 'chain', short);
    const source = await start(account, 'chain', { PipelineName: pipeline });
    await endOf(account, source);
    await account.sagemaker.send(new UpdatePipelineCommand({ PipelineName: pipeline, PipelineDefinition: long }));
    return { pipeline, source, short, long };
  });
}
