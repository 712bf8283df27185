import type { Config, Variable } from '../config/index.ts';

/** One sample payload: the file's name inside the archive and its text (UTF-8). */
export interface PayloadFile {
  readonly name: string;
  readonly contentType: string;
  readonly text: string;
}

const FILE_NAMES: Readonly<Record<string, string>> = {
  'text/csv': 'payload_text_csv_0.csv',
  'application/json': 'payload_application_json_0.json',
};

/**
 * Sample payloads, one file per content type, the inputs in their order.
 * @param timestamp what `{timestamp}` stands for; the placeholder itself gives the unexpanded templates.
 */
export function samplePayloads(config: Config, timestamp: string): readonly PayloadFile[] {
  const values = config.registration.source_model_inference_input_variable_list.map((variable) =>
    sampleValue(variable, config, timestamp),
  );
  return config.registration.source_model_inference_content_types.map((contentType) => ({
    name: FILE_NAMES[contentType] ?? `payload_${contentType.replace(/\W/g, '_')}_0`,
    contentType,
    text: contentType === 'text/csv' ? csvLine(values) : jsonObject(values),
  }));
}

/** The payloads with `{timestamp}` unexpanded: the same at any time. */
export function payloadTemplates(config: Config): readonly PayloadFile[] {
  return samplePayloads(config, '{timestamp}');
}

/** `2026-11-23 04:26:54`, UTC: the form that teams' handlers know from the old payloads. */
export function payloadTimestamp(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ');
}

interface SampleValue {
  readonly name: string;
  readonly value: number | string;
}

function sampleValue(variable: Variable, config: Config, timestamp: string): SampleValue {
  const { payload } = config;
  if (variable.type === 'NUMERIC') return { name: variable.name, value: payload.default_numeric_value };
  const template = payload.special_field_values?.[variable.name];
  return {
    name: variable.name,
    value: template === undefined ? payload.default_text_value : expand(template, timestamp),
  };
}

/** Python's format rules, with `{timestamp}` as the one placeholder: `{{` and `}}` stand for braces. */
function expand(template: string, timestamp: string): string {
  return template.replace(/\{\{|\}\}|\{timestamp\}/g, (found) =>
    found === '{timestamp}' ? timestamp : found.charAt(0),
  );
}

/** RFC 4180: a value is quoted when it holds a comma, a quote, a line end, or blanks at its ends. */
function csvLine(values: readonly SampleValue[]): string {
  return values.map(({ value }) => (typeof value === 'number' ? decimal(value) : csvText(value))).join(',');
}

function csvText(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A number as Python prints a float (`0.0`), which is what the handlers were written against. */
function decimal(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}

/** An object in the inputs' order. Built as text, since JavaScript puts keys that look like numbers first. */
function jsonObject(values: readonly SampleValue[]): string {
  return `{${values.map(({ name, value }) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')}}`;
}
