import type { Aws } from './aws/types.ts';
import { DeployError } from './errors.ts';
import type { Inputs } from './inputs.ts';
import type { Registered } from './registered.ts';
import { AWS_REGIONS } from './regions.ts';

/**
 * Brings packages that are registered already to the approval that is asked for: a pending one is approved (promotion).
 * @throws DeployError `registered-rejected` for a package that somebody has rejected
 */
export async function promote(
  registered: readonly Registered[],
  inputs: Inputs,
  aws: Aws,
): Promise<readonly Registered[]> {
  for (const { registration, package: found } of registered) {
    if (found.approval === 'Rejected' && inputs.approvalStatus !== 'Rejected') {
      throw new DeployError(
        'registered-rejected',
        `${found.arn} (${registration.region}) holds this very model and was rejected in the registry.`,
        {
          advice: 'Deploy another model, or register this one as a new version with if-registered: again.',
        },
      );
    }
  }
  return Promise.all(registered.map((entry) => approve(entry, inputs, aws)));
}

async function approve(entry: Registered, { approvalStatus }: Inputs, aws: Aws): Promise<Registered> {
  const { package: found, registration } = entry;
  // Asked for the default, an approved package stays approved: a plain second deployment withdraws nothing.
  if (approvalStatus === 'PendingManualApproval' || found.approval === approvalStatus) return entry;
  // SageMaker does not know what a team's own script registered elsewhere.
  if (registration.kind === 'own') return entry;
  const registry = aws.registry(AWS_REGIONS[registration.region]);
  await registry.setApproval(found.arn, approvalStatus, `Set by a deployment with approval-status: ${approvalStatus}`);
  return { ...entry, package: { ...found, approval: approvalStatus } };
}
