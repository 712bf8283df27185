import type { Aws } from '../aws/types.ts';
import { DeployError, type Result, resultOf } from '../core/errors.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { printableLine } from '../core/text.ts';
import { readPackageReport } from '../monitor/package-report.ts';
import { type ValueChange, valueText } from '../plan/diff.ts';
import type { PackageParts, Plan, Registration } from '../plan/types.ts';
import { findNeighbours, type Neighbours, type PackageBytes, type PartDifference } from '../registry/nearest.ts';

/** `if-registered: require`: what is missing, and what differs from the nearest version that there is. */
export async function notRegistered(plan: Plan, missing: readonly Registration[], aws: Aws): Promise<DeployError> {
  const report = await readPackageReport(plan.packageReport, aws).catch(() => undefined);
  const bytes: PackageBytes = { fingerprint: plan.fingerprint, sha256: report?.sha256 };
  const sentences = await Promise.all(
    missing.map(async (registration) => {
      if (registration.kind === 'own') return `${where(registration)}; a script of your own registers there.`;
      return sentenceOf(registration, await resultOf(findNeighbours(registration, bytes, aws)), bytes);
    }),
  );
  return new DeployError('not-registered', sentences.join('\n'), {
    advice: 'if-registered: require starts nothing. Check out what was registered, or deploy without it.',
    diagnostics: sentences.length === 1 ? [] : sentences.map((message) => ({ message })),
  });
}

function where({ region, group }: Registration): string {
  return `${group} holds nothing for this model, code and configuration in ${region} (${AWS_REGIONS[region]})`;
}

function sentenceOf(registration: Registration, found: Result<Neighbours>, bytes: PackageBytes): string {
  if (!found.ok) return `${where(registration)}; what it holds could not be read: ${found.error.message}`;
  const { nearest } = found.value;
  if (nearest === undefined) return `${where(registration)}, and no version at all.`;
  const differing = nearest.differing.map((difference) => partText(difference, nearest.fields));
  const what = differing.length === 0 ? 'was made of the same parts' : `differs in ${listed(differing)}`;
  const { approval, version } = nearest.package;
  return `${where(registration)}: the nearest, version ${version} (${approval}), ${what}; ${bytesText(found.value, bytes)}.`;
}

const NAMES: Readonly<Record<keyof PackageParts, string>> = {
  model: 'the model',
  code: 'the inference code',
  packager: 'the packager',
  configuration: 'the configuration',
};

function partText({ part, there, here }: PartDifference, fields: readonly ValueChange[] | undefined): string {
  const name = NAMES[part];
  if (there === undefined) return `${name} (not recorded there)`;
  if (part !== 'configuration') return `${name} (${short(there)} there, ${short(here)} here)`;
  if (fields === undefined) return `${name} (its fields are not recorded there)`;
  return `${name} (${fieldsText(fields)})`;
}

function short(digest: string): string {
  return /^[0-9a-f]{64}$/.test(digest) ? `${digest.slice(0, 12)}…` : digest;
}

/** More say no more in a sentence. */
const FIELDS = 8;

function fieldsText(fields: readonly ValueChange[]): string {
  const texts = fields.slice(0, FIELDS).map(({ path, old, new: present }) => {
    const value = (given: ValueChange['old']) =>
      given === undefined ? 'nothing' : printableLine(short(valueText(given)), 80) || '""';
    return `${path}: ${value(old)} there, ${value(present)} here`;
  });
  const more = fields.length - FIELDS;
  return [...texts, ...(more > 0 ? [`and ${more} more fields`] : [])].join('; ');
}

function bytesText({ sameBytes }: Neighbours, { sha256 }: PackageBytes): string {
  const known = sameBytes?.metadata['package_sha256'] ?? sha256;
  if (sameBytes !== undefined) {
    return `version ${sameBytes.version} holds the same package, byte by byte${known === undefined ? '' : ` (SHA-256 ${known})`}`;
  }
  return sha256 === undefined
    ? 'whether one holds the same bytes is not known, since this package was never built'
    : `none of the newest versions holds the same bytes (SHA-256 ${sha256})`;
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}
