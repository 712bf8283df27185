import { isObject, type Json, textIn } from '../core/json.ts';
import { AWS_REGIONS, REGION_CODES, regionCode, type RegionCode } from '../core/regions.ts';
import { type InputField, type InputProblems, oneOf, readBoolean } from './values.ts';

/** A registered package, as somebody names it. */
export type PackageReference =
  | { readonly region: RegionCode; readonly arn: string }
  | { readonly region: RegionCode; readonly group: string; readonly version: number };

/** What `mode: approve` is asked for. */
export interface ApprovalRequest {
  /** One a region. */
  readonly packages: readonly PackageReference[];
  /** Why, for whoever reads the package later; undefined: who and by which run. */
  readonly description: string | undefined;
  /** Approved versions of the group that are newer are set to Rejected. */
  readonly rejectNewer: boolean;
  /** Packages that this action did not register, too. */
  readonly allowForeign: boolean;
  readonly allowFailedLoadTest: boolean;
}

/** Reads the inputs of `mode: approve`; what they hold is judged only there. */
export function readApproval(field: (name: string) => InputField, isAsked: boolean): ApprovalRequest {
  const { value, problems } = field('model-packages');
  const description = field('approval-description').value;
  if (isAsked && description.length > DESCRIPTION_LENGTH) {
    const most = DESCRIPTION_LENGTH.toLocaleString('en');
    problems.add('approval-description', `has ${description.length} characters`, `at most ${most}`);
  }
  return {
    packages: isAsked ? readPackages(value, problems) : [],
    description: description === '' ? undefined : description,
    rejectNewer: readBoolean(field('reject-newer'), false),
    allowForeign: readBoolean(field('allow-foreign'), false),
    allowFailedLoadTest: readBoolean(field('allow-failed-load-test'), false),
  };
}

// Length of ApprovalDescription in the SageMaker API.
const DESCRIPTION_LENGTH = 1024;

const STATUSES = ['PendingManualApproval', 'Approved', 'Rejected'] as const;

/** `Approved` is what `mode: approve` is for; everything else registers for somebody to review. */
export function readApprovalStatus(field: InputField, mode: string): (typeof STATUSES)[number] {
  if (mode !== 'approve') return oneOf(field, STATUSES);
  return oneOf(field, ['Approved', 'Rejected'] as const);
}

const EXPECTED =
  'the output model-packages, model-package-arns or model-package-versions of a deployment, or ARNs of model packages, one a line';

/** In every form in which a deployment gives its packages back. */
function readPackages(text: string, problems: InputProblems): readonly PackageReference[] {
  const name = 'model-packages';
  const entries = entriesOf(text);
  if (entries === undefined || entries.length === 0) {
    const found = entries === undefined ? 'is no valid JSON' : text === '' ? 'is empty' : 'names no package';
    problems.add(name, found, EXPECTED);
    return [];
  }
  const seen = new Set<string>();
  const found = entries.flatMap((entry) => {
    const reference = referenceOf(entry);
    if (typeof reference === 'string') {
      problems.add(name, reference, EXPECTED);
      return [];
    }
    const identity = JSON.stringify(reference);
    if (seen.has(identity)) return [];
    seen.add(identity);
    return [reference];
  });
  for (const code of REGION_CODES) {
    const count = found.filter(({ region }) => region === code).length;
    if (count > 1) problems.add(name, `names ${count} packages of ${code}`, 'one package a region');
  }
  return found;
}

/** One package as it stands there: under which region, and what. */
interface Entry {
  /** '' where none is given. */
  readonly region: string;
  readonly value: Json;
}

/** undefined where the text is meant to be JSON and is none. */
function entriesOf(text: string): readonly Entry[] | undefined {
  if (!/^[[{]/.test(text)) {
    // Quotes and dashes are left over from YAML.
    const words = text.split(/[\s,]+/).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
    return words.filter((word) => word !== '' && word !== '-').map((value) => ({ region: '', value }));
  }
  try {
    const parsed = JSON.parse(text) as Json;
    if (Array.isArray(parsed)) {
      return parsed.map((value: Json) => ({ region: isObject(value) ? textIn(value, 'region') : '', value }));
    }
    if (!isObject(parsed)) return undefined;
    if (Object.hasOwn(parsed, 'region')) return [{ region: textIn(parsed, 'region'), value: parsed }];
    return Object.entries(parsed).map(([region, value]) => ({ region, value }));
  } catch {
    return undefined;
  }
}

// A version of a group (ModelPackageArn of the SageMaker API).
const PACKAGE_ARN = /^arn:aws[a-z-]*:sagemaker:([a-z0-9-]+):\d{12}:model-package\/[a-zA-Z0-9-]{1,63}\/\d{1,9}$/;
const GROUP =
  /^(?:arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package-group\/)?[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$/;

/** What is wrong with an entry is a text: the second half of "Input model-packages ...". */
function referenceOf({ region: named, value }: Entry): PackageReference | string {
  const region = regionCode(named);
  if (named !== '' && region === undefined) return `names the region ${quoted(named)}`;
  const arn = typeof value === 'string' ? value : isObject(value) ? textIn(value, 'arn') : '';
  if (arn !== '') return referenceByArn(arn, region);
  if (!isObject(value)) return `holds ${quoted(JSON.stringify(value))}`;
  const { version } = value;
  const group = textIn(value, 'group');
  const isVersion = typeof version === 'number' && Number.isInteger(version) && version > 0;
  if (region === undefined || !GROUP.test(group) || !isVersion) return `holds ${quoted(JSON.stringify(value))}`;
  return { region, group, version };
}

function referenceByArn(arn: string, named: RegionCode | undefined): PackageReference | string {
  const awsRegion = PACKAGE_ARN.exec(arn)?.[1];
  if (awsRegion === undefined)
    return `holds ${quoted(arn)}, which is no ARN of a version in the SageMaker Model Registry`;
  const region = regionCode(awsRegion);
  if (region === undefined) return `holds ${arn}, of a region that nothing is registered in`;
  if (named !== undefined && named !== region) return `gives ${named} (${AWS_REGIONS[named]}) the package ${arn}`;
  return { region, arn };
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 119)}…` : text);
}
