import { randomInt } from 'node:crypto';
import type { AnswerBook } from '../answers.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function randomId(length: number, letters = alphabet): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
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

/** The name as it stands in the ARN of a job, a model or a model package. Describe answers with the name as it was. */
export function nameInArn(name: string, answers: AnswerBook): string {
  return answers.is('arn-names', 'lower') ? name.toLowerCase() : name;
}

/** The record of that ARN, whichever case the name in it has: SageMaker takes either. */
export function findByArn<Found extends { readonly arn: string }>(
  records: Readonly<Record<string, Found>>,
  arn: string,
): Found | undefined {
  if (Object.hasOwn(records, arn)) return records[arn];
  const lower = arn.toLowerCase();
  return Object.values(records).find((record) => record.arn.toLowerCase() === lower);
}

/** SageMaker's way to name what a pipeline makes; 63 characters, letters, digits and hyphens. */
export function generatedName(executionId: string, stepName: string): string {
  const step = stepName.replaceAll(/[^A-Za-z0-9]/g, '-').slice(0, 29);
  return `pipelines-${executionId}-${step}-${randomId(10, `${alphabet}${alphabet.slice(0, 26).toUpperCase()}`)}`;
}
