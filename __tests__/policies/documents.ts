import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';

export const POLICIES = [
  'workflow-deploy',
  'workflow-plan',
  'workflow-kms',
  'workflow-trust',
  'pipeline',
  'pipeline-kms',
  'pipeline-vpc',
  'pipeline-trust',
] as const;

export type PolicyName = (typeof POLICIES)[number];

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid: string; readonly Action: string | readonly string[] }[];
}

export const readText = (path: string) => readFileSync(join(ROOT, path), 'utf8');
export const policyText = (name: PolicyName) => readText(`docs/policies/${name}.json`);
export const policy = (name: PolicyName) => JSON.parse(policyText(name)) as PolicyDocument;

export function actionsOf(name: PolicyName): readonly string[] {
  const actions = policy(name).Statement.flatMap(({ Action }) => Action);
  return [...new Set(actions)].sort();
}
