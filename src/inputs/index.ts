import type { ApprovalStatus } from '../aws/types.ts';
import type { RegionCode } from '../core/regions.ts';
import { parseS3Uri, type S3Location } from '../core/s3-uri.ts';
import type { LoadTestMode } from '../plan/load-test.ts';
import { OPEN_PARAMETERS, RESERVED_PARAMETERS } from '../plan/parameters.ts';
import {
  type InputField,
  createProblems,
  type InputProblems,
  oneOf,
  parseLines,
  readBoolean,
  readNumber,
  readRegions,
  readTags,
} from './values.ts';
import { type ApprovalRequest, readApproval, readApprovalStatus } from './packages.ts';

type Mode = 'deploy' | 'plan' | 'rehearse' | 'approve';
/** Where the model archive lies. */
interface ModelInput extends S3Location {
  readonly uri: string;
  /** A file, from `working-directory`: a rehearsal puts it into the embedded S3 under this location, others upload it. */
  readonly file?: string;
  /** Where a file is uploaded; `run/upload.ts` completes the location by its content. */
  readonly uploadPrefix?: S3Location;
}

/** Every input of action.yml, read once; an empty value has become its default. */
export interface Inputs {
  /** '' in `mode: approve`, like the model: neither is needed there. */
  readonly configPath: string;
  readonly model: ModelInput;
  /** undefined: the region of the configuration. */
  readonly regions: readonly RegionCode[] | undefined;
  readonly pipelineRoleArn: string | undefined;
  readonly mode: Mode;
  readonly approvalStatus: ApprovalStatus;
  readonly loadTest: LoadTestMode;
  readonly ifRegistered: 'reuse' | 'again' | 'require';
  /** Digest of the plan that was reviewed: another one is not carried out. */
  readonly expectPlanDigest: string | undefined;
  readonly approval: ApprovalRequest;
  readonly wait: boolean;
  readonly timeoutMinutes: number;
  readonly onCancel: 'stop' | 'leave';
  readonly onTimeout: 'stop' | 'leave';
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly executionDocument: string | undefined;
  readonly logTailLines: number;
  readonly workingDirectory: string | undefined;
  readonly roleToAssume: string | undefined;
  readonly roleSessionName: string | undefined;
  readonly roleDurationSeconds: number;
  readonly audience: string;
  readonly githubToken: string | undefined;
  readonly comment: boolean;
}

/** The raw value of an input, trimmed, or '' where there is none. */
export type InputSource = (name: string) => string;

/**
 * Reads all inputs.
 * @throws DeployError `input-invalid` that lists every problem, not only the first.
 */
export function readInputs(source: InputSource): Inputs {
  const problems = createProblems();
  const inputs = { ...readWhat(source, problems), ...readHow(source, problems), ...readWhose(source, problems) };
  // A rehearsal is always followed to its end, and an approval tests nothing.
  if (inputs.loadTest === 'require' && !inputs.wait && (inputs.mode === 'deploy' || inputs.mode === 'plan')) {
    problems.add(
      'load-test',
      'is require with wait: false',
      'wait: true, since packages are loaded when they are there',
    );
  }
  problems.throwIfAny();
  return inputs;
}

function readWhat(source: InputSource, problems: InputProblems) {
  const field = (name: string): InputField => ({ name, value: source(name), problems });
  const mode = oneOf(field('mode'), ['deploy', 'plan', 'rehearse', 'approve'] as const);
  return {
    mode,
    ...readWork(field, mode),
    regions: readRegions(source('regions'), problems),
    approvalStatus: readApprovalStatus(field('approval-status'), mode),
    approval: readApproval(field, mode === 'approve'),
    ifRegistered: oneOf(field('if-registered'), ['reuse', 'again', 'require'] as const),
    expectPlanDigest: readDigest('expect-plan-digest', source('expect-plan-digest'), problems),
    parameters: readParameters(source('parameters'), problems),
    tags: readTags(source('tags'), problems),
    executionDocument: given(source('execution-document')),
    workingDirectory: given(source('working-directory')),
  };
}

/** Model and configuration: what every mode works on but the one that works on packages. */
function readWork(field: (name: string) => InputField, mode: Mode): Pick<Inputs, 'configPath' | 'model'> {
  const { value: configPath, problems } = field('config-path');
  const model = field('model-s3-path');
  if (mode === 'approve') return { configPath: '', model: NO_MODEL };
  if (configPath === '') {
    const expected = `the path of the JSON configuration, like deploy/config.json (mode: ${mode} needs one)`;
    problems.add('config-path', 'is empty', expected);
  }
  const uploadPath = field('model-upload-path').value;
  return { configPath, model: mode === 'rehearse' ? readAnyModel(model) : readUploadedModel(model, uploadPath) };
}

const NO_MODEL: ModelInput = { bucket: '', key: '', uri: '' };

/** Hex SHA-256. Empty is none: a workflow that hands on an output must see to it that there is one. */
function readDigest(name: string, value: string, problems: InputProblems): string | undefined {
  const digest = value.toLowerCase();
  if (digest !== '' && !/^[0-9a-f]{64}$/.test(digest)) {
    problems.add(name, `is ${quote(value)}`, 'the output plan-digest of mode: plan, 64 hexadecimal digits');
  }
  return given(digest);
}

