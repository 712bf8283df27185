import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { JsonObject } from '../../embedded-aws/contracts.ts';
import { objects, text } from '../../embedded-aws/sagemaker/json.ts';
import { motoServer, type Moto, startMoto } from './moto.ts';

// Where moto answers otherwise than AWS, as far as a deployment meets it. Every row is asked of moto alone: one that fails
// says that moto has learned it, and that the row, with what stands in for it, can go.
const program = motoServer() ?? '';
const suite = existsSync(program) ? describe : describe.skip;
if (!existsSync(program)) console.warn('SKIPPED: moto_server is not installed (BSM_TOOLS_BIN).');

let moto: Moto;
beforeAll(async () => {
  if (program !== '' && existsSync(program)) moto = await startMoto(program);
});
afterAll(() => moto?.close());

const ROLE = 'arn:aws:iam::123456789012:role/bsm-pipeline';
const PipelineDefinition = '{"Version": "2020-12-01", "Parameters": [], "Steps": []}';
const TOKEN = 'x'.repeat(32);

let count = 0;
async function pipeline(): Promise<string> {
  count += 1;
  const PipelineName = `pipeline-${count}`;
  await moto.call('SageMaker.CreatePipeline', {
    PipelineName,
    PipelineDefinition,
    RoleArn: ROLE,
    ClientRequestToken: TOKEN,
  });
  return PipelineName;
}

async function start(PipelineName: string, more: JsonObject = {}): Promise<string> {
  const input = { PipelineName, ClientRequestToken: TOKEN, ...more };
  return text(await moto.call('SageMaker.StartPipelineExecution', input), 'PipelineExecutionArn') ?? '';
}

async function modelPackage(more: JsonObject = {}): Promise<string> {
  const ModelPackageGroupName = 'group';
  await moto.call('SageMaker.CreateModelPackageGroup', { ModelPackageGroupName }).catch(() => undefined);
  const input = { ModelPackageGroupName, ModelApprovalStatus: 'PendingManualApproval', ...more };
  return text(await moto.call('SageMaker.CreateModelPackage', input), 'ModelPackageArn') ?? '';
}

const refused = (target: string, input: JsonObject) =>
  moto.call(target, input).then(
    () => 'answered',
    (thrown: unknown) => /: (\d{3}) /.exec(String(thrown))?.[1],
  );

interface Difference {
  /** What AWS does. */
  readonly aws: string;
  /** What stands in for it in these tests; `nothing` where a deployment can do without. */
  readonly here: string;
  readonly moto: unknown;
  readonly ask: () => Promise<unknown>;
}

