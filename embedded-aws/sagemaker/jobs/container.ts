/**
 * The inside of a processing container, as far as a job can tell. There are no containers here: a job has a folder,
 * and what is `/opt/ml/...` in SageMaker is `<folder>/opt/ml/...`. Arguments and environment values that begin with
 * `/opt/ml/` are rewritten; scripts put `BSM_CONTAINER_ROOT` (not set in SageMaker) before such paths of their own.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../contracts.ts';
import { object, objects, pick, strings, text } from '../json.ts';
import type { JobRecord } from '../state.ts';

/** Credentials for the embedded AWS alone: they are worth nothing anywhere else. */
const jobCredentials = { accessKeyId: 'ASIAEMBEDDEDJOB00000', secretAccessKey: 'embedded-aws-processing-job' };

export type Command = { readonly command: string; readonly args: string[]; readonly env: Record<string, string> };

function inContainer(root: string, value: string): string {
  return value === '/opt/ml' || value.startsWith('/opt/ml/') ? `${root}${value}` : value;
}

/** Folders and files that SageMaker makes before the entry point starts. */
export async function furnishContainer(root: string, job: JobRecord): Promise<void> {
  const folders = ['/opt/ml/config', '/opt/ml/output', '/tmp'];
  for (const output of objects(object(job.input, 'ProcessingOutputConfig') ?? {}, 'Outputs')) {
    const path = text(object(output, 'S3Output') ?? {}, 'LocalPath');
    if (path !== undefined) folders.push(path);
  }
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  const told = ['ProcessingInputs', 'ProcessingOutputConfig', 'ProcessingResources', 'AppSpecification', 'Environment'];
  const config = {
    ProcessingJobArn: job.arn,
    ProcessingJobName: job.name,
    ...pick(job.input, [...told, 'StoppingCondition', 'NetworkConfig', 'RoleArn', 'ExperimentConfig']),
  };
  await writeFile(join(root, '/opt/ml/config/processingjobconfig.json'), JSON.stringify(config));
  const resources = { current_host: 'algo-1', hosts: ['algo-1'] };
  await writeFile(join(root, '/opt/ml/config/resourceconfig.json'), JSON.stringify(resources));
}

/**
 * What to run and with which environment: the job's own and what a job gets from SageMaker. Nothing of this process
 * but PATH: a model's code must not see tokens or credentials of the workflow it runs in.
 */
export function commandOf(
  job: JobRecord,
  setting: { root: string; python: string; region?: string; endpointUrl: string | undefined },
): Command | undefined {
  const application = object(job.input, 'AppSpecification') ?? {};
  const [program, ...args] = [
    ...strings(application, 'ContainerEntrypoint'),
    ...strings(application, 'ContainerArguments'),
  ];
  if (program === undefined || strings(application, 'ContainerEntrypoint').length === 0) return undefined;
  const isPython = program === 'python3' || program === 'python';
  return {
    command: isPython ? setting.python : inContainer(setting.root, program),
    args: args.map((arg) => inContainer(setting.root, arg)),
    env: {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      HOME: setting.root,
      LANG: 'C.UTF-8',
      TMPDIR: join(setting.root, 'tmp'),
      // As SageMaker's images have it: without it a Python script's lines would come when it ends.
      PYTHONUNBUFFERED: '1',
      ...(setting.region === undefined ? {} : { AWS_REGION: setting.region, AWS_DEFAULT_REGION: setting.region }),
      ...environmentOf(job.input, setting.root),
      AWS_ACCESS_KEY_ID: jobCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: jobCredentials.secretAccessKey,
      ...(setting.endpointUrl === undefined ? {} : { AWS_ENDPOINT_URL: setting.endpointUrl }),
      PROCESSING_JOB_NAME: job.name,
      BSM_CONTAINER_ROOT: setting.root,
    },
  };
}

function environmentOf(input: JsonObject, root: string): Record<string, string> {
  const environment = object(input, 'Environment') ?? {};
  const names = Object.keys(environment);
  return Object.fromEntries(names.map((name) => [name, inContainer(root, text(environment, name) ?? '')]));
}
