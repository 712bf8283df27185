/** Registrations by a step of a pipeline. */
import { DescribeModelPackageGroupCommand } from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { endOf, start, stepOf } from '../executions.ts';
import { createPipeline, definition, modelArchive, pipelineNamed, registerStep, stringParameter } from '../fixtures.ts';
import { attempt } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { describe, sharedGroup } from './registry.ts';
import { GROUP, sharedRun } from './run.ts';

async function registeredByStep(account: Account): Promise<string> {
  const { arn } = await sharedRun(account);
  return (await stepOf(account, arn, 'Register')).Metadata?.RegisterModel?.Arn ?? '';
}

export const registrations: readonly Probe[] = [
  {
    id: 'group-made-by-step',
    question: 'Does a RegisterModel step make a group that is not there?',
    matters: 'If it does, a misspelt group would be made without tags; ours is made before the start.',
    assumed: 'It does not: the step fails, and there is no group afterwards.',
    source: 'answers: group-of-a-step',
    calls: ['sagemaker:StartPipelineExecution', 'sagemaker:DescribeModelPackageGroup'],
    async ask(account) {
      const group = account.nameOf('unmade');
      account.made.groups.add(group);
      const name = await pipelineNamed(account, 'unmade', definition([registerStep(account, group)]));
      const arn = await start(account, 'unmade', { PipelineName: name });
      await endOf(account, arn);
      const { StepStatus, FailureReason } = await stepOf(account, arn, 'Register');
      const command = new DescribeModelPackageGroupCommand({ ModelPackageGroupName: group });
      const made = (await attempt(account.sagemaker.send(command))).ok;
      return { made, step: StepStatus ?? null, said: FailureReason ?? null };
    },
    judge: oneOf({ made: false, step: 'Failed' }),
  },
  {
    id: 'package-arn',
    question: 'Does the ARN of a registered version end in the group and its number, and is it found by it?',
    matters: 'Outputs and records name packages by this ARN; group and version are read from the answer.',
    assumed:
      'DescribeModelPackage takes the ARN as the step gave it and answers group (in its own case) and version 1.',
    source: 'answers: arn-case',
    calls: ['sagemaker:DescribeModelPackage'],
    async ask(account) {
      const packageArn = await registeredByStep(account);
      const { ModelPackageGroupName, ModelPackageVersion } = await describe(account, packageArn);
      const group = packageArn.split('/').at(-2) ?? '';
      return {
        arn: group === group.toLowerCase() ? 'lower case' : 'case kept',
        group: ModelPackageGroupName === account.nameOf(GROUP) ? 'case kept' : 'changed',
        version: ModelPackageVersion ?? null,
      };
    },
    judge: oneOf({ group: 'case kept', version: 1 }),
  },
  {
    id: 'parameter-in-metadata',
    question: 'Is a pipeline parameter in the customer metadata of a RegisterModel step replaced by its value?',
    matters: 'Fingerprint and provenance come in by parameters, so that the definition stays the same.',
    assumed: 'The package holds the value of the parameter.',
    source: 'answers: parameters-in-metadata',
    calls: ['sagemaker:StartPipelineExecution', 'sagemaker:DescribeModelPackage'],
    async ask(account) {
      const metadata = { CustomerMetadataProperties: { note: { Get: 'Parameters.Note' } } };
      const register = registerStep(account, await sharedGroup(account), metadata);
      const text = definition([register], { Parameters: [stringParameter('Note')] });
      await modelArchive(account);
      const created = await createPipeline(account, 'noted', text);
      if (!created.ok) return { note: null, outcome: created.code, said: created.said };
      const PipelineParameters = [{ Name: 'Note', Value: 'from a parameter' }];
      const arn = await start(account, 'noted', { PipelineName: account.nameOf('noted'), PipelineParameters });
      await endOf(account, arn);
      const step = await stepOf(account, arn, 'Register');
      const packageArn = step.Metadata?.RegisterModel?.Arn;
      if (packageArn === undefined)
        return { note: null, outcome: step.StepStatus ?? null, said: step.FailureReason ?? null };
      return { note: (await describe(account, packageArn)).CustomerMetadataProperties?.['note'] ?? null };
    },
    judge: oneOf({ note: 'from a parameter' }),
  },
];
