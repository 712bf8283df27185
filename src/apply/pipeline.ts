import type { Aws, DefinitionSource, DeployedPipeline, PipelineSpec } from '../aws/types.ts';
import { canonicalJson, parseJsonObject } from '../core/json.ts';
import { sha256 } from '../plan/fingerprint.ts';
import type { Plan } from '../plan/types.ts';
import { addMissingTags } from './groups.ts';

export type PipelineChange = 'create' | 'update' | 'none';

export interface DeployedChange {
  readonly arn: string;
  readonly change: PipelineChange;
  /** What to start, where the service said which version our definition became. */
  readonly versionId: number | undefined;
}

// A definition over 100 KiB goes by S3 (limit of the PipelineDefinition member in practice; 1 MiB by S3).
const INLINE_BYTES = 100 * 1024;

/** Creates or updates the pipeline; an unchanged one is left alone. */
export async function deployPipeline(
  plan: Plan,
  deployed: DeployedPipeline | undefined,
  aws: Aws,
): Promise<DeployedChange> {
  const change = pipelineChange(plan, deployed);
  if (deployed !== undefined && change === 'none') {
    await mergeTags(plan, deployed.arn, aws);
    return { arn: deployed.arn, change, versionId: undefined };
  }
  const spec = await pipelineSpec(plan, aws);
  if (change === 'create') {
    const created = await aws.pipelines.create(spec, plan.pipeline.tags);
    if (created !== 'exists') return { arn: created.arn, change, versionId: undefined };
  }
  const updated = await aws.pipelines.update(spec);
  await mergeTags(plan, updated.arn, aws);
  return { ...updated, change: 'update' };
}

/** Compares by meaning, not by text: key order and white space do not matter. */
export function pipelineChange({ pipeline }: Plan, deployed: DeployedPipeline | undefined): PipelineChange {
  if (deployed === undefined) return 'create';
  const same =
    sameDefinition(JSON.stringify(pipeline.definition), deployed.definition) &&
    deployed.roleArn === pipeline.roleArn &&
    deployed.description === pipeline.description;
  return same ? 'none' : 'update';
}

export function sameDefinition(one: string, other: string): boolean {
  const parsed = [parseJsonObject(one), parseJsonObject(other)] as const;
  return parsed[0] !== undefined && parsed[1] !== undefined && canonicalJson(parsed[0]) === canonicalJson(parsed[1]);
}

async function pipelineSpec(plan: Plan, aws: Aws): Promise<PipelineSpec> {
  const { name, description, roleArn, definition } = plan.pipeline;
  return { name, description, roleArn, definition: await definitionSource(plan, JSON.stringify(definition), aws) };
}

async function definitionSource(plan: Plan, text: string, aws: Aws): Promise<DefinitionSource> {
  if (Buffer.byteLength(text) <= INLINE_BYTES) return { text };
  const location = { bucket: plan.definitions.bucket, key: `${plan.definitions.key}/${sha256(text)}.json` };
  await aws.objects.put(location, Buffer.from(text), { condition: { kind: 'absent' }, kmsKey: plan.kmsKey });
  return { location };
}

async function mergeTags({ pipeline }: Plan, arn: string, aws: Aws): Promise<void> {
  if (Object.keys(pipeline.tags).length > 0) await addMissingTags(aws.pipelines, arn, pipeline.tags);
}
