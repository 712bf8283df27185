import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { JsonObject } from '../../embedded-aws/contracts.ts';
import { number, objects, text } from '../../embedded-aws/sagemaker/json.ts';
import { drive, type DriverContext, type Execution, mergedUpdate } from './driver.ts';
import { startMoto } from './moto.ts';
import type { Moto } from './moto.ts';
import { createVersions, type Versions } from './versions.ts';

/**
 * moto with a thin proxy before it. Everything is asked of moto, and its answer is handed on as it is; the proxy changes
 * only what differences.deep.test.ts lists: it starts the driver, tells how far that is, and counts versions.
 */
export interface SecondAws {
  readonly url: string;
  readonly moto: Moto;
  /** The operations since the last call that moto was asked for, in order; S3 by method. */
  operations(): readonly string[];
  /** What moto refused as something that it does not have. */
  readonly unknown: readonly string[];
  close(): Promise<void>;
}

interface Call {
  readonly operation: string;
  readonly region: string;
  readonly input: JsonObject;
}

export async function startSecondAws(program: string): Promise<SecondAws> {
  const moto = await startMoto(program);
  const executions = new Map<string, Execution>();
  const versions = createVersions(moto);
  const running = new Set<Promise<void>>();
  const asked: string[] = [];
  const unknown: string[] = [];
  const server = createServer((request, response) => {
    void forward(request, response).catch((thrown: unknown) => response.writeHead(599).end(String(thrown)));
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context: DriverContext = { moto, url, jobs: new Map() };

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const target = request.headers['x-amz-target'];
    const operation = typeof target === 'string' ? target.slice(target.indexOf('.') + 1) : other(request);
    asked.push(operation);
    if (typeof target !== 'string' || !target.startsWith('SageMaker.')) return pass(request, response, body);
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const call = { operation, region, input: JSON.parse(body.toString()) as JsonObject };
    const own = ownAnswer(call, executions, versions);
    if (own !== undefined) return answer(response, 200, own);
    const input = operation === 'UpdateModelPackage' ? await mergedUpdate(call.input, region, moto) : call.input;
    const motos = await fetch(`${moto.url}/`, {
      method: 'POST',
      headers: forwarded(request, ['authorization', 'x-amz-target', 'content-type']),
      body: JSON.stringify(input),
    });
    const said = await motos.text();
    if (motos.status >= 500) unknown.push(`${operation}: ${motos.status}`);
    if (!motos.ok) return void response.writeHead(motos.status, { 'content-type': 'application/json' }).end(said);
    const value = JSON.parse(said || '{}') as JsonObject;
    if (operation === 'StartPipelineExecution') start(text(value, 'PipelineExecutionArn') ?? '', call.input);
    return answer(response, motos.status, await changed(call, value, { executions, jobs: context.jobs, versions }));
  }

  async function pass(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const { hostname, port } = new URL(moto.url);
    const outgoing = send({ hostname, port, path: request.url, method: request.method, headers: request.headers });
    await new Promise<void>((settle, reject) => {
      outgoing.once('error', reject).once('response', (incoming) => {
        if ((incoming.statusCode ?? 0) >= 500) unknown.push(`${request.method} ${request.url}: ${incoming.statusCode}`);
        response.writeHead(incoming.statusCode ?? 502, incoming.headers);
        incoming.pipe(response).once('finish', settle);
      });
      outgoing.end(body);
    });
  }

  function start(arn: string, input: JsonObject): void {
    const version = number(input, 'PipelineVersionId');
    const execution: Execution = { arn, version, status: 'Executing', steps: [] };
    executions.set(arn, execution);
    // moto runs what the pipeline is now, whatever version it is asked for.
    const isOurs = version === undefined || versions.isNewest(text(input, 'PipelineName') ?? '', version);
    const driven = (
      isOurs ? drive(execution, context) : Promise.reject(new Error(`Version ${version} is not the newest.`))
    ).catch((thrown: unknown) => {
      execution.status = 'Failed';
      execution.steps.push({ StepName: 'Driver', StepStatus: 'Failed', FailureReason: String(thrown) });
    });
    running.add(driven);
  }

  return {
    url,
    moto,
    unknown,
    operations: () => asked.splice(0),
    async close() {
      await Promise.all(running);
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
      await moto.close();
    },
  };
}

/** STS has the query protocol and is only asked who we are; all else without a target is S3. */
function other({ method = '', url }: IncomingMessage): string {
  return method === 'POST' && url === '/' ? 'GetCallerIdentity' : method;
}

/** moto has neither steps of executions nor versions of pipelines. */
function ownAnswer(
  { operation, input }: Call,
  executions: ReadonlyMap<string, Execution>,
  versions: Versions,
): JsonObject | undefined {
  if (operation === 'ListPipelineVersions') return versions.list(text(input, 'PipelineName') ?? '');
  if (operation !== 'ListPipelineExecutionSteps') return undefined;
  return { PipelineExecutionSteps: executions.get(text(input, 'PipelineExecutionArn') ?? '')?.steps ?? [] };
}

interface Known {
  readonly executions: ReadonlyMap<string, Execution>;
  readonly jobs: ReadonlyMap<string, JsonObject>;
  readonly versions: Versions;
}

async function changed({ operation, input }: Call, value: JsonObject, known: Known): Promise<JsonObject> {
  const { executions, jobs, versions } = known;
  const name = text(input, 'PipelineName') ?? '';
  switch (operation) {
    case 'CreatePipeline':
      await versions.made(name);
      return value;
    case 'UpdatePipeline':
      return { ...value, PipelineVersionId: await versions.made(name) };
    case 'DescribePipeline': {
      const PipelineDefinition = versions.definition(name, number(input, 'PipelineVersionId') ?? 0);
      return PipelineDefinition === undefined ? value : { ...value, PipelineDefinition };
    }
    case 'DescribePipelineExecution':
      return shown(value, executions);
    case 'ListPipelineExecutions': {
      const summaries = objects(value, 'PipelineExecutionSummaries').map((summary) => shown(summary, executions));
      return { ...value, PipelineExecutionSummaries: summaries.reverse() };
    }
    case 'DescribeProcessingJob':
      return { ...value, ...jobs.get(text(input, 'ProcessingJobName') ?? '') };
    default:
      return value;
  }
}

/** An execution, or its summary, as far as the driver is. */
function shown(value: JsonObject, executions: ReadonlyMap<string, Execution>): JsonObject {
  const execution = executions.get(text(value, 'PipelineExecutionArn') ?? '');
  if (execution === undefined) return value;
  const { status, version } = execution;
  const told: JsonObject = { ...value, PipelineExecutionStatus: status };
  return version === undefined ? told : { ...told, PipelineVersionId: version };
}

function forwarded(request: IncomingMessage, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, String(request.headers[name] ?? '')]));
}

function answer(response: ServerResponse, status: number, value: JsonObject): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(value));
}
