import type { Json, JsonObject } from '../core/json.ts';
import { type Variable, variablesObject } from './collections.ts';
import { SECTION_NAMES } from './sections.ts';
import type { Config } from './types.ts';

const VARIABLE_FIELDS = {
  input: 'source_model_inference_input_variable_list',
  output: 'source_model_inference_output_variable_list',
} as const;

/** A variable list in the form that the file has it in: name to type, or a list of pairs. */
export function originalVariableList({ registration, origin }: Config, which: 'input' | 'output'): Json {
  const list = registration[VARIABLE_FIELDS[which]];
  return origin.pairs[which] || list.some(({ name }) => losesItsPlace(name)) ? asPairs(list) : variablesObject(list);
}

function asPairs(list: readonly Variable[]): Json {
  return list.map(({ name, type }) => [name, type]);
}

/** JavaScript moves such keys to the front of an object; the order of the inputs must survive. */
function losesItsPlace(name: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(name);
}

/** The resolved values by section, under the names and in the forms that the file has. */
export function resolvedValues(config: Config): JsonObject {
  const lists = Object.fromEntries(
    (['input', 'output'] as const).map((which) => [VARIABLE_FIELDS[which], originalVariableList(config, which)]),
  );
  const sections = SECTION_NAMES.map((section) => [section, config[section]] as const);
  return Object.fromEntries(
    sections.map(([section, values]) => [section, section === 'registration' ? { ...values, ...lists } : values]),
  ) as JsonObject;
}