function readHow(source: InputSource, problems: InputProblems) {
  const field = (name: string): InputField => ({ name, value: source(name), problems });
  return {
    loadTest: oneOf(field('load-test'), ['off', 'report', 'require'] as const),
    wait: readBoolean(field('wait'), true),
    // 28 days is the longest that SageMaker keeps a pipeline execution alive.
    timeoutMinutes: readNumber(field('timeout-minutes'), {
      fallback: 120,
      above: 0,
      max: 40_320,
      unit: 'minutes',
    }),
    onCancel: oneOf(field('on-cancel'), ['stop', 'leave'] as const),
    onTimeout: oneOf(field('on-timeout'), ['stop', 'leave'] as const),
    logTailLines: readNumber(field('log-tail-lines'), {
      fallback: 50,
      above: -1,
      max: 10_000,
      unit: 'lines',
      whole: true,
    }),
    comment: readBoolean(field('comment'), false),
  };
}

function readWhose(source: InputSource, problems: InputProblems) {
  const field = (name: string): InputField => ({ name, value: source(name), problems });
  return {
    pipelineRoleArn: readRole('pipeline-role-arn', source('pipeline-role-arn'), problems),
    roleToAssume: readRole('role-to-assume', source('role-to-assume'), problems),
    roleSessionName: readSessionName(source('role-session-name'), problems),
    // Limits of AssumeRoleWithWebIdentity's DurationSeconds.
    roleDurationSeconds: readNumber(field('role-duration-seconds'), {
      fallback: 3600,
      above: 899,
      max: 43_200,
      unit: 'seconds',
      whole: true,
    }),
    audience: given(source('audience')) ?? 'sts.amazonaws.com',
    githubToken: given(source('github-token')),
  };
}

/** Whose credentials: needed before the run and by post, where nobody waits for a list of problems. */
export function readIdentityInputs(source: InputSource): ReturnType<typeof readWhose> {
  return readWhose(source, createProblems());
}

function readModel(value: string, problems: InputProblems): ModelInput {
  const location = parseS3Uri(value);
  if (location === undefined || !/[^/]\.tar\.gz$/.test(location.key)) {
    problems.add(
      'model-s3-path',
      value === '' ? 'is empty' : `is ${quote(value)}`,
      's3://bucket/key/model.tar.gz, one gzip tar archive',
    );
    return NO_MODEL;
  }
  return { ...location, uri: value };
}

/** A file where `model-upload-path` says where it goes. */
function readUploadedModel({ name, value, problems }: InputField, uploadPath: string): ModelInput {
  const prefix = parseS3Uri(uploadPath);
  if (uploadPath !== '' && prefix === undefined) {
    problems.add('model-upload-path', `is ${quote(uploadPath)}`, 's3://bucket/prefix/, where the archive is put');
  }
  if (!/[^/\\]\.tar\.gz$/.test(value) || /^s3:/i.test(value)) return readModel(value, problems);
  if (uploadPath === '') {
    const expected = 's3://bucket/key/model.tar.gz, or the input model-upload-path, which uploads a local archive';
    problems.add(name, `is ${quote(value)}`, expected);
  }
  return {
    bucket: prefix?.bucket ?? '',
    key: '',
    uri: '',
    file: value,
    uploadPrefix: prefix ?? { bucket: '', key: '' },
  };
}

/** Bucket of the embedded S3 that a model given as a file is put into. */
const REHEARSAL_BUCKET = 'bsm-rehearsal';

/** For a rehearsal: an object of S3 that is downloaded, or a file. */
function readAnyModel({ name, value, problems }: InputField): ModelInput {
  if (/^s3:/i.test(value)) return readModel(value, problems);
  if (!/[^/\\]\.tar\.gz$/.test(value)) {
    problems.add(
      name,
      value === '' ? 'is empty' : `is ${quote(value)}`,
      's3://bucket/key/model.tar.gz or a local .tar.gz, as tar -czf model.tar.gz -C folder . makes one',
    );
  }
  const key = value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf('\\')) + 1);
  return { bucket: REHEARSAL_BUCKET, key, uri: `s3://${REHEARSAL_BUCKET}/${key}`, file: value };
}

// IAM's own pattern for role ARNs (RoleArn of the SageMaker API).
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/;

function readRole(name: string, value: string, problems: InputProblems): string | undefined {
  if (value === '') return undefined;
  if (!ROLE_ARN.test(value)) {
    problems.add(
      name,
      `is ${quote(value)}`,
      'the ARN of an IAM role, like arn:aws:iam::123456789012:role/bsm-pipeline',
    );
  }
  return value;
}

function readSessionName(value: string, problems: InputProblems): string | undefined {
  if (value !== '' && !/^[\w+=,.@-]{2,64}$/.test(value)) {
    problems.add('role-session-name', `is ${quote(value)}`, '2 to 64 letters, digits and _+=,.@-');
  }
  return given(value);
}

function readParameters(text: string, problems: InputProblems): Record<string, string> {
  const parameters = parseLines(problems, 'parameters', text);
  for (const [name, value] of Object.entries(parameters)) {
    if (RESERVED_PARAMETERS.includes(name)) {
      problems.add('parameters', `sets ${name}`, 'no reserved parameter: the action itself sets that one');
    } else if (!OPEN_PARAMETERS.includes(name)) {
      problems.add('parameters', `sets ${quote(name)}`, `one of ${OPEN_PARAMETERS.join(', ')}`);
    } else if (value.length > 1024) {
      problems.add('parameters', `gives ${name} ${value.length} characters`, 'at most 1,024 characters a value');
    }
  }
  return parameters;
}

function given(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}…` : value);
}
