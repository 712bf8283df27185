/**
 * The limits of the API calls, as data. `data/api-constraints.json` is reduced from AWS's public service model for
 * SageMaker (2017-07-24, as of May 2026): documentation left out, every shape kept once under its name.
 */
import data from './data/api-constraints.json' with { type: 'json' };

export type Shape = {
  readonly type: 'structure' | 'list' | 'map' | 'string' | 'integer' | 'long' | 'boolean' | 'timestamp';
  /** Length of a string, size of a list or map, value of a number. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** Member name to the name of its shape. */
  readonly members?: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
  /** Shape names of a list's members, and of a map's keys and values. */
  readonly member?: string;
  readonly key?: string;
  readonly value?: string;
};

/** What a step offers to references: objects by member, lists as one-element lists, leaves as 1, `<string>` any key. */
export type PropertyTree = 1 | readonly PropertyTree[] | { readonly [member: string]: PropertyTree };

type Constraints = {
  readonly source: string;
  readonly operations: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly stepProperties: Readonly<Record<string, PropertyTree>>;
};

const constraints = data as unknown as Constraints;

/** The input shape of an operation, or undefined where SageMaker (as we know it) has no such operation. */
export function operationInput(operation: string): Shape | undefined {
  const name = Object.hasOwn(constraints.operations, operation) ? constraints.operations[operation] : undefined;
  return name === undefined ? undefined : shapeNamed(name);
}

export function shapeNamed(name: string): Shape {
  const shape = constraints.shapes[name];
  if (shape === undefined) throw new Error(`api-constraints.json refers to the shape ${name} and does not hold it`);
  return shape;
}

/** The answer of the Describe call behind a step, which property references are taken from. */
export function stepProperties(stepType: string): PropertyTree {
  return constraints.stepProperties[stepType] ?? {};
}
