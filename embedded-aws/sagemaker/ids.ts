import { randomInt } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function randomId(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** What an ARN belongs to; SageMaker's are all `arn:aws:sagemaker:<region>:<account>:<kind>/<name>`. */
export type Owner = { readonly region: string; readonly accountId: string };

export function arnOf(owner: Owner, kind: string, name: string): string {
  return `arn:aws:sagemaker:${owner.region}:${owner.accountId}:${kind}/${name}`;
}

/** Requests take a name or an ARN; an ARN is taken as it is (also of another account), a name is the owner's. */
export function toArn(owner: Owner, kind: string, nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : arnOf(owner, kind, nameOrArn);
}

/** SageMaker's way to name what a pipeline makes; 63 characters, letters, digits and hyphens. */
export function generatedName(executionId: string, stepName: string): string {
  const step = stepName.replaceAll(/[^A-Za-z0-9]/g, '-').slice(0, 29);
  return `pipelines-${executionId}-${step}-${randomId(10)}`;
}
