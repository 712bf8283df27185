import { formatS3Uri } from '../core/s3-uri.ts';
import { fingerprintOf } from './locations.ts';
import { PROVENANCE_PARAMETERS } from './parameters.ts';
import type { Plan } from './types.ts';

/**
 * Hex SHA-256 over what a deployment would do: what is reviewed in a plan, and bound to by its digest. Not in it: dates,
 * runs and commits, and what is there already, so that a plan and the deployment of the same sources agree. undefined
 * where the plan stands on something that could not be read.
 */
export function planDigest(plan: Plan): string | undefined {
  if (plan.unknown.length > 0) return undefined;
  const { pipeline } = plan;
  const parameters = Object.entries(plan.parameters).filter(([name]) => !PROVENANCE_PARAMETERS.includes(name));
  return fingerprintOf({
    pipeline: {
      name: pipeline.name,
      description: pipeline.description,
      role: pipeline.roleArn,
      tags: pipeline.tags,
      definition: pipeline.definition,
    },
    parameters: Object.fromEntries(parameters),
    // Keys name their content.
    content: plan.uploads.map(({ target }) => formatS3Uri(target)).toSorted(),
    // Of what is put there the dates are a part; the templates are in the keys.
    aliases: plan.aliases.map(({ to }) => formatS3Uri(to)),
    registrations: plan.registrations.map(({ region, kind, group, fingerprint }) => ({
      region,
      kind,
      group,
      fingerprint,
    })),
    approval_status: plan.approvalStatus,
  });
}
