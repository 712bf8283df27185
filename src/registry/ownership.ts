import type { ModelPackage } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { formatS3Uri } from '../core/s3-uri.ts';
import { printableLine } from '../core/text/printable.ts';
import type { Registration } from '../plan/types.ts';

/**
 * Records, claims and answers of jobs lie in a bucket that others write into, too: what they say is a hint. Here is
 * decided whether the registry's own answer is the package that a hint claims it to be. `register_model.py` decides the
 * same for the jobs of other regions.
 */

/** Why an ARN cannot be a package of this registration; undefined where it can. Asks nobody. */
export function foreignArn(registration: Registration, arn: string): string | undefined {
  const expected = `${arnPrefix(registration)}{version}`;
  const [, account = '', group = ''] = PACKAGE_ARN[registration.region].exec(arn) ?? [];
  // ARNs hold the group in lower case, or as it was written.
  const same =
    account === registration.account && group.toLowerCase() === nameOfGroup(registration.group).toLowerCase();
  return same ? undefined : `it names ${shown(arn)}; expected ${expected}`;
}

/**
 * Why what the registry answered for an ARN is not the package of this registration; undefined where it is: the ARN that
 * was asked for, our group, our fingerprint in the metadata, and our package as model data.
 */
export function foreignPackage(registration: Registration, asked: string, found: ModelPackage): string | undefined {
  const elsewhere = foreignArn(registration, asked);
  if (elsewhere !== undefined) return elsewhere;
  if (found.arn.toLowerCase() !== asked.toLowerCase()) {
    return `the registry answered ${shown(found.arn)} where ${shown(asked)} was asked for`;
  }
  if (!isGroup(registration.group, found.group)) {
    return `${asked} is in the group ${shown(found.group)}; expected ${registration.group}`;
  }
  const metadata = ownEntries(found.metadata);
  const fingerprint = metadata.get('registration_fingerprint');
  if (fingerprint !== undefined && fingerprint !== registration.fingerprint) {
    return `${asked} has the registration fingerprint ${shown(fingerprint)}; expected ${registration.fingerprint}`;
  }
  const packaged = metadata.get('package_fingerprint');
  if (fingerprint === undefined && packaged !== registration.packageFingerprint) {
    return `${asked} has the package fingerprint ${shown(packaged)}; expected ${registration.packageFingerprint}`;
  }
  const modelData = formatS3Uri(registration.modelData);
  if (found.modelDataUrl !== modelData) {
    return `${asked} has the model data ${shown(found.modelDataUrl)}; expected ${modelData}`;
  }
  return undefined;
}

/** What is to be said of a hint that names something else. `hint`: where it stands. */
export function mismatch({ region }: Registration, hint: string, why: string): DeployError {
  return new DeployError('registration-mismatch', `The registration of ${region} at ${hint} is not ours: ${why}.`, {
    advice:
      'Nothing was changed or approved. Find out who wrote that object; then delete it and run again: what is missing is registered anew.',
  });
}

// The partition and everything but account and group follow from the region.
const PACKAGE_ARN = {
  NA: packageArn(AWS_REGIONS.NA),
  EU: packageArn(AWS_REGIONS.EU),
  FE: packageArn(AWS_REGIONS.FE),
} as const;

function packageArn(awsRegion: string): RegExp {
  return new RegExp(`^arn:aws[a-z-]*:sagemaker:${awsRegion}:(\\d{12}):model-package/([A-Za-z0-9-]{1,63})/\\d{1,9}$`);
}

function arnPrefix({ account, group, region }: Registration): string {
  return `arn:aws:sagemaker:${AWS_REGIONS[region]}:${account}:model-package/${nameOfGroup(group)}/`;
}

/** Of a group that is given by its name or its ARN. */
function nameOfGroup(group: string): string {
  return group.slice(group.lastIndexOf('/') + 1);
}

function isGroup(ours: string, found: string): boolean {
  const [wanted, is] = [nameOfGroup(ours), nameOfGroup(found)];
  const byArn = ours.includes('/') || found.includes('/');
  return byArn ? wanted.toLowerCase() === is.toLowerCase() : wanted === is;
}

function ownEntries(metadata: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(metadata));
}

function shown(value: string | undefined): string {
  return value === undefined || value === '' ? 'nothing' : printableLine(value, 200);
}
