import type { Json, JsonObject } from '../../embedded-aws/contracts.ts';
import { object, objects, strings, text } from '../../embedded-aws/sagemaker/json.ts';
import { resolve, type Scope } from './expressions.ts';
import { runJob } from './job.ts';
import type { Moto } from './moto.ts';

/** What moto does not know of an execution, which it calls Succeeded as soon as it is started. */
export interface Execution {
  readonly arn: string;
  /** Of the pipeline, where one was asked for. */
  readonly version: number | undefined;
  status: 'Executing' | 'Succeeded' | 'Failed';
  /** As ListPipelineExecutionSteps shows them. */
  readonly steps: JsonObject[];
}

export interface DriverContext {
  readonly moto: Moto;
  /** Of the proxy: what jobs talk to. */
  readonly url: string;
  /** What DescribeProcessingJob says of a job beyond moto, by the job's name. */
  readonly jobs: Map<string, JsonObject>;
}

interface Done {
  /** What other steps can refer to. */
  readonly properties: JsonObject;
  readonly metadata: JsonObject;
  readonly failureReason?: string;
}

/** Does what the pipeline would do: the definition and the parameters are moto's, and so is all that the steps make. */
export async function drive(execution: Execution, context: DriverContext): Promise<void> {
  const { moto } = context;
  const asked = { PipelineExecutionArn: execution.arn };
  const described = await moto.call('SageMaker.DescribePipelineDefinitionForExecution', asked);
  const definition = JSON.parse(text(described, 'PipelineDefinition') ?? '') as JsonObject;
  const given = await moto.call('SageMaker.ListPipelineParametersForExecution', asked);
  const scope = scopeOf(execution, definition, objects(given, 'PipelineParameters'));
  for (const step of objects(definition, 'Steps')) {
    const name = text(step, 'Name') ?? '';
    if (!strings(step, 'DependsOn').every((before) => before in scope.Steps)) continue;
    const shown: JsonObject = {
      StepName: name,
      StepStatus: 'Executing',
      StartTime: Date.now() / 1000,
      AttemptCount: 1,
    };
    execution.steps.push(shown);
    const done = await runStep(step, { id: idOf(execution), scope }, context);
    const end = done.failureReason === undefined ? 'Succeeded' : 'Failed';
    Object.assign(shown, { StepStatus: end, EndTime: Date.now() / 1000, Metadata: done.metadata });
    if (done.failureReason === undefined) scope.Steps[name] = done.properties;
    else shown['FailureReason'] = done.failureReason;
  }
  execution.status = execution.steps.every(({ StepStatus }) => StepStatus === 'Succeeded') ? 'Succeeded' : 'Failed';
}

function idOf({ arn }: Execution): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function scopeOf(execution: Execution, definition: JsonObject, given: readonly JsonObject[]): Scope {
  const defaults = objects(definition, 'Parameters').map((one) => [text(one, 'Name') ?? '', one['DefaultValue'] ?? '']);
  const values = given.map((one) => [text(one, 'Name') ?? '', one['Value'] ?? '']);
  return {
    Parameters: Object.fromEntries([...defaults, ...values]) as JsonObject,
    Execution: { PipelineExecutionArn: execution.arn, PipelineExecutionId: idOf(execution) },
    Steps: {},
  };
}

async function runStep(
  step: JsonObject,
  { id, scope }: { readonly id: string; readonly scope: Scope },
  context: DriverContext,
): Promise<Done> {
  const input = resolve(step['Arguments'] ?? {}, scope) as JsonObject;
  const name = `pipelines-${id}-${text(step, 'Name') ?? ''}`.slice(0, 63);
  switch (text(step, 'Type')) {
    case 'Model':
      return createModel({ ...input, ModelName: name }, context.moto);
    case 'Processing':
      return runProcessing(name, { ...input, ProcessingJobName: name }, context);
    case 'RegisterModel':
      return register(input, context.moto);
    default:
      throw new Error(`The driver knows no step of type ${text(step, 'Type')}.`);
  }
}

async function createModel(input: JsonObject, moto: Moto): Promise<Done> {
  const { ModelArn } = await moto.call('SageMaker.CreateModel', input);
  return { properties: input, metadata: { Model: { Arn: ModelArn ?? '' } } };
}

async function register(input: JsonObject, moto: Moto): Promise<Done> {
  const { ModelPackageArn = '' } = await moto.call('SageMaker.CreateModelPackage', input);
  return { properties: { ...input, ModelPackageArn }, metadata: { RegisterModel: { Arn: ModelPackageArn } } };
}

async function runProcessing(name: string, input: JsonObject, context: DriverContext): Promise<Done> {
  const { moto, jobs } = context;
  const { ProcessingJobArn = '' } = await moto.call('SageMaker.CreateProcessingJob', input);
  const { exitCode, exitMessage, lines } = await runJob(input, context);
  await keepLog(name, lines, moto);
  const metadata = { ProcessingJob: { Arn: ProcessingJobArn } };
  if (exitCode === 0) return { properties: input, metadata };
  const failureReason = `AlgorithmError: , exit code: ${exitCode}`;
  const told: JsonObject = { ProcessingJobStatus: 'Failed', FailureReason: failureReason };
  jobs.set(name, exitMessage === undefined ? told : { ...told, ExitMessage: exitMessage });
  return { properties: input, metadata, failureReason: `ClientError: ${failureReason}` };
}

/** Where SageMaker would write what the container prints. */
async function keepLog(job: string, lines: readonly string[], moto: Moto): Promise<void> {
  const stream = { logGroupName: '/aws/sagemaker/ProcessingJobs', logStreamName: `${job}/algo-1-1` };
  const { logGroupName } = stream;
  const groups = await moto.call('Logs_20140328.DescribeLogGroups', { logGroupNamePrefix: logGroupName });
  if (objects(groups, 'logGroups').length === 0) await moto.call('Logs_20140328.CreateLogGroup', { logGroupName });
  await moto.call('Logs_20140328.CreateLogStream', stream);
  const logEvents: Json = lines.map((line) => ({ timestamp: Date.now(), message: line === '' ? ' ' : line }));
  await moto.call('Logs_20140328.PutLogEvents', { ...stream, logEvents });
}

/** AWS keeps what an update does not name and adds to the metadata; moto replaces all of it. */
export async function mergedUpdate(input: JsonObject, region: string, moto: Moto): Promise<JsonObject> {
  const asked = { ModelPackageName: input['ModelPackageArn'] ?? '' };
  const found = await moto.call('SageMaker.DescribeModelPackage', asked, region);
  const kept: JsonObject = {};
  for (const member of ['ModelApprovalStatus', 'ApprovalDescription'] as const) {
    const value = found[member];
    if (value !== undefined && value !== null) kept[member] = value;
  }
  const metadata = { ...object(found, 'CustomerMetadataProperties'), ...object(input, 'CustomerMetadataProperties') };
  return { ...kept, ...input, CustomerMetadataProperties: metadata };
}
