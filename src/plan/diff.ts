import type { DeployedPipeline } from '../aws/types.ts';
import { canonicalJson, isObject, type Json, type JsonObject, parseJsonObject, textIn } from '../core/json.ts';
import type { Plan } from './types.ts';

/** One value that differs. `path` names array members by their name: `ProcessingInputs.code.S3Input.S3Uri`. */
export interface ValueChange {
  readonly path: string;
  /** Absent: was not there. */
  readonly old?: Json;
  /** Absent: is not there any more. */
  readonly new?: Json;
}

/** One step, or what belongs to the pipeline itself. */
export interface PartDiff {
  /** A step's name, or `pipeline`: role, description, parameters. */
  readonly part: string;
  /** Type of the step; undefined for the pipeline itself. */
  readonly type: string | undefined;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly changes: readonly ValueChange[];
}

/** What of a pipeline can differ. */
export interface ComparedPipeline {
  readonly definition: JsonObject;
  readonly roleArn: string;
  readonly description: string;
}

/** The difference by step and argument; empty where there is none. Key order and white space are no difference. */
export function diffPipelines(planned: ComparedPipeline, deployed: ComparedPipeline | undefined): readonly PartDiff[] {
  const [before, after] = [deployed === undefined ? [] : partsOf(deployed), partsOf(planned)];
  const names = [...new Set([...after, ...before].map(({ name }) => name))];
  const parts = names.flatMap((name) => {
    const old = before.find((part) => part.name === name);
    const present = after.find((part) => part.name === name);
    const changes = changesBetween(old?.value, present?.value);
    if (changes.length === 0) return [];
    const kind = old === undefined ? 'added' : present === undefined ? 'removed' : 'changed';
    return [{ part: name, type: typeOf(present ?? old), kind, changes } as const];
  });
  if (parts.length > 0 || deployed === undefined) return parts;
  return canonicalJson(withoutNull(deployed.definition)) === canonicalJson(withoutNull(planned.definition))
    ? []
    : [orderDiff(before, after)];
}

/** Equal parts, and yet another definition: the order of its lists. It matters to nobody but says why there is an update. */
function orderDiff(before: readonly Part[], after: readonly Part[]): PartDiff {
  const [old, present] = [before, after].map((parts) => parts.slice(1).map(({ name }) => name));
  const steps = canonicalJson(old ?? []) !== canonicalJson(present ?? []);
  const change = steps
    ? { path: 'Steps', old: old ?? [], new: present ?? [] }
    : { path: 'lists', old: 'in another order', new: 'in the order of this definition' };
  return { part: 'pipeline', type: undefined, kind: 'changed', changes: [change] };
}

interface Part {
  readonly name: string;
  readonly value: JsonObject;
}

function typeOf(part: Part | undefined): string | undefined {
  const type = part?.value['Type'];
  return typeof type === 'string' ? type : undefined;
}

function partsOf({ definition, roleArn, description }: ComparedPipeline): readonly Part[] {
  const { Steps: steps, ...rest } = withoutNull(definition);
  const all = (Array.isArray(steps) ? steps : []).filter(isObject);
  return [
    { name: 'pipeline', value: { RoleArn: roleArn, Description: description, ...rest } },
    ...all.map((step) => ({ name: textIn(step, 'Name'), value: unnamed(step) })),
  ];
}

/** What differs between two values, by path. */
export function changesBetween(old: JsonObject | undefined, present: JsonObject | undefined): readonly ValueChange[] {
  const [before, after] = [leaves(old), leaves(present)];
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was !== undefined && is !== undefined && canonicalJson(was) === canonicalJson(is)) return [];
    return [{ path, ...(was === undefined ? {} : { old: was }), ...(is === undefined ? {} : { new: is }) }];
  });
}

/** Every value by its path. Expressions and lists of plain values are values of their own. */
function leaves(value: JsonObject | undefined): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  const visit = (inner: Json, path: readonly string[]): void => {
    const children = childrenOf(inner);
    if (children === undefined) found.set(path.join('.').replace(/^Arguments\./, ''), inner);
    else for (const [key, child] of children) visit(child, [...path, key]);
  };
  if (value !== undefined) visit(value, []);
  return found;
}

/** undefined where a value is not to be taken apart. */
function childrenOf(value: Json): readonly (readonly [string, Json])[] | undefined {
  if (isObject(value)) {
    const entries = Object.entries(value);
    return entries.length === 0 || isExpression(value) ? undefined : entries;
  }
  if (!Array.isArray(value) || !value.every(isObject)) return undefined;
  const names = value.map(nameOf);
  const distinct = new Set(names).size === value.length && names.every((name) => name !== undefined);
  // An expression in a list belongs to the list, as `Values` of a join does.
  if (value.length === 0 || value.some(isExpression)) return undefined;
  return value.map((member, index) =>
    distinct ? ([names[index] ?? '', unnamed(member)] as const) : ([String(index), member] as const),
  );
}

/** The name is in the path already. */
function unnamed(member: JsonObject): JsonObject {
  const name = NAMES.find((key) => key in member);
  return Object.fromEntries(Object.entries(member).filter(([key]) => key !== name));
}

function isExpression(value: JsonObject): boolean {
  return ['Get', 'Std:Join', 'Std:JsonGet'].some((key) => key in value);
}

// What members of the definition's lists are called by.
const NAMES = ['Name', 'InputName', 'OutputName'];

function nameOf(member: JsonObject): string | undefined {
  const name = member[NAMES.find((key) => key in member) ?? ''];
  return typeof name === 'string' ? name : undefined;
}

/** A value for people: `${Parameters.ModelS3Path}` for references, joined texts for joins, JSON for everything else. */
export function valueText(value: Json): string {
  if (typeof value === 'string') return value;
  if (!isObject(value) || !isExpression(value)) return canonicalJson(value);
  if (typeof value['Get'] === 'string') return `\${${value['Get']}}`;
  const join = value['Std:Join'];
  if (!isObject(join) || !Array.isArray(join['Values'])) return canonicalJson(value);
  return join['Values'].map((part: Json) => valueText(part)).join(textIn(join, 'On'));
}

export type PipelineChange = 'create' | 'update' | 'none';

/** Compares by meaning, not by text: key order and white space do not matter. */
export function pipelineChange({ pipeline }: Plan, deployed: DeployedPipeline | undefined): PipelineChange {
  if (deployed === undefined) return 'create';
  const same =
    sameDefinition(JSON.stringify(pipeline.definition), deployed.definition) &&
    deployed.roleArn === pipeline.roleArn &&
    deployed.description === pipeline.description;
  return same ? 'none' : 'update';
}

export function sameDefinition(one: string, other: string): boolean {
  const parsed = [parseJsonObject(one), parseJsonObject(other)] as const;
  if (parsed[0] === undefined || parsed[1] === undefined) return false;
  return canonicalJson(withoutNull(parsed[0])) === canonicalJson(withoutNull(parsed[1]));
}

/** `PipelineExperimentConfig` null and absent are the same to SageMaker. */
function withoutNull(definition: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== null));
}
