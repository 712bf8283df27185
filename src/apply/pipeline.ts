import type { Aws, DefinitionSource, DeployedPipeline, PipelineSpec, Registry, Taggable } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { type PipelineChange, pipelineChange, sameDefinition } from '../plan/diff.ts';
import { sha256 } from '../plan/locations.ts';
import { descriptionText } from '../plan/model-package.ts';
import type { Plan, Registration } from '../plan/types.ts';

export interface DeployedChange {
  readonly arn: string;
  readonly change: PipelineChange;
  /** What to start: the version that holds our definition; undefined where AWS does not say. */
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
    const [versionId] = await Promise.all([plannedVersion(plan, aws), mergeTags(plan, deployed.arn, aws)]);
    return { arn: deployed.arn, change, versionId };
  }
  const spec = await pipelineSpec(plan, aws);
  if (change === 'create') {
    const created = await aws.pipelines.create(spec, plan.pipeline.tags);
    if (created !== 'exists') return { arn: created.arn, change, versionId: await plannedVersion(plan, aws) };
  }
  const updated = await aws.pipelines.update(spec);
  await mergeTags(plan, updated.arn, aws);
  return { arn: updated.arn, change: 'update', versionId: updated.versionId ?? (await plannedVersion(plan, aws)) };
}

/** Newest versions that are compared: another job may have made one in between. */
const VERSIONS_COMPARED = 3;

/**
 * The newest version that holds the planned definition. Without one, or where versions may not be read, the pipeline is
 * started as it is, and what runs is compared afterwards.
 */
async function plannedVersion({ pipeline }: Plan, { pipelines }: Aws): Promise<number | undefined> {
  const planned = JSON.stringify(pipeline.definition);
  try {
    const newest = (await pipelines.versions(pipeline.name)).slice(0, VERSIONS_COMPARED);
    for (const id of newest) {
      const definition = await pipelines.versionDefinition(pipeline.name, id);
      if (definition !== undefined && sameDefinition(planned, definition)) return id;
    }
    return undefined;
  } catch {
    return undefined;
  }
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

/** Makes sure that the group of a native registration is there; the other regions' jobs see to their own. */
export async function ensureGroup(plan: Plan, registration: Registration, aws: Aws): Promise<void> {
  const registry = aws.registry(AWS_REGIONS[registration.region]);
  const arn = await registry.groupArn(registration.group);
  if (arn !== undefined) return tagGroup(plan, registry, arn);
  if (registration.group.startsWith('arn:')) {
    throw new DeployError(
      'plan-invalid',
      `The model package group ${registration.group} does not exist, or is not shared with this account.`,
      {
        advice: 'A group given by its ARN must exist; create it there and share it, or give a name.',
      },
    );
  }
  const description = descriptionText(`Models that ${plan.pipeline.name} registers`, 1024);
  await registry.createGroup(registration.group, description, plan.pipeline.tags);
}

async function tagGroup(plan: Plan, registry: Registry, arn: string): Promise<void> {
  if (Object.keys(plan.pipeline.tags).length === 0) return;
  await addMissingTags(registry, arn, plan.pipeline.tags);
}

/** Adds and changes what differs; tags that others have set stay. */
async function addMissingTags(service: Taggable, arn: string, wanted: Readonly<Record<string, string>>): Promise<void> {
  const present = await service.tags(arn);
  const differing = Object.entries(wanted).filter(([key, value]) => present[key] !== value);
  if (differing.length > 0) await service.addTags(arn, Object.fromEntries(differing));
}
