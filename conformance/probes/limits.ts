/** How large a pipeline definition may be, and what is in it. */
import { CreatePipelineCommand } from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { definition, modelStep, putObject, stringParameter, token } from '../fixtures.ts';
import { attempt, outcomeOf } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { outcomes, REFUSED, step } from './definitions.ts';

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

export const limits: readonly Probe[] = [
  {
    id: 'definition-size',
    question: 'How large may a definition be, inline and by S3?',
    matters: 'A definition over 100 KiB is handed over by S3.',
    assumed: '150 KiB by S3 are accepted; more than 1 MiB is refused.',
    source: 'design: 11',
    calls: ['sagemaker:CreatePipeline', 's3:PutObject'],
    async ask(account) {
      const sized = (kib: number) => definition([step(account, {})], { Metadata: { Filler: 'x'.repeat(kib * 1024) } });
      return {
        ...(await outcomes(account, 'size', { 'inline, 150 KiB': sized(150) })),
        'by S3, 150 KiB': await outcomeFromS3(account, 'size-s3-150', sized(150)),
        'by S3, 1025 KiB': await outcomeFromS3(account, 'size-s3-1025', sized(1025)),
      };
    },
    judge: oneOf({ 'by S3, 150 KiB': 'accepted', 'by S3, 1025 KiB': REFUSED }),
  },
  {
    id: 'definition-counts',
    question: 'How many parameters and steps may a definition have, and how long may a step name and a value be?',
    matters: 'What is over a limit is refused before anything is created.',
    assumed: '200 parameters, 1,024 characters a value, 50 steps, 64 characters a step name; one more is refused.',
    source: 'design: 11',
    calls: ['sagemaker:CreatePipeline'],
    async ask(account) {
      const parameters = (count: number) =>
        definition([step(account, {})], { Parameters: many(count, (i) => stringParameter(`P${i}`)) });
      const value = (length: number) =>
        definition([step(account, {})], { Parameters: [stringParameter('P', 'v'.repeat(length))] });
      const named = (name: string) => modelStep(account, name);
      return await outcomes(account, 'counts', {
        '200 parameters': parameters(200),
        '201 parameters': parameters(201),
        'value of 1024': value(1024),
        'value of 1025': value(1025),
        '50 steps': definition(many(50, (i) => named(`Step${i}`))),
        '51 steps': definition(many(51, (i) => named(`Step${i}`))),
        'step name of 64': definition([named('n'.repeat(64))]),
        'step name of 65': definition([named('n'.repeat(65))]),
      });
    },
    judge: oneOf({
      '200 parameters': 'accepted',
      '201 parameters': REFUSED,
      'value of 1024': 'accepted',
      'value of 1025': REFUSED,
      '50 steps': 'accepted',
      '51 steps': REFUSED,
      'step name of 64': 'accepted',
      'step name of 65': REFUSED,
    }),
  },
];

async function outcomeFromS3(account: Account, what: string, text: string): Promise<string> {
  const { bucket, role } = account.options;
  const key = account.keyOf(`${what}.json`);
  await putObject(account, `${what}.json`, text);
  account.made.pipelines.add(account.nameOf(what));
  const request = new CreatePipelineCommand({
    PipelineName: account.nameOf(what),
    PipelineDefinitionS3Location: { Bucket: bucket, ObjectKey: key },
    ClientRequestToken: token(account, what),
    RoleArn: role,
  });
  return outcomeOf(await attempt(account.sagemaker.send(request)));
}
