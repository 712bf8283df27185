import { AWS_REGIONS, PIPELINE_REGION, regionCode } from '../../core/regions.ts';
import {
  checkInstance,
  type ImageResult,
  inferenceImage,
  type OwnImage,
  ownImage,
  packagingImage,
  regionOfImage,
} from '../../images/index.ts';
import { excerpt } from '../diagnostics.ts';
import { DEFAULT_PACKAGER } from '../fields/steps.ts';
import type { FileProbe, Rule, RuleDiagnostic, RuleInput } from '../types.ts';

const INSTANCE = 'model.inference_instance_type';
const PLACES = {
  version: 'base.framework_version',
  python: 'base.py_version',
  instance: INSTANCE,
  region: 'base.region',
} as const;

/** Framework version, Python version and instance type lead to images that AWS publishes. */
export const images: Rule = ({ draft: { base, model } }) => {
  const { framework_version: frameworkVersion, py_version: pyVersion } = base;
  const instanceType = model.inference_instance_type;
  if (model.inference_image !== null && model.inference_image !== undefined) return ownImages(model.inference_image);
  if (frameworkVersion === undefined || pyVersion === undefined || instanceType === undefined) return [];
  const region = PIPELINE_REGION;
  const inference = noImage(inferenceImage({ frameworkVersion, pyVersion, instanceType, region }));
  return inference.length > 0 ? inference : noImage(packagingImage({ frameworkVersion, pyVersion, region }));
};

/** Each image lies in the region that it is for; the pipeline's own must be there, where model step and packaging run. */
function ownImages(image: OwnImage): readonly RuleDiagnostic[] {
  const field = 'model.inference_image';
  const given = typeof image === 'string' ? [] : Object.entries(image);
  const wrong = given.flatMap(([code, uri]): readonly RuleDiagnostic[] => {
    const region = AWS_REGIONS[regionCode(code) ?? 'NA'];
    const found = regionOfImage(uri);
    if (found === region) return [];
    const message = `${field}.${code} is an image of ${found ?? 'no region'}; expected one of ${region}.`;
    return [{ severity: 'error', code: 'conflict', field, inside: [code], message }];
  });
  if (wrong.length > 0 || ownImage(image, 'NA') !== undefined) return wrong;
  const is =
    typeof image === 'string' ? `is an image of ${regionOfImage(image) ?? 'no region'}` : 'names no image for NA';
  const message = `${field} ${is}; expected one of ${PIPELINE_REGION}, where the pipeline runs (or {region} in place of the region).`;
  return [{ severity: 'error', code: 'conflict', field, message }];
}

function noImage(result: ImageResult): readonly RuleDiagnostic[] {
  if (result.ok) return [];
  const field = PLACES[result.cause];
  const own = result.cause === 'version' ? '; or name an image of your own (model.inference_image)' : '';
  return [{ severity: 'error', code: 'not-found', field, message: `${field}: ${result.problem}${own}.` }];
}

/** Instance types exist for what they are to be used for; of the two for packaging, the one that will be used. */
export const instanceTypes: Rule = ({ draft: { model, package: packaging } }) => {
  const size = packaging.use_large_processing_instance === true ? 'large' : 'small';
  return [
    ...instance(INSTANCE, model.inference_instance_type, 'endpoint'),
    ...instance(
      `package.processing_instance_type_${size}`,
      packaging[`processing_instance_type_${size}`],
      'processing',
    ),
  ];
};

function instance(field: string, type: string | undefined, use: 'endpoint' | 'processing'): readonly RuleDiagnostic[] {
  if (type === undefined) return [];
  const check = checkInstance(type, use);
  switch (check.is) {
    case 'known':
      return [];
    case 'unknown': {
      const message = `${field} is ${type}, of a family that was not known in November 2026; it is taken as it is.`;
      return [{ severity: 'warning', code: 'not-found', field, message }];
    }
    case 'refused':
      return [
        { severity: 'error', code: 'not-found', field, message: `${field} is ${type}; expected ${check.expected}.` },
      ];
  }
}

/** Local folders exist; what lies in S3 is checked when the run begins. */
export const folders: Rule = ({ draft, files }) => {
  const named = [
    ['base.source_dir', draft.base.source_dir],
    ['package.processing_source_dir', draft.package.processing_source_dir],
  ] as const;
  return named.flatMap(([field, folder]) => {
    if (!isLocal(folder)) return [];
    const kind = files.kind(folder);
    if (kind === 'folder') return [];
    const found = kind === 'file' ? 'is a file' : 'does not exist';
    return [notFound(field, `is ${quoted(folder)}, which ${found}; expected a folder (relative to working-directory)`)];
  });
};

/** Scripts exist in their local folder. The default packager need not: the built-in one takes its place. */
export const scripts: Rule = (input) => {
  const { base, model, package: packaging, registration } = input.draft;
  const packagingFolder = packaging.processing_source_dir ?? base.source_dir;
  const packager = packaging.processing_entry_point;
  return [
    ...missingScript(input, 'model.inference_entry_point', [base.source_dir, model.inference_entry_point]),
    ...(packager === DEFAULT_PACKAGER
      ? []
      : missingScript(input, 'package.processing_entry_point', [packagingFolder, packager])),
    ...missingScript(input, 'registration.registration_entry_point', [
      packagingFolder,
      registration.registration_entry_point,
    ]),
  ];
};

