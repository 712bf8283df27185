import { createHash } from 'node:crypto';
import { findNodeAtLocation, getNodeValue } from 'jsonc-parser';
import type { Json, JsonObject } from '../core/json.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { type Diagnostics, excerpt } from './diagnostics.ts';
import type { Node } from './document.ts';
import type { Field } from './field.ts';
import { enclosing, type Layout, type SelectedValue, selectValue } from './layout.ts';
import { type FieldTable, SECTION_NAMES, type SectionName, SECTIONS, type SectionValues } from './sections.ts';
import type { Config, Draft } from './types.ts';
import { type Variable, variablesObject } from './values.ts';

export interface Resolution {
  readonly draft: Draft;
  /** Where a field's value stands; `base.bucket` -> node. Only fields that the file gives. */
  readonly nodes: ReadonlyMap<string, Node>;
}

interface FieldContext {
  readonly layout: Layout;
  readonly source: string;
  readonly diagnostics: Diagnostics;
}

/** Reads every field of every section by its table; derived defaults are still open afterwards. */
export function resolveFields(context: FieldContext): Resolution {
  const draft: Draft = { base: {}, model: {}, package: {}, registration: {}, payload: {} };
  const nodes = new Map<string, Node>();
  for (const section of SECTION_NAMES) {
    for (const [name, field] of Object.entries<Field<unknown>>(SECTIONS[section] satisfies FieldTable)) {
      const path = `${section}.${name}`;
      const selected = selectValue(context.layout, section, name);
      const reading = readField({ section, path, field, selected }, context);
      if (reading.node !== undefined) nodes.set(path, reading.node);
      if ('value' in reading) Object.assign(draft[section], { [name]: reading.value });
    }
  }
  return { draft, nodes };
}

interface FieldRequest {
  readonly section: SectionName;
  readonly path: string;
  readonly field: Field<unknown>;
  readonly selected: SelectedValue;
}

interface FieldReading {
  /** Where the file gives the field. */
  readonly node?: Node;
  /** Absent where it is wrong, and where the default is derived later. */
  readonly value?: unknown;
}

function readField(request: FieldRequest, context: FieldContext): FieldReading {
  const { field, selected, path } = request;
  const { node } = selected;
  if (node === undefined || (isUnset(node, field) && field.presence.is !== 'required')) {
    return withoutValue(request, context);
  }
  reportElsewhere(request, context);
  const value: unknown = getNodeValue(node);
  const reading = field.kind.read?.(value) ?? { value };
  const checked = field.kind.schema.safeParse(reading.value);
  if (!checked.success) {
    reportIssues(request, checked.error.issues, context);
    return { node };
  }
  if (reading.note !== undefined) {
    const message = `${path} ${reading.note}. The value is accepted because the old loader did.`;
    context.diagnostics.warning({ code: 'converted', field: path, offset: node.offset, message });
  }
  return { node, value: field.kind.finish?.(checked.data, node) ?? checked.data };
}

/** `null` (and, where the default is made of other fields, empty text) says the same as leaving the field out. */
function isUnset(node: Node, { presence }: Field<unknown>): boolean {
  if (presence.is === 'default') return node.type === 'null' && presence.nullable;
  return node.type === 'null' || node.value === '';
}

