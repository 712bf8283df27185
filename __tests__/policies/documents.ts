import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';

/** What each role of docs/permissions.md has: always, and by a parameter of the template or a feature that is used. */
export const ROLES = {
  deploy: {
    always: ['deploy', 'deploy-kms'],
    more: ['deploy-approval', 'load-test', 'model-upload'],
    trust: 'deploy-trust',
  },
  plan: { always: ['plan', 'plan-kms'], more: [], trust: 'plan-trust' },
  approve: { always: ['approve'], more: [], trust: 'approve-trust' },
  pipeline: {
    always: ['pipeline', 'pipeline-kms'],
    more: ['pipeline-approval', 'pipeline-load-test', 'pipeline-default-buckets', 'pipeline-vpc'],
    trust: 'pipeline-trust',
  },
} as const;

export type RoleName = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as readonly RoleName[];
type Role = (typeof ROLES)[RoleName];
export type PolicyName = Role['always'][number] | Role['more'][number] | Role['trust'];
export const POLICIES: readonly PolicyName[] = ROLE_NAMES.flatMap((name) => {
  const { always, more, trust } = ROLES[name];
  return [...always, ...more, trust];
});

export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Condition?: ConditionBlock;
}
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

export const readText = (path: string) => readFileSync(join(ROOT, path), 'utf8');
export const policy = (name: PolicyName) => JSON.parse(readText(`docs/policies/${name}.json`)) as PolicyDocument;
export const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** Statements that the template leaves out where `AllowApprovalOnDeploy` is true. */
export const KEEP_APPROVAL_APART: readonly string[] = ['ApprovesNothing', 'MovesNoStage', 'MovesNoStageBySlash'];

/** The policies of a role as it is by default, and those of `more` besides. */
export function policiesOf(role: RoleName, more: readonly PolicyName[] = []): readonly PolicyDocument[] {
  return [...ROLES[role].always, ...more].map((name) => policy(name));
}

/** The policies of a role where a deployment may approve. */
export function approvingPoliciesOf(role: 'deploy' | 'pipeline'): readonly PolicyDocument[] {
  const kept = ({ Sid }: Statement) => !KEEP_APPROVAL_APART.includes(Sid);
  const open = ({ Version, Statement }: PolicyDocument) => ({ Version, Statement: Statement.filter(kept) });
  return policiesOf(role, [`${role}-approval`]).map(open);
}

/** What a policy allows, whatever its conditions. */
export function actionsOf(...names: readonly PolicyName[]): readonly string[] {
  const statements = names.flatMap((name) => policy(name).Statement);
  const actions = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => list(Action));
  return [...new Set(actions)].sort();
}
