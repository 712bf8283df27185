import { seen } from '../../core/result.ts';
import { accountOf } from '../../inspect/facts.ts';
import type { Check } from '../check.ts';
import { type CheckFunction, COSTS, failedBy, notMade } from '../view.ts';

/** Whose credentials the run has. A plan does without; everything else needs some. */
export const credentials: CheckFunction = ({ inputs, sights: { identity } }) => {
  if (identity.kind === 'seen') return { name: 'credentials', result: 'passed', found: identity.value.arn };
  return inputs.mode === 'plan' ? notMade('credentials', identity.error) : failedBy('credentials', identity.error);
};

const FIX =
  'Name a role of your own that SageMaker may assume and nobody else uses; docs/permissions.md shows its policies.';

/** Roles that are nobody's to pass: AWS's own, and those that people sign in with. */
const NO_EXECUTION_ROLES: readonly (readonly [RegExp, string])[] = [
  [/:role\/aws-service-role\//, 'a service-linked role, which AWS itself uses'],
  [/:role\/aws-reserved\/sso\.amazonaws\.com\//, 'a role that people sign in with (IAM Identity Center)'],
];

/** The role that the jobs run with: its shape, and that it is not the one that the workflow runs with. */
export const pipelineRole: CheckFunction = ({ request: { roleArn }, sights }) => {
  const name = 'pipeline-role';
  const other = NO_EXECUTION_ROLES.find(([pattern]) => pattern.test(roleArn));
  if (other !== undefined) {
    const found = `${roleArn} is ${other[1]}; expected an execution role that trusts sagemaker.amazonaws.com.`;
    return { name, result: 'failed', found, cost: COSTS.start, fix: FIX };
  }
  const identity = seen(sights.identity);
  if (identity === undefined) {
    return { name, result: 'passed', found: `${roleArn} looks like an execution role; not compared with credentials.` };
  }
  if (identity.accountId !== accountOf(roleArn)) {
    const found = `${roleArn} is a role of account ${accountOf(roleArn)}; the credentials are of account ${identity.accountId}, and a role can only be passed within its account.`;
    const fix = `Name a role of account ${identity.accountId}, or use credentials of account ${accountOf(roleArn)}.`;
    return { name, result: 'failed', found, cost: COSTS.start, fix };
  }
  return ownRole(roleArn, identity.arn) ?? { name, result: 'passed', found: roleArn };
};

/** It can be meant, where its trust policy names both; it is no good idea, and most often a mistake. */
function ownRole(roleArn: string, identityArn: string): Check | undefined {
  const assumed = /:assumed-role\/([^/]+)\//.exec(identityArn)?.[1];
  if (assumed === undefined || assumed !== roleArn.slice(roleArn.lastIndexOf('/') + 1)) return undefined;
  const found = `${roleArn} is the role that this workflow itself runs with. Where its trust policy does not name sagemaker.amazonaws.com, the pipeline cannot start.`;
  return { name: 'pipeline-role', result: 'warning', found, cost: COSTS.start, fix: FIX };
}
