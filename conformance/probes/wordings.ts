import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeModelCommand,
  DescribeModelPackageCommand,
  DescribeModelPackageGroupCommand,
  DescribePipelineCommand,
  DescribePipelineExecutionCommand,
  DescribeProcessingJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { HOME } from '../clients.ts';
import { accountId } from '../fixtures.ts';
import { attempt, worded } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';

/** How AWS says that something is not there. Our code tells "not there" from "not allowed" by these words. */

async function arnOf(account: Account, resource: string): Promise<string> {
  return `arn:aws:sagemaker:${HOME}:${await accountId(account)}:${resource}`;
}

const MISSING = 'missing';

export const wordings: readonly Probe[] = [
  {
    id: 'missing-pipeline',
    question: 'How does DescribePipeline say that there is no such pipeline?',
    matters: 'A pipeline that is not there is created; any other refusal must stop the deployment.',
    assumed: 'ResourceNotFound with "does not exist".',
    source: 'answers: wordings',
    calls: ['sagemaker:DescribePipeline'],
    async ask(account) {
      const command = new DescribePipelineCommand({ PipelineName: account.nameOf(MISSING) });
      return worded(await attempt(account.sagemaker.send(command)), /does not exist/i);
    },
    judge: oneOf({ outcome: 'ResourceNotFound' }),
  },
  {
    id: 'missing-execution',
    question: 'How does DescribePipelineExecution say that there is no such execution?',
    matters: 'A claim whose execution is gone is taken over.',
    assumed: 'ResourceNotFound.',
    source: 'answers: wordings',
    calls: ['sagemaker:DescribePipelineExecution'],
    async ask(account) {
      const arn = await arnOf(account, `pipeline/${account.nameOf(MISSING)}/execution/abcdefghijkl`);
      const command = new DescribePipelineExecutionCommand({ PipelineExecutionArn: arn });
      return worded(await attempt(account.sagemaker.send(command)), /does not exist|not found/i);
    },
    judge: oneOf({ outcome: 'ResourceNotFound' }),
  },
  {
    id: 'missing-group',
    question: 'How does DescribeModelPackageGroup say that there is no such group?',
    matters: 'A missing group is created, or refused where its ARN was given.',
    assumed: 'ValidationException with "does not exist" or "Cannot find Model Package Group".',
    source: 'answers: wordings',
    calls: ['sagemaker:DescribeModelPackageGroup'],
    async ask(account) {
      const command = new DescribeModelPackageGroupCommand({ ModelPackageGroupName: account.nameOf(MISSING) });
      return worded(await attempt(account.sagemaker.send(command)), /does not exist|cannot find model package group/i);
    },
    judge: oneOf({ outcome: 'ValidationException', words: 'as assumed' }),
  },
  {
    id: 'missing-package',
    question: 'How does DescribeModelPackage say that there is no such package?',
    matters: 'A recorded package that was deleted is registered again.',
    assumed: 'ValidationException with "does not exist" or "Cannot find Model Package".',
    source: 'answers: wordings',
    calls: ['sagemaker:DescribeModelPackage'],
    async ask(account) {
      const arn = await arnOf(account, `model-package/${account.nameOf(MISSING)}/1`);
      const command = new DescribeModelPackageCommand({ ModelPackageName: arn });
      return worded(await attempt(account.sagemaker.send(command)), /does not exist|cannot find model package/i);
    },
    judge: oneOf({ outcome: 'ValidationException', words: 'as assumed' }),
  },
  {
    id: 'missing-model',
    question: 'How does DescribeModel say that there is no such model?',
    matters: 'A model of a cached execution may be deleted: its name is then left out, nothing fails.',
    assumed: 'ValidationException with "Could not find model".',
    source: 'answers: wordings',
    calls: ['sagemaker:DescribeModel'],
    async ask(account) {
      const command = new DescribeModelCommand({ ModelName: account.nameOf(MISSING) });
      return worded(await attempt(account.sagemaker.send(command)), /could not find model/i);
    },
    judge: oneOf({ outcome: 'ValidationException', words: 'as assumed' }),
  },
  {
    id: 'missing-processing-job',
    question: 'How does DescribeProcessingJob say that there is no such job?',
    matters: 'The explanation of a failed step goes without what is gone.',
    assumed: 'ResourceNotFound or ValidationException, with "Could not find".',
    source: 'answers: wordings',
    calls: ['sagemaker:DescribeProcessingJob'],
    async ask(account) {
      const command = new DescribeProcessingJobCommand({ ProcessingJobName: account.nameOf(MISSING) });
      return worded(await attempt(account.sagemaker.send(command)), /could not find/i);
    },
    judge: oneOf(
      { outcome: 'ResourceNotFound', words: 'as assumed' },
      { outcome: 'ValidationException', words: 'as assumed' },
    ),
  },
  {
    id: 'missing-log-stream',
    question: 'How does CloudWatch Logs say that a stream is not there?',
    matters: 'A job that never started has no log; that is told, and is no error of its own.',
    assumed: 'ResourceNotFoundException.',
    source: 'design: 8',
    calls: ['logs:GetLogEvents'],
    async ask(account) {
      const command = new GetLogEventsCommand({
        logGroupName: '/aws/sagemaker/ProcessingJobs',
        logStreamName: account.nameOf(MISSING),
      });
      return worded(await attempt(account.logs.send(command)), /does not exist/i);
    },
    judge: oneOf({ outcome: 'ResourceNotFoundException' }),
  },
];
