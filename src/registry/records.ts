import type { Aws, ModelPackage } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import { type JsonObject, parseJsonObject, textIn } from '../core/json.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { formatS3Uri, type S3Location } from '../core/s3-uri.ts';
import { printableLine } from '../core/text.ts';
import type { Plan, Registration } from '../plan/types.ts';

/** What the registry says about a recorded registration. */
export interface Registered {
  readonly registration: Registration;
  readonly package: ModelPackage;
  readonly executionArn: string | undefined;
  /** false for what a team's own script answered: the registry was not asked. */
  readonly confirmed: boolean;
  /** The approval that this run has just replaced. */
  readonly approvalBefore?: ModelPackage['approval'];
}

/** Told of each package as soon as the registry has confirmed it. */
export type OnConfirmed = (entry: Registered) => void;

/** Every region asked for is in one of the two, in the order asked for. */
export interface RegistrationStatus {
  readonly registered: readonly Registered[];
  readonly missing: readonly Registration[];
}

/** Reads the records and confirms with the registry that their packages still exist. All regions side by side. */
export async function findRegistered(
  plan: Plan,
  aws: Aws,
  onConfirmed: OnConfirmed = () => undefined,
): Promise<RegistrationStatus> {
  const work = plan.registrations.map(async (registration) => {
    const entry = await findPackage(registration, aws);
    if (entry !== undefined) onConfirmed(entry);
    return entry;
  });
  // A region that cannot be asked must not hide what the others answer.
  await Promise.allSettled(work);
  const found = await Promise.all(work);
  return {
    registered: found.filter((entry) => entry !== undefined),
    missing: plan.registrations.filter((_, index) => found[index] === undefined),
  };
}

async function findPackage(registration: Registration, aws: Aws): Promise<Registered | undefined> {
  // Without a record that can be read, the package is searched and registered anew, and the record written again.
  const stored = await aws.objects.readText(registration.record);
  const record = parseJsonObject(stored?.text ?? '');
  const arn = textIn(record ?? {}, 'model_package_arn');
  if (record === undefined || arn === '') return undefined;
  const executionArn = textIn(record, 'pipeline_execution_arn') || undefined;
  if (registration.kind === 'own') {
    if (!isIdentifier(arn)) return undefined;
    return { registration, package: answeredPackage(record, arn), executionArn, confirmed: false };
  }
  const hint = formatS3Uri(registration.record);
  const elsewhere = foreignArn(registration, arn);
  if (elsewhere !== undefined) throw mismatch(registration, hint, elsewhere);
  const found = await aws.registry(AWS_REGIONS[registration.region]).describe(arn);
  if (found === undefined) return undefined;
  const foreign = foreignPackage(registration, arn, found);
  if (foreign !== undefined) throw mismatch(registration, hint, foreign);
  return found.status === 'Completed' ? { registration, package: found, executionArn, confirmed: true } : undefined;
}

/** An identifier of whatever inventory: text of one line, since it becomes an output. */
export function isIdentifier(text: string): boolean {
  return /^[^\p{Cc}\u2028\u2029]{1,2048}$/u.test(text);
}

/** What a team's own script says it registered, taken as it is. A registry's ARN ends in the version. */
export function answeredPackage(answer: JsonObject, arn: string): ModelPackage {
  const version = /\/(\d{1,9})$/.exec(arn)?.[1];
  const group = textIn(answer, 'model_package_group_name');
  return {
    arn,
    group: isIdentifier(group) ? group : '',
    version: version === undefined ? 0 : Number(version),
    status: 'Completed',
    approval: 'PendingManualApproval',
    modelDataUrl: undefined,
    metadata: {},
  };
}

/** `again`: the record gives way, so that a registration job does not find it and registers anew. */
export async function forgetRegistration({ record }: Registration, aws: Aws): Promise<void> {
  await writeRecord(record, '{"superseded": true}\n', aws);
}

const WRITES = 4;

/** Over what is there and nothing else: a bucket can refuse writes without a condition. The last writer is right. */
async function writeRecord(location: S3Location, text: string, { objects }: Aws): Promise<void> {
  for (let attempt = 1; attempt <= WRITES; attempt += 1) {
    const present = await objects.head(location);
    const condition =
      present === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'etag', etag: present.etag } as const);
    const { kind } = await objects.put(location, Buffer.from(text), { condition, contentType: 'application/json' });
    if (kind === 'written') return;
  }
  throw new DeployError(
    'aws-error',
    `${formatS3Uri(location)} was changed by other jobs at every attempt to write it.`,
    {
      advice: 'Run again: what is registered is found.',
    },
  );
}

/** Writes the record that the next deployment of the same thing finds. */
export async function recordRegistration(aws: Aws, entry: Registered, recordedAtMs: number): Promise<void> {
  const { registration, package: found, executionArn } = entry;
  const record = {
    region: registration.region,
    aws_region: AWS_REGIONS[registration.region],
    model_package_arn: found.arn,
    model_package_group_name: found.group,
    model_package_version: found.version,
    registration_fingerprint: registration.fingerprint,
    pipeline_execution_arn: executionArn ?? null,
    recorded_at: new Date(recordedAtMs).toISOString(),
  };
  await writeRecord(registration.record, `${JSON.stringify(record, undefined, 2)}\n`, aws);
}

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
