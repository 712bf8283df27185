import { parse, Scalar, type ScalarTag, type YAMLSeq } from 'yaml';
import type { PolicyDocument } from './documents.ts';

/** docs/cloudformation.yml as CloudFormation takes it with these parameters, in us-east-1 of the account of the examples. */
export interface Template {
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  /** Names of the rules that these parameters break: CloudFormation makes nothing then. */
  readonly broken: readonly string[];
}
export interface Parameter {
  readonly Default?: string;
  readonly AllowedPattern?: string;
}
interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Properties;
}
interface Properties {
  readonly RoleName?: string;
  readonly AssumeRolePolicyDocument?: PolicyDocument;
  readonly Policies?: readonly { readonly PolicyName: string; readonly PolicyDocument: PolicyDocument }[];
  readonly PolicyName?: string;
  readonly PolicyDocument?: PolicyDocument;
}

type Node = null | string | boolean | number | readonly Node[] | { readonly [key: string]: Node };
const NO_VALUE = '!Ref AWS::NoValue';
const PSEUDO = { 'AWS::AccountId': '123456789012', 'AWS::Region': 'us-east-1' };

const scalarTag = (tag: string): ScalarTag => ({ tag, resolve: (value) => `${tag} ${value}` });
const listTag = (tag: string) => ({
  tag,
  collection: 'seq' as const,
  resolve: (value: unknown) => {
    (value as YAMLSeq).items.unshift(new Scalar(tag));
    return value;
  },
});
const customTags = [
  ...['!Sub', '!Ref', '!GetAtt', '!Condition'].map(scalarTag),
  ...['!If', '!Equals', '!And', '!Not'].map(listTag),
];

/** With the defaults of the parameters where none is given. */
export function evaluateTemplate(source: string, given: Readonly<Record<string, string>>): Template {
  const raw = parse(source, { customTags }) as Record<string, Record<string, Node>>;
  const parameters = raw['Parameters'] as unknown as Template['Parameters'];
  const defaults = Object.entries(parameters).flatMap(([name, { Default }]) =>
    Default === undefined ? [] : [[name, Default] as const],
  );
  const values: Readonly<Record<string, string>> = { ...PSEUDO, ...Object.fromEntries(defaults), ...given };
  const conditions = raw['Conditions'] ?? {};
  const context = { values, holds: (name: string): boolean => truth(conditions[name], context) };
  const resources = Object.entries(raw['Resources'] ?? {}).filter(([, resource]) => {
    const condition = (resource as { Condition?: string }).Condition;
    return condition === undefined || context.holds(condition);
  });
  const rules = Object.entries((raw['Rules'] ?? {}) as Record<string, { Assertions: readonly { Assert: Node }[] }>);
  return {
    Parameters: parameters,
    broken: rules.flatMap(([name, { Assertions }]) =>
      Assertions.every(({ Assert }) => truth(Assert, context)) ? [] : [name],
    ),
    Resources: Object.fromEntries(
      resources.map(([name, node]) => [name, resolve(node, context) as unknown as Resource]),
    ),
  };
}

interface Context {
  readonly values: Readonly<Record<string, string>>;
  holds(condition: string): boolean;
}

function truth(node: Node | undefined, context: Context): boolean {
  if (typeof node === 'string') return context.holds(node.replace('!Condition ', ''));
  if (!Array.isArray(node)) throw new Error(`No condition: ${JSON.stringify(node)}`);
  const [tag, ...parts] = node as readonly Node[];
  if (tag === '!And') return parts.every((part) => truth(part, context));
  if (tag === '!Not') return !truth(parts[0], context);
  if (tag === '!Equals') return resolve(parts[0] ?? null, context) === resolve(parts[1] ?? null, context);
  throw new Error(`No condition: ${JSON.stringify(node)}`);
}

function resolve(node: Node, context: Context): Node {
  if (typeof node === 'string') return text(node, context);
  if (Array.isArray(node)) {
    const items = node as readonly Node[];
    if (items[0] === '!If') return resolve(items[truth(items[1], context) ? 2 : 3] ?? null, context);
    return items.map((item) => resolve(item, context)).filter((item) => item !== NO_VALUE);
  }
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value, context)]));
}

function text(node: string, { values }: Context): string {
  if (node.startsWith('!Ref ')) return values[node.slice('!Ref '.length)] ?? node;
  if (!node.startsWith('!Sub ')) return node;
  return node.slice('!Sub '.length).replace(/\$\{([^}]+)\}/g, (whole, name: string) => values[name] ?? whole);
}
