import { findNodeAtLocation, getNodeValue } from 'jsonc-parser';
import type { Node } from './document.ts';
import type { Field } from './field.ts';
import type { Layout } from './layout.ts';
import { enclosing, pick, type Pick } from './pick.ts';
import { excerpt, type Findings } from './problems.ts';
import { SECTION_NAMES, SECTIONS, type FieldTable, type SectionName, type SectionValues } from './sections.ts';

/** Values that have been read so far; what was wrong or waits for its default is not there. */
export type Draft = { readonly [S in SectionName]: { -readonly [K in keyof SectionValues[S]]?: SectionValues[S][K] } };

export interface Resolution {
  readonly draft: Draft;
  /** Where a field's value stands; `base.bucket` -> node. Only fields that the file gives. */
  readonly nodes: ReadonlyMap<string, Node>;
}

interface Context {
  readonly layout: Layout;
  readonly source: string;
  readonly findings: Findings;
}

/** Reads every field of every section by its table; derived defaults are still open afterwards. */
export function resolveFields(context: Context): Resolution {
  const draft: Draft = { base: {}, model: {}, package: {}, registration: {}, payload: {} };
  const nodes = new Map<string, Node>();
  for (const section of SECTION_NAMES) {
    for (const [name, field] of Object.entries<Field<unknown>>(SECTIONS[section] satisfies FieldTable)) {
      const path = `${section}.${name}`;
      const picked = pick(context.layout, section, name);
      const reading = readField({ section, path, field, picked }, context);
      if (reading.node !== undefined) nodes.set(path, reading.node);
      if ('value' in reading) Object.assign(draft[section], { [name]: reading.value });
    }
  }
  return { draft, nodes };
}

interface Asked {
  readonly section: SectionName;
  readonly path: string;
  readonly field: Field<unknown>;
  readonly picked: Pick;
}

interface FieldReading {
  /** Where the file gives the field. */
  readonly node?: Node;
  /** Absent where it is wrong, and where the default is derived later. */
  readonly value?: unknown;
}

function readField(asked: Asked, context: Context): FieldReading {
  const { field, picked, path } = asked;
  const { node } = picked;
  if (node === undefined || (meansNothing(node, field) && field.presence.is !== 'required')) {
    return withoutValue(asked, context);
  }
  reportElsewhere(asked, context);
  const value: unknown = getNodeValue(node);
  const reading = field.kind.read?.(value) ?? { value };
  const checked = field.kind.schema.safeParse(reading.value);
  if (!checked.success) {
    reportIssues(asked, checked.error.issues, context);
    return { node };
  }
  if (reading.note !== undefined) {
    const message = `${path} ${reading.note}. The value is accepted because the old loader did.`;
    context.findings.warning({ code: 'converted', field: path, offset: node.offset, message });
  }
  return { node, value: field.kind.finish?.(checked.data, node) ?? checked.data };
}

/** `null` (and, where the default is made of other fields, empty text) says the same as leaving the field out. */
function meansNothing(node: Node, { presence }: Field<unknown>): boolean {
  if (presence.is === 'default') return node.type === 'null' && presence.nullable;
  return node.type === 'null' || node.value === '';
}

function withoutValue({ section, path, field }: Asked, { layout, findings }: Context): FieldReading {
  switch (field.presence.is) {
    case 'required': {
      const message = `${path} is missing; expected ${field.kind.expected}.`;
      findings.error({ code: 'missing', field: path, offset: enclosing(layout, section).offset, message });
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

function reportIssues({ path, picked }: Asked, issues: readonly object[], { source, findings }: Context): void {
  const reported = new Set<string>();
  for (const { path: inside, message, issues: ofKey } of (issues as readonly Issue[]).flatMap(meant)) {
    const field = `${path}${inside.map(pathText).join('')}`;
    if (reported.has(field) || picked.node === undefined) continue;
    reported.add(field);
    const node = inside.length === 0 ? picked.node : findNodeAtLocation(picked.node, inside.map(segment));
    const text = node === undefined ? 'missing' : excerpt(source.slice(node.offset, node.offset + node.length));
    const [found, expected] = ofKey === undefined ? [text, message] : ['no valid key', ofKey[0]?.message ?? message];
    const offset = (node ?? picked.node).offset;
    findings.error({ code: 'invalid', field, offset, message: `${field} is ${found}; expected ${expected}.` });
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
function reportElsewhere({ path, picked }: Asked, { source, findings }: Context): void {
  const text = (node: Node) => source.slice(node.offset, node.offset + node.length);
  for (const { section, node } of picked.elsewhere) {
    if (picked.node === undefined || node === picked.node || node.type === 'null') continue;
    if (JSON.stringify(getNodeValue(node)) === JSON.stringify(getNodeValue(picked.node))) continue;
    if (section === 'package' && path === 'base.source_dir') continue;
    const name = path.slice(path.indexOf('.') + 1);
    const message = `${section}.${name} is ${excerpt(text(node))} and is ignored: ${path} is ${excerpt(text(picked.node))}, and one value holds for the whole deployment.`;
    findings.warning({ code: 'ignored', field: `${section}.${name}`, offset: node.offset, message });
  }
}
