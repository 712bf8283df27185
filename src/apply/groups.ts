import type { Aws, Registry, Taggable } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { descriptionText } from '../plan/metadata.ts';
import type { Plan, Registration } from '../plan/types.ts';

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
export async function addMissingTags(
  service: Taggable,
  arn: string,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const present = await service.tags(arn);
  const differing = Object.entries(wanted).filter(([key, value]) => present[key] !== value);
  if (differing.length > 0) await service.addTags(arn, Object.fromEntries(differing));
}
