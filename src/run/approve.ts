import type { Aws } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import type { Inputs } from '../inputs/index.ts';
import { descriptionText } from '../plan/model-package.ts';
import { setApprovals } from '../registry/approval.ts';
import { type ReviewedPackage, reviewPackages } from '../registry/review.ts';
import { reportApprovals } from '../report/approvals.ts';
import { recordApprovals, recordEnd, type RunRecord } from '../report/record.ts';
import type { Dependencies } from './dependencies.ts';

/** Neither model nor configuration, and no place to run in: the registry is all that is asked. */
export interface ApprovalContext extends Pick<Dependencies, 'cancelled' | 'context' | 'runner'> {
  readonly aws: Aws;
  readonly record: RunRecord;
}

/**
 * Mode approve: sets the approval of packages that somebody has reviewed. All are described before one is changed;
 * nothing is started, uploaded or registered.
 */
export async function approve(inputs: Inputs, context: ApprovalContext): Promise<void> {
  const { aws, cancelled, record, runner } = context;
  const request = { approval: inputs.approval, approvalStatus: inputs.approvalStatus };
  const reviewed = await reviewPackages(request, aws, (found) => recordApprovals(record, found));
  recordApprovals(record, reviewed);
  reportApprovals(reviewed, runner);
  if (cancelled.aborted) {
    throw new DeployError('cancelled', 'The run was cancelled before anything was set.', {
      advice: 'Nothing was changed.',
    });
  }
  await setApprovals(reviewed, {
    aws,
    isDescribed: inputs.approval.description !== undefined,
    describe: (entry) => descriptionText(reasonOf(entry, inputs, context), 1024),
    onSet(entry, now) {
      const known = record.approvals ?? [];
      recordApprovals(
        record,
        known.map((other) => (other.package.arn === entry.package.arn ? { ...other, now } : other)),
      );
    },
  });
  recordEnd(record, inputs.approvalStatus === 'Rejected' ? 'rejected' : 'approved');
}

/** Who set it, and by which run; of a newer version also why. */
function reasonOf({ reason, wanted }: ReviewedPackage, { approval }: Inputs, { context }: ApprovalContext): string {
  const { actor, provenance } = context;
  const { description } = approval;
  if (reason === 'asked' && description !== undefined) return description;
  const what = reason === 'newer' ? `${wanted}: an older version takes its place` : `${wanted} by mode: approve`;
  const who = actor === undefined ? '' : `, by ${actor}`;
  const where = provenance.runUrl === 'none' ? '' : `, in ${provenance.runUrl}`;
  return `${what}${who}${where}${reason === 'newer' && description !== undefined ? `: ${description}` : ''}`;
}
