import { relative } from 'node:path';
import { type Config, type ConfigDiagnostic, formatDiagnostic, readConfig } from '../config/index.ts';
import type { Clock } from '../core/clock.ts';
import type { Context } from '../core/context.ts';
import { DeployError, type Diagnostic, type ErrorCode } from '../core/errors.ts';
import { type Files, isLfsPointer, LFS_HELP } from '../core/files.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { regionCode } from '../core/regions.ts';
import type { Runner } from '../core/runner.ts';
import { TextEncodingError, utf8Help } from '../core/text.ts';
import type { Request } from '../plan/types.ts';
import type { Inputs } from './index.ts';

export interface ConfigSources {
  readonly files: Files;
  readonly context: Context;
  readonly runner: Runner;
  readonly clock: Clock;
}

/**
 * Reads and checks the configuration, and completes the request with what it says (regions, role).
 * @throws DeployError `config-missing`, `config-invalid` (every problem, each with its place), `role-missing`
 */
export async function loadConfig(
  inputs: Inputs,
  sources: ConfigSources,
): Promise<{ config: Config; request: Request }> {
  const { files, clock, context, runner } = sources;
  const text = await readText(inputs, files);
  const nowMs = clock.nowMs();
  const surroundings = {
    files,
    today: new Date(nowMs).toISOString().slice(0, 10),
    ...(inputs.pipelineRoleArn === undefined ? {} : { roleInput: inputs.pipelineRoleArn }),
  };
  const file = relative(context.workspace, files.resolve(inputs.configPath));
  const result = readConfig({ text, path: inputs.configPath }, surroundings);
  for (const warning of result.warnings) {
    const { message, place } = finding(warning, file);
    runner.annotate('warning', { title: 'Configuration', message, ...(place === undefined ? {} : { place }) });
  }
  if (!result.ok) {
    throw new DeployError('config-invalid', result.problems.map(formatDiagnostic).join('\n'), {
      advice: `Mend ${inputs.configPath}; docs/configuration.md describes every field.`,
      diagnostics: result.problems.map((problem) => finding(problem, file)),
    });
  }
  const documentTemplate = await readTemplate(inputs.executionDocument, files);
  return { config: result.config, request: { ...request(result.config, inputs, sources), documentTemplate } };
}

async function readText(inputs: Inputs, files: Files): Promise<string> {
  const what = `The configuration ${files.resolve(inputs.configPath)}`;
  try {
    const text = await files.readText(inputs.configPath);
    if (!isLfsPointer(text)) return text;
  } catch (thrown) {
    if (thrown instanceof TextEncodingError) {
      throw badEncoding({ code: 'config-invalid', what, path: inputs.configPath, thrown });
    }
    const is = files.kind(inputs.configPath) === 'folder' ? 'is a folder' : 'does not exist or cannot be read';
    throw new DeployError(
      'config-missing',
      `The configuration ${files.resolve(inputs.configPath)} ${is} (input config-path).`,
      {
        advice:
          'In a workflow, check the path and working-directory, and that actions/checkout ran before this step; in a terminal, check the path and --working-directory.',
        cause: thrown,
      },
    );
  }
  throw lfsPointer('config-invalid', `${what} (input config-path)`);
}

/** Windows programs write several encodings; which one it is shows in the bytes. */
function badEncoding({
  code,
  what,
  path,
  thrown,
}: {
  readonly code: ErrorCode;
  readonly what: string;
  readonly path: string;
  readonly thrown: TextEncodingError;
}): DeployError {
  return new DeployError(code, `${what} is ${thrown.encoding}; expected UTF-8, or UTF-16 with a byte order mark.`, {
    advice: utf8Help(path, thrown),
    cause: thrown,
  });
}

function lfsPointer(code: ErrorCode, what: string): DeployError {
  return new DeployError(code, `${what} is a Git LFS pointer, not the file that it stands for.`, { advice: LFS_HELP });
}

function request(config: Config, inputs: Inputs, { context, clock }: ConfigSources): Omit<Request, 'documentTemplate'> {
  const roleArn =
    inputs.pipelineRoleArn ?? config.base.role ?? (inputs.mode === 'rehearse' ? REHEARSED_ROLE : undefined);
  if (roleArn === undefined) {
    throw new DeployError(
      'role-missing',
      'No role for the pipeline: neither the input pipeline-role-arn nor base.role of the configuration is set.',
      {
        advice: 'Name the IAM role that SageMaker runs the jobs with; docs/permissions.md shows its policy.',
      },
    );
  }
  return {
    regions: inputs.regions ?? [regionCode(config.base.region) ?? 'NA'],
    roleArn,
    approvalStatus: inputs.approvalStatus,
    parameters: inputs.parameters,
    tags: inputs.tags,
    provenance: context.provenance,
    nowMs: clock.nowMs(),
  };
}

/** No role is taken on this machine. */
const REHEARSED_ROLE = 'arn:aws:iam::123456789012:role/rehearsal';

/** Annotations name files from the repository's root, whatever the working directory is. */
function finding({ message, line, column }: ConfigDiagnostic, file: string): Diagnostic {
  return { message, place: { file, line, column } };
}

/**
 * The template of the execution document: a path, or JSON when it begins with `{`.
 * @throws DeployError `input-invalid` where it cannot be read, is no JSON, or lacks PIPELINE_STEP_CONFIGS
 */
async function readTemplate(input: string | undefined, files: Files): Promise<JsonObject | undefined> {
  if (input === undefined) return undefined;
  const inline = input.startsWith('{');
  const what = inline ? 'Input execution-document' : `The execution document ${input} (input execution-document)`;
  const text = inline ? input : await readFile(input, files);
  const template = parse(text, what);
  if (isObject(template) && isObject(template['PIPELINE_STEP_CONFIGS'])) return template;
  throw new DeployError('input-invalid', `${what} has no object PIPELINE_STEP_CONFIGS.`, {
    advice: 'Expected {"PIPELINE_STEP_CONFIGS": {"Registration_NA": {"STEP_CONFIG": {...}}}}.',
  });
}

async function readFile(path: string, files: Files): Promise<string> {
  const what = `The execution document ${files.resolve(path)}`;
  try {
    const text = await files.readText(path);
    if (!isLfsPointer(text)) return text;
  } catch (thrown) {
    if (thrown instanceof TextEncodingError) throw badEncoding({ code: 'input-invalid', what, path, thrown });
    throw new DeployError(
      'input-invalid',
      `The execution document ${files.resolve(path)} cannot be read (input execution-document).`,
      {
        advice: 'Check the path and working-directory, or give the JSON itself.',
        cause: thrown,
      },
    );
  }
  throw lfsPointer('input-invalid', `${what} (input execution-document)`);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    // V8's message says where: "... at position 12 (line 2 column 3)".
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new DeployError('input-invalid', `${what} is no valid JSON: ${reason}.`, {
      advice: 'Mend the JSON.',
      cause: thrown,
    });
  }
}