const DIFFERENCES: readonly Difference[] = [
  {
    aws: 'an execution is Executing until its steps have ended',
    here: 'the driver; DescribePipelineExecution and ListPipelineExecutions tell how far it is',
    moto: 'Succeeded',
    ask: async () => {
      const asked = { PipelineExecutionArn: await start(await pipeline()) };
      return text(await moto.call('SageMaker.DescribePipelineExecution', asked), 'PipelineExecutionStatus');
    },
  },
  {
    aws: 'ListPipelineExecutionSteps names the steps',
    here: 'the driver',
    moto: '500',
    ask: async () =>
      refused('SageMaker.ListPipelineExecutionSteps', { PipelineExecutionArn: await start(await pipeline()) }),
  },
  {
    aws: 'StopPipelineExecution stops an execution',
    here: 'nothing: no test stops one',
    moto: '500',
    ask: async () =>
      refused('SageMaker.StopPipelineExecution', {
        PipelineExecutionArn: await start(await pipeline()),
        ClientRequestToken: TOKEN,
      }),
  },
  {
    aws: 'ListPipelineExecutions has the newest first where that is asked for',
    here: 'the proxy turns the list round',
    moto: ['first', 'second'],
    ask: async () => {
      const PipelineName = await pipeline();
      await start(PipelineName, { PipelineExecutionDisplayName: 'first' });
      await start(PipelineName, { PipelineExecutionDisplayName: 'second', ClientRequestToken: 'y'.repeat(32) });
      const asked = { PipelineName, SortBy: 'CreationTime', SortOrder: 'Descending' };
      const listed = objects(await moto.call('SageMaker.ListPipelineExecutions', asked), 'PipelineExecutionSummaries');
      return listed.map((summary) => text(summary, 'PipelineExecutionDisplayName'));
    },
  },
  {
    aws: 'the same ClientRequestToken starts one execution',
    here: 'nothing: no test starts side by side',
    moto: 2,
    ask: async () => {
      const name = await pipeline();
      return new Set([await start(name), await start(name)]).size;
    },
  },
  {
    aws: 'UpdatePipeline answers the PipelineVersionId',
    here: 'the proxy counts the versions',
    moto: ['PipelineArn'],
    ask: async () =>
      Object.keys(await moto.call('SageMaker.UpdatePipeline', { PipelineName: await pipeline(), PipelineDefinition })),
  },
  {
    aws: 'ListPipelineVersions lists the versions of a pipeline',
    here: 'the proxy counts them',
    moto: '500',
    ask: async () => refused('SageMaker.ListPipelineVersions', { PipelineName: await pipeline() }),
  },
  {
    aws: 'StartPipelineExecution starts the version that is asked for, or refuses it',
    here: 'an execution of another version than the newest fails',
    moto: 'started',
    ask: async () => ((await start(await pipeline(), { PipelineVersionId: 99 })) === '' ? 'refused' : 'started'),
  },
  {
    aws: 'UpdateModelPackage keeps the approval that it does not name',
    here: 'the proxy names it',
    moto: undefined,
    ask: async () => {
      const ModelPackageArn = await modelPackage();
      await moto.call('SageMaker.UpdateModelPackage', { ModelPackageArn, CustomerMetadataProperties: { a: '1' } });
      const found = await moto.call('SageMaker.DescribeModelPackage', { ModelPackageName: ModelPackageArn });
      return found['ModelApprovalStatus'];
    },
  },
  {
    aws: 'UpdateModelPackage adds to the metadata',
    here: 'the proxy sends the union',
    moto: { b: '2' },
    ask: async () => {
      const ModelPackageArn = await modelPackage({ CustomerMetadataProperties: { a: '1' } });
      await moto.call('SageMaker.UpdateModelPackage', { ModelPackageArn, CustomerMetadataProperties: { b: '2' } });
      const found = await moto.call('SageMaker.DescribeModelPackage', { ModelPackageName: ModelPackageArn });
      return found['CustomerMetadataProperties'];
    },
  },
  {
    aws: 'the same ClientToken makes one model package',
    here: 'nothing: the registration job looks for its record first',
    moto: 2,
    ask: async () =>
      new Set([await modelPackage({ ClientToken: TOKEN }), await modelPackage({ ClientToken: TOKEN })]).size,
  },
  {
    aws: 'a processing job runs its container',
    here: 'the driver runs its script, puts its outputs and its log, and tells its failure and its ExitMessage',
    moto: 'Completed',
    ask: async () => {
      const ProcessingJobName = 'job-1';
      const machine = { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 30 };
      await moto.call('SageMaker.CreateProcessingJob', {
        ProcessingJobName,
        RoleArn: ROLE,
        AppSpecification: { ImageUri: 'none', ContainerEntrypoint: ['false'] },
        ProcessingResources: { ClusterConfig: machine },
      });
      const found = await moto.call('SageMaker.DescribeProcessingJob', { ProcessingJobName });
      return found['ProcessingJobStatus'];
    },
  },
  {
    aws: 'CreatePipeline refuses a definition that is none',
    here: 'nothing: the embedded AWS refuses it',
    moto: 'answered',
    ask: () =>
      refused('SageMaker.CreatePipeline', {
        PipelineName: 'broken',
        PipelineDefinition: 'none',
        RoleArn: ROLE,
        ClientRequestToken: TOKEN,
      }),
  },
];

suite('moto differs', () => {
  test.each(DIFFERENCES)('AWS: $aws. Here: $here', async ({ ask, moto: answer }) => {
    expect(await ask()).toEqual(answer);
  });
});
