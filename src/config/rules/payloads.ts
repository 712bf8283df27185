import { excerpt } from '../problems.ts';
import type { Rule } from './rule.ts';

/** Special values belong to TEXT inputs, and their templates can be filled. */
export const specialValues: Rule = ({ draft }) => {
  const inputs = draft.registration.source_model_inference_input_variable_list;
  const field = 'payload.special_field_values';
  return Object.entries(draft.payload.special_field_values ?? {}).flatMap(([name, template]) => {
    const problems = [
      ...(inputs === undefined ? [] : inputProblem(name, inputs)),
      ...templateProblem(template).map((problem) => `is ${excerpt(JSON.stringify(template))}; ${problem}`),
    ];
    const where = `${field}.${excerpt(name)}`;
    return problems.map((problem) => {
      return { severity: 'error', code: 'conflict', field, inside: [name], message: `${where} ${problem}.` } as const;
    });
  });
};

function inputProblem(
  name: string,
  inputs: readonly { readonly name: string; readonly type: string }[],
): readonly string[] {
  const input = inputs.find((candidate) => candidate.name === name);
  if (input?.type === 'TEXT') return [];
  const texts = inputs.filter(({ type }) => type === 'TEXT').map((candidate) => candidate.name);
  const expected =
    texts.length === 0 ? 'there is no TEXT input' : `expected a TEXT input: ${excerpt(texts.join(', '))}`;
  const list = 'registration.source_model_inference_input_variable_list';
  return [input === undefined ? `is no input of ${list}; ${expected}` : `is a NUMERIC input; ${expected}`];
}

/** Python's format rules with one placeholder: `{{` and `}}` are braces, `{timestamp}` is the time, nothing else. */
function templateProblem(template: string): readonly string[] {
  const left = template.replace(/\{\{|\}\}|\{timestamp\}/g, '');
  const placeholder = /\{[^{}]*\}?|\}/.exec(left)?.[0];
  if (placeholder === undefined) return [];
  return [`found ${excerpt(placeholder)}, expected {timestamp} as the only placeholder ({{ and }} stand for braces)`];
}

/** What the load test would find strange, but can be done. */
export const inputs: Rule = ({ draft }) => {
  const field = 'registration.source_model_inference_input_variable_list';
  if (draft.registration.source_model_inference_input_variable_list?.length !== 0) return [];
  const message = `${field} names no input: the sample payloads will be empty.`;
  return [{ severity: 'warning', code: 'placeholder', field, message }];
};