function withoutValue({ section, path, field }: FieldRequest, { layout, diagnostics }: FieldContext): FieldReading {
  switch (field.presence.is) {
    case 'required': {
      const message = `${path} is missing; expected ${field.kind.expected}.`;
      diagnostics.error({ code: 'missing', field: path, offset: enclosing(layout, section).offset, message });
      return {};
    }
    case 'default':
      return { value: field.presence.value };
    case 'optional':
      return { value: null };
    case 'derived':
      return {};
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  /** What was expected. */
  readonly message: string;
  /** Of a value with two forms: what is wrong with it as either of them. */
  readonly errors?: readonly (readonly Issue[])[];
  /** Of a key: what is wrong with it. */
  readonly issues?: readonly Issue[];
}

function reportIssues(
  { path, selected }: FieldRequest,
  issues: readonly object[],
  { source, diagnostics }: FieldContext,
): void {
  const reported = new Set<string>();
  for (const { path: inside, message, issues: ofKey } of (issues as readonly Issue[]).flatMap(meant)) {
    const field = `${path}${inside.map(pathText).join('')}`;
    if (reported.has(field) || selected.node === undefined) continue;
    reported.add(field);
    const node = inside.length === 0 ? selected.node : findNodeAtLocation(selected.node, inside.map(segment));
    const text = node === undefined ? 'missing' : excerpt(source.slice(node.offset, node.offset + node.length));
    const [found, expected] = ofKey === undefined ? [text, message] : ['no valid key', ofKey[0]?.message ?? message];
    const offset = (node ?? selected.node).offset;
    diagnostics.error({ code: 'invalid', field, offset, message: `${field} is ${found}; expected ${expected}.` });
  }
}

function segment(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}

function pathText(part: PropertyKey): string {
  return typeof part === 'number' ? `[${part}]` : `.${excerpt(String(part))}`;
}

/** Of a value with two forms, what is wrong inside the form that was meant. */
function meant(issue: Issue): readonly Issue[] {
  const inner = issue.errors?.find((form) => form.length > 0 && form.every(({ path }) => path.length > 0));
  return inner?.map((found) => ({ ...found, path: [...issue.path, ...found.path] })) ?? [issue];
}

/** The same field with another value in a section that does not decide it. */
function reportElsewhere({ path, selected }: FieldRequest, { source, diagnostics }: FieldContext): void {
  const text = (node: Node) => source.slice(node.offset, node.offset + node.length);
  for (const { section, node } of selected.elsewhere) {
    if (selected.node === undefined || node === selected.node || node.type === 'null') continue;
    if (JSON.stringify(getNodeValue(node)) === JSON.stringify(getNodeValue(selected.node))) continue;
    if (section === 'package' && path === 'base.source_dir') continue;
    const name = path.slice(path.indexOf('.') + 1);
    const message = `${section}.${name} is ${excerpt(text(node))} and is ignored: ${path} is ${excerpt(text(selected.node))}, and one value holds for the whole deployment.`;
    diagnostics.warning({ code: 'ignored', field: `${section}.${name}`, offset: node.offset, message });
  }
}

/** Longest name of a model package group that the registry takes. */
const GROUP_NAME_LENGTH = 63;
/** Hexadecimal digits that keep two shortened names different. */
const HASH_LENGTH = 8;

/**
 * Fills in the defaults that are made of other fields, in the order in which they depend on each other. Where a field
 * that one is made of is wrong, it stays open: that field's own problem is reported already.
 */
export function deriveDefaults(draft: Draft, today: string): void {
  const { base } = draft;
  base.current_date ??= today;
  // An empty list says the same as none.
  if (base.subnets?.length === 0) base.subnets = null;
  if (base.security_group_ids?.length === 0) base.security_group_ids = null;
  if (base.region !== undefined) {
    base.aws_region ??= AWS_REGIONS[base.region];
    base.pipeline_description ??= `BSM RnR ${base.region}`;
    if (base.author !== undefined) base.pipeline_name ??= `${base.author}-BSM-RnR-${base.region}`;
  }
  deriveNames(draft);
}

function deriveNames({ base, registration, payload }: Draft): void {
  const { bucket, pipeline_name: name, pipeline_version: version } = base;
  if (name !== undefined) base.model_package_group_name ??= groupName(name);
  if (name === undefined || version === undefined) return;
  if (bucket !== undefined) base.pipeline_s3_loc ??= `s3://${bucket}/MODS/${name}_${version}`;
  const objective = registration.model_registration_objective;
  if (objective !== undefined)
    payload.sample_payload_s3_key ??= `mods/payload/payload_${name}_${version}_${objective}.tar.gz`;
}

/** A pipeline's name where it fits; a longer one is cut and ended with a hash of the whole. */
function groupName(pipelineName: SectionValues['base']['pipeline_name']): string {
  if (pipelineName.length <= GROUP_NAME_LENGTH) return pipelineName;
  const hash = createHash('sha256').update(pipelineName).digest('hex').slice(0, HASH_LENGTH);
  const kept = pipelineName.slice(0, GROUP_NAME_LENGTH - HASH_LENGTH - 1).replace(/-+$/, '');
  return `${kept}-${hash}`;
}

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

/** JavaScript puts such keys first in an object; the order of the inputs must be kept. */
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
