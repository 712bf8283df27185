import { DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Account } from '../account.ts';
import { jobPipeline, type JobRun, runJob } from '../jobs.ts';
import { type Answer, needed } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { put } from './objects.ts';

/** Processing jobs that end in other ways than well. */

const CALLS = ['sagemaker:StartPipelineExecution', 'sagemaker:DescribeProcessingJob'];

function failing(account: Account): Promise<JobRun> {
  return account.once('failing job', async () => {
    const pipeline = await jobPipeline(account, 'failing-job', { script: 'exit_message.py' });
    return await runJob(account, pipeline, { what: 'failing-job' });
  });
}

function ending({ job, step }: JobRun): Answer {
  const said = job?.FailureReason ?? step.FailureReason ?? null;
  return { status: job?.ProcessingJobStatus ?? 'not started', step: step.StepStatus ?? null, said };
}

export const jobs: readonly Probe[] = [
  {
    id: 'exit-message',
    question: 'Does ExitMessage hold the beginning of what a failing job wrote into /opt/ml/output/message?',
    matters: 'The packager tells its one sentence there; FailureReason stays generic.',
    assumed: 'Its first kilobyte; FailureReason tells the exit code only.',
    source: 'design: 7',
    needs: ['jobs'],
    jobs: ['failing'],
    calls: CALLS,
    async ask(account) {
      const run = await failing(account);
      const message = run.job?.ExitMessage ?? '';
      const bytes = Buffer.byteLength(message);
      return {
        ...ending(run),
        message: /^aé+\uFFFD?$/.test(message) ? 'as written' : message === '' ? 'none' : 'another',
        'first kilobyte': bytes > 1000 && bytes <= 1026,
      };
    },
    judge: oneOf({ status: 'Failed', message: 'as written', 'first kilobyte': true }),
  },
  {
    id: 'log-streams-of-job',
    question: 'Do the log streams of a job begin with its name?',
    matters: 'The tail of the log of a failed job is found that way.',
    assumed: 'In /aws/sagemaker/ProcessingJobs, with the name that DescribeProcessingJob answers.',
    source: 'answers: arn-case',
    needs: ['jobs'],
    jobs: ['failing'],
    calls: ['logs:DescribeLogStreams'],
    async ask(account) {
      const { job } = await failing(account);
      const command = new DescribeLogStreamsCommand({
        logGroupName: '/aws/sagemaker/ProcessingJobs',
        logStreamNamePrefix: `${job?.ProcessingJobName ?? ''}/`,
      });
      return { found: ((await account.logs.send(command)).logStreams ?? []).length > 0 };
    },
    judge: oneOf({ found: true }),
  },
  {
    id: 'job-reads-archived-object',
    question: 'What becomes of a job whose input is an object of the class GLACIER?',
    matters: 'Preflight refuses such a model because the job could not read it.',
    assumed: 'It fails.',
    source: 'answers: archived-objects',
    needs: ['jobs'],
    jobs: ['archived input'],
    calls: CALLS,
    async ask(account) {
      needed(await put(account, 'archived-input/data.txt', { StorageClass: 'GLACIER', IfNoneMatch: '*' }));
      const data = account.uriOf('archived-input/');
      const pipeline = await jobPipeline(account, 'archived', { script: 'container_report.py', data });
      return ending(await runJob(account, pipeline, { what: 'archived' }));
    },
    judge: oneOf({ step: 'Failed' }),
  },
  {
    id: 'volume-key-on-local-storage',
    question: 'Is a volume key refused for instances with storage of their own (g4dn and others)?',
    matters: 'A configuration with a key and such an instance would fail after the start.',
    assumed: 'The step fails: VolumeKmsKeyId cannot be requested.',
    source: 'answers: local-storage',
    needs: ['jobs', 'kms-key'],
    jobs: ['local storage'],
    calls: CALLS,
    async ask(account) {
      const cluster = { InstanceType: 'ml.g4dn.xlarge', VolumeKmsKeyId: account.options.kmsKey ?? '' };
      const pipeline = await jobPipeline(account, 'local-storage', { script: 'container_report.py', cluster });
      return ending(await runJob(account, pipeline, { what: 'local-storage' }));
    },
    judge: oneOf({ step: 'Failed' }),
  },
  {
    id: 'outputs-with-key',
    question: 'Can the role run a job whose volume and outputs are encrypted with a key?',
    matters: 'docs/policies holds what the role needs for it; the grant must not be narrowed.',
    assumed: 'Yes, with kms:Encrypt, kms:DescribeKey and kms:CreateGrant.',
    source: 'answers: keys-on-outputs',
    needs: ['jobs', 'kms-key'],
    jobs: ['key'],
    calls: CALLS,
    async ask(account) {
      const key = account.options.kmsKey ?? '';
      const output = {
        S3Uri: account.uriOf('out/key'),
        LocalPath: '/opt/ml/processing/output',
        S3UploadMode: 'EndOfJob',
      };
      const outputs = { KmsKeyId: key, Outputs: [{ OutputName: 'out', AppManaged: false, S3Output: output }] };
      const plan = {
        script: 'container_report.py',
        cluster: { VolumeKmsKeyId: key },
        more: { ProcessingOutputConfig: outputs },
      };
      return ending(await runJob(account, await jobPipeline(account, 'key', plan), { what: 'key' }));
    },
    judge: oneOf({ status: 'Completed', step: 'Succeeded' }),
  },
];
