/** Names of a run, and the refusal of names that look like production: everything that is made is removed again. */
import { randomBytes } from 'node:crypto';

const PRODUCTION = /(^|[^a-z])(prod|production|prd|live|releases?|registered|mods)([^a-z]|$)/i;

export const DEFAULT_NAME = 'bsm-conformance';

export function newRunName(name: string): string {
  return `${name}-${randomBytes(4).toString('hex')}`;
}

/** What is wrong with the names, one sentence each. */
export function refusals(names: {
  readonly name: string;
  readonly keyPrefix: string;
  readonly buckets: readonly string[];
}): string[] {
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i.test(names.name) || names.name.length > 24) {
    problems.push(`--name is ${names.name}; expected up to 24 letters and digits with single hyphens between them.`);
  }
  if (!/^([\w.-]+\/)+$/.test(names.keyPrefix)) {
    problems.push(`--prefix is ${names.keyPrefix}; expected a folder in the bucket that ends in a slash.`);
  }
  const asked = [
    ['--name', names.name],
    ['--prefix', names.keyPrefix],
    ...names.buckets.map((bucket) => ['bucket', bucket]),
  ];
  for (const [what = '', value = ''] of asked) {
    if (!PRODUCTION.test(value)) continue;
    problems.push(
      `${what} ${value} looks like production, and this run makes and removes things there; ` +
        'expected a name of a test account (without prod, live, release, registered or MODS in it).',
    );
  }
  return problems;
}

/** Only what a run made may be cleaned up after it: a name with its eight digits at the end. */
export function isRunName(text: string): boolean {
  return /^[a-z][a-z0-9-]*-[0-9a-f]{8}$/i.test(text) && !PRODUCTION.test(text);
}
