import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CreatePipelineCommand } from '@aws-sdk/client-sagemaker';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { packTar } from 'modern-tar';
import type { Account } from './account.ts';
import { attempt, type Json, needed, type Outcome } from './outcome.ts';

/** Pipelines, steps and objects that probes make. Nothing here starts a job but `jobStep`. */

export type JsonObject = { readonly [name: string]: Json };

/** The image that a configuration without a framework version gets (docs/design.md, section 3). */
export const IMAGE = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.1.0-cpu-py310';

export function definition(steps: readonly JsonObject[], more: JsonObject = {}): string {
  return JSON.stringify({
    Version: '2020-12-01',
    Metadata: {},
    Parameters: [],
    ...more,
    Steps: steps,
  });
}

export function stringParameter(name: string, value = 'none'): JsonObject {
  return { Name: name, Type: 'String', DefaultValue: value };
}

/** A step that makes a SageMaker model: no job, no cost. */
export function modelStep(
  account: Account,
  name: string,
  of: { url?: Json; env?: JsonObject; more?: JsonObject } = {},
) {
  const container = {
    Image: IMAGE,
    ModelDataUrl: of.url ?? account.uriOf('model.tar.gz'),
    Environment: of.env ?? { PROBE: name },
  };
  return {
    Name: name,
    Type: 'Model',
    Arguments: { ExecutionRoleArn: account.options.role, PrimaryContainer: container },
    ...of.more,
  };
}

export function specification(url: Json): JsonObject {
  return {
    Containers: [{ Image: IMAGE, ModelDataUrl: url, Framework: 'PYTORCH', FrameworkVersion: '2.1' }],
    SupportedContentTypes: ['text/csv'],
    SupportedResponseMIMETypes: ['application/json'],
    SupportedRealtimeInferenceInstanceTypes: ['ml.m5.large'],
  };
}

export function registerStep(account: Account, group: string, more: JsonObject = {}): JsonObject {
  return {
    Name: 'Register',
    Type: 'RegisterModel',
    Arguments: {
      ModelPackageGroupName: group,
      InferenceSpecification: specification(account.uriOf('model.tar.gz')),
      ModelApprovalStatus: 'PendingManualApproval',
      ...more,
    },
  };
}

/** A pipeline of that definition, under a name of this run. */
export function createPipeline(account: Account, what: string, pipelineDefinition: string): Promise<Outcome<unknown>> {
  return attempt(account.sagemaker.send(createCommand(account, what, pipelineDefinition)));
}

export function createCommand(account: Account, what: string, pipelineDefinition: string): CreatePipelineCommand {
  account.made.pipelines.add(account.nameOf(what));
  return new CreatePipelineCommand({
    PipelineName: account.nameOf(what),
    PipelineDefinition: pipelineDefinition,
    ClientRequestToken: token(account, what),
    RoleArn: account.options.role,
  });
}

export async function accountId(account: Account): Promise<string> {
  const { Account: id = '' } = await account.once('caller', () => account.sts.send(new GetCallerIdentityCommand({})));
  return id;
}

/** SageMaker wants 32 to 128 characters. */
export function token(account: Account, what: string): string {
  return `${account.nameOf(what)}-${'0'.repeat(32)}`.slice(0, 100);
}

export async function pipelineNamed(account: Account, what: string, pipelineDefinition: string): Promise<string> {
  await modelArchive(account);
  needed(await createPipeline(account, what, pipelineDefinition));
  return account.nameOf(what);
}

/** A model archive with one small file in it. */
export function modelArchive(account: Account): Promise<string> {
  return account.once('model archive', async () => {
    await putObject(account, 'model.tar.gz', await archiveBytes());
    return account.uriOf('model.tar.gz');
  });
}

export async function archiveBytes(): Promise<Uint8Array> {
  const files = [{ header: { name: 'model.txt', size: 6, type: 'file' as const }, body: 'model\n' }];
  return gzipSync(Buffer.from(await packTar(files)));
}

/** A new object: with the condition that buckets may demand (docs/aws-answers.md, conditional-copies). */
export async function putObject(account: Account, what: string, body: string | Uint8Array): Promise<void> {
  await replaceObject(account, what, body, { IfNoneMatch: '*' });
}

export async function replaceObject(
  account: Account,
  what: string,
  ...[body, condition]: [body: string | Uint8Array, condition?: { readonly IfNoneMatch: '*' }]
): Promise<void> {
  const at = { Bucket: account.options.bucket, Key: account.keyOf(what) };
  await account.s3.send(new PutObjectCommand({ ...at, Body: body, ...condition }));
}
