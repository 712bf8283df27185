import type { ApprovalState, ApprovalStatus, Aws, ModelPackage, PackageVersion, Registry } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import type { ApprovalRequest, PackageReference } from '../inputs/packages.ts';

/** A package whose approval status is asked to change, as the registry showed it before. */
export interface ReviewedPackage {
  readonly region: RegionCode;
  readonly package: ModelPackage;
  /** Asked for by name, or an approved newer version that is to give way. */
  readonly reason: 'asked' | 'newer';
  readonly wanted: ApprovalStatus;
  /** The approval as far as it is known now. */
  readonly now: ApprovalState;
}

export interface ReviewRequest {
  readonly approval: ApprovalRequest;
  readonly approvalStatus: ApprovalStatus;
}

/**
 * Looks at every package before one is changed.
 * @throws DeployError `package-refused` with every reason why one of them may not be set
 */
export async function reviewPackages(
  { approval, approvalStatus }: ReviewRequest,
  aws: Aws,
  onFound: (found: readonly ReviewedPackage[]) => void,
): Promise<readonly ReviewedPackage[]> {
  const work = approval.packages.map((reference) => find(reference, aws));
  await Promise.allSettled(work);
  const found = await Promise.all(work);
  const asked = found.flatMap((entry): readonly ReviewedPackage[] => {
    if (entry.package === undefined) return [];
    const { approval: now } = entry.package;
    return [{ region: entry.region, package: entry.package, reason: 'asked', wanted: approvalStatus, now }];
  });
  onFound(asked);
  const problems = found.flatMap(notFound);
  problems.push(...asked.flatMap((entry) => problemsOf(entry, approval)));
  refuse(problems);
  if (!approval.rejectNewer) return asked;
  const newer = (await Promise.all(asked.map((entry) => newerApproved(entry, aws)))).flat();
  refuse(newer.flatMap((entry) => newerProblems(entry, { asked, approval })));
  return [...asked, ...newer];
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new DeployError('package-refused', problems.join('\n'), {
    advice: 'Nothing was changed.',
    diagnostics: problems.length === 1 ? [] : problems.map((message) => ({ message })),
  });
}

interface FoundReference {
  readonly region: RegionCode;
  readonly named: string;
  /** What was asked for; undefined where there is no such version. */
  readonly arn: string | undefined;
  readonly package: ModelPackage | undefined;
}

function notFound({ named, arn = '', package: found }: FoundReference): readonly string[] {
  if (found === undefined) return [`${named} does not exist, or is not shared with this account.`];
  // ARNs hold the group in lower case, or as it was written.
  if (found.arn.toLowerCase() === arn.toLowerCase()) return [];
  return [`The registry answered ${found.arn} where ${arn} was asked for.`];
}

async function find(reference: PackageReference, aws: Aws): Promise<FoundReference> {
  const { region } = reference;
  const registry = aws.registry(AWS_REGIONS[region]);
  if ('arn' in reference) {
    const { arn } = reference;
    return { region, named: arn, arn, package: await registry.describe(arn) };
  }
  const { group, version } = reference;
  const named = `Version ${version} of ${group} in ${region} (${AWS_REGIONS[region]})`;
  // The account is not in it: AWS's own list has the ARN.
  const { own } = await versionsDownTo(version, group, registry);
  return { region, named, arn: own?.arn, package: own === undefined ? undefined : await registry.describe(own.arn) };
}

/** A version of a group where there is one, and all that are newer. */
async function versionsDownTo(
  version: number,
  group: string,
  registry: Registry,
): Promise<{ readonly own: PackageVersion | undefined; readonly newer: readonly PackageVersion[] }> {
  const newer: PackageVersion[] = [];
  for await (const entry of registry.versions(group)) {
    if (entry.version === version) return { own: entry, newer };
    if (entry.version < version) break;
    newer.push(entry);
  }
  return { own: undefined, newer };
}

/** A name for people: `bsm-team-BSM-RnR-NA version 3 (NA)`. */
export function packageName({ region, package: found }: Pick<ReviewedPackage, 'region' | 'package'>): string {
  return `${found.group} version ${found.version} (${region})`;
}

function isOurs({ metadata }: ModelPackage): boolean {
  return metadata['registration_fingerprint'] !== undefined || metadata['package_fingerprint'] !== undefined;
}

const FOREIGN = 'was not registered by this action: its metadata hold no fingerprint';

function problemsOf(entry: ReviewedPackage, approval: ApprovalRequest): readonly string[] {
  const { package: found, wanted } = entry;
  const name = packageName(entry);
  const problems: string[] = [];
  if (found.status !== 'Completed') problems.push(`${name} is ${found.status}; expected Completed.`);
  if (!isOurs(found) && !approval.allowForeign) {
    problems.push(`${name} ${FOREIGN}. If it is meant all the same, set allow-foreign: true.`);
  }
  const failed = found.metadata['load_test'] === 'failed';
  if (failed && wanted === 'Approved' && !approval.allowFailedLoadTest) {
    problems.push(
      `${name} failed its load test. If it is to be approved all the same, set allow-failed-load-test: true.`,
    );
  }
  return problems;
}

/** Approved versions of the same group that are newer. */
async function newerApproved(entry: ReviewedPackage, aws: Aws): Promise<readonly ReviewedPackage[]> {
  const { region, package: found } = entry;
  const registry = aws.registry(AWS_REGIONS[region]);
  const listed = await listNewer(entry, registry);
  const approved = listed.filter(({ approval }) => approval === 'Approved');
  const described = await Promise.all(approved.map(({ arn }) => registry.describe(arn)));
  return described.flatMap((newer): readonly ReviewedPackage[] => {
    if (newer === undefined || newer.arn === found.arn || newer.approval !== 'Approved') return [];
    return [{ region, package: newer, reason: 'newer', wanted: 'Rejected', now: newer.approval }];
  });
}

/** A name is searched in the own account only: a group that another account shares is listed by its ARN. */
async function listNewer(entry: ReviewedPackage, registry: Registry): Promise<readonly PackageVersion[]> {
  const { arn, group, version } = entry.package;
  const groupArn = arn.replace(':model-package/', ':model-package-group/').replace(/\/\d+$/, '');
  for (const name of [group, groupArn]) {
    const { own, newer } = await versionsDownTo(version, name, registry);
    if (own !== undefined) return newer;
  }
  throw new DeployError('package-refused', `${packageName(entry)} is not in the list of its group's versions.`, {
    advice: 'Nothing was changed. Run again, or without reject-newer.',
  });
}

const MODEL = ['model_objective', 'model_domain'] as const;

/** Where another model shares the group, its versions are not for this release to reject. */
function newerProblems(
  entry: ReviewedPackage,
  { asked, approval }: { readonly asked: readonly ReviewedPackage[]; readonly approval: ApprovalRequest },
): readonly string[] {
  if (approval.allowForeign) return [];
  const name = packageName(entry);
  const rest = 'It is newer, and would be set to Rejected; if that is meant, set allow-foreign: true.';
  if (!isOurs(entry.package)) return [`${name} ${FOREIGN}. ${rest}`];
  const own = asked.find(({ region }) => region === entry.region)?.package.metadata ?? {};
  const theirs = entry.package.metadata;
  const differing = MODEL.filter(
    (key) => own[key] !== undefined && theirs[key] !== undefined && own[key] !== theirs[key],
  );
  if (differing.length === 0) return [];
  const words = differing.map((key) => `${key} is ${theirs[key]} there and ${own[key]} here`).join(', ');
  return [`${name} is of another model: ${words}. ${rest}`];
}