function missingScript(
  { files }: RuleInput,
  field: string,
  [folder, script]: readonly [string | null | undefined, string | null | undefined],
): readonly RuleDiagnostic[] {
  if (!isLocal(folder) || typeof script !== 'string' || files.kind(folder) !== 'folder') return [];
  const kind = files.kind(`${folder.replace(/\/+$/, '')}/${script}`);
  if (kind === 'file') return [];
  const found = kind === 'folder' ? `is a folder in ${quoted(folder)}` : `is not in ${quoted(folder)}`;
  const others = field === 'model.inference_entry_point' ? otherScripts(files, folder, script) : '';
  const expected = `expected a script that exists there${others}`;
  return [notFound(field, `is ${quoted(script)}, which ${found}; ${expected}`)];
}

/** What may have been meant: the same name one folder below, or the scripts that are there. */
function otherScripts(files: FileProbe, folder: string, script: string): string {
  const root = folder.replace(/\/+$/, '');
  const names = files.list(folder);
  const below = names.find((name) => !/\.\w+$/.test(name) && files.kind(`${root}/${name}/${script}`) === 'file');
  if (below !== undefined) return `; it is in ${quoted(`${root}/${below}`)}: name that folder`;
  const scripts = names.filter((name) => /^\w[^/]*\.py$/.test(name));
  return scripts.length === 0 ? '' : ` (${scripts.slice(0, 3).join(', ')}${scripts.length > 3 ? ', ...' : ''})`;
}

function isLocal(folder: string | null | undefined): folder is string {
  return typeof folder === 'string' && !folder.startsWith('s3://');
}

function quoted(path: string): string {
  return excerpt(JSON.stringify(path));
}

function notFound(field: string, message: string): RuleDiagnostic {
  return { severity: 'error', code: 'not-found', field, message: `${field} ${message}.` };
}

/** Limits that two fields set each other. */
export const limits: Rule = (input) => {
  const { model } = input.draft;
  return [
    ...notAbove(input, {
      low: ['model.container_startup_health_check_timeout', model.container_startup_health_check_timeout],
      high: ['model.data_download_timeout', model.data_download_timeout],
      unit: 'seconds',
    }),
    ...notAbove(input, {
      low: ['model.inference_memory_limit', model.inference_memory_limit],
      high: ['model.container_memory_limit', model.container_memory_limit],
      unit: 'MB',
    }),
  ];
};

interface Order {
  readonly low: readonly [field: string, value: number | undefined];
  readonly high: readonly [field: string, value: number | undefined];
  readonly unit: string;
}

function notAbove({ isGiven }: RuleInput, { low, high, unit }: Order): readonly RuleDiagnostic[] {
  const [[field, value], [limitField, limit]] = [low, high];
  if (value === undefined || limit === undefined || value <= limit) return [];
  const found = isGiven(field) ? `is ${value}` : `is ${value} by default`;
  const message = `${field} ${found}; expected at most ${limitField}, which is ${limit} (${unit}).`;
  return [{ severity: 'error', code: 'conflict', field, at: isGiven(field) ? field : limitField, message }];
}

/** Inference Recommender begins with 1 to 3 users and adds 3 a minute at most (developer guide, "Run a custom load test"). */
export const MOST_INITIAL_USERS = 3;
export const MOST_SPAWN_RATE = 3;

/** Users of a load test that can be there after half of its duration. */
export function usersReached(durationSeconds: number): number {
  return MOST_INITIAL_USERS + Math.floor((MOST_SPAWN_RATE * durationSeconds) / 60 / 2);
}

/** More users than can come in the time that is given. */
export const traffic: Rule = ({ draft: { payload } }) => {
  const { load_test_users: users, load_test_duration_seconds: seconds } = payload;
  if (typeof users !== 'number' || typeof seconds !== 'number' || users <= usersReached(seconds)) return [];
  const field = 'payload.load_test_users';
  const message = `${field} is ${users}; expected at most ${usersReached(seconds)}, as many as come in half of payload.load_test_duration_seconds, which is ${seconds} (3 at once, and 3 a minute).`;
  return [{ severity: 'error', code: 'conflict', field, message }];
};

/** Subnets and security groups only make sense together. */
export const network: Rule = ({ draft: { base } }) => {
  const { subnets, security_group_ids: groups } = base;
  if (subnets === undefined || groups === undefined || (subnets === null) === (groups === null)) return [];
  const fields = ['base.subnets', 'base.security_group_ids'] as const;
  const [field, lacking] = subnets === null ? [fields[1], fields[0]] : fields;
  const message = `${field} is given without ${lacking}; expected both or neither.`;
  return [{ severity: 'error', code: 'conflict', field, message }];
};

/** A key of one region cannot encrypt in another; only an ARN names the region of a key. */
export const keys: Rule = ({ draft: { base } }) => {
  const pipelineKey = { field: 'base.kms_key', inside: [], region: AWS_REGIONS.NA, key: base.kms_key };
  const regionalKeys = Object.entries(base.regional_kms_keys ?? {}).map(([code, key]) => ({
    field: 'base.regional_kms_keys',
    inside: [code],
    region: AWS_REGIONS[regionCode(code) ?? 'NA'],
    key,
  }));
  return [pipelineKey, ...regionalKeys].flatMap(({ field, inside, region, key }) => {
    const found = /^arn:aws[a-z-]*:kms:([^:]+):/.exec(key ?? '')?.[1];
    if (found === undefined || found === region) return [];
    const message = `${[field, ...inside].join('.')} is a key of ${found}; expected a key of ${region}.`;
    return [{ severity: 'error', code: 'conflict', field, inside, message }];
  });
};
