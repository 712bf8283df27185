import { DeployError } from '../core/errors.ts';
import type { Files } from '../core/files.ts';
import { isObject, type JsonObject } from '../core/json.ts';

/**
 * The template of the execution document: a path, or JSON when it begins with `{`.
 * @throws DeployError `input-invalid` where it cannot be read, is no JSON, or lacks PIPELINE_STEP_CONFIGS
 */
export async function readTemplate(input: string | undefined, files: Files): Promise<JsonObject | undefined> {
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
  try {
    return await files.readText(path);
  } catch (thrown) {
    throw new DeployError(
      'input-invalid',
      `The execution document ${files.resolve(path)} cannot be read (input execution-document).`,
      {
        advice: 'Check the path and working-directory, or give the JSON itself.',
        cause: thrown,
      },
    );
  }
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
