/** Whether what a step refers to exists: parameters, steps, the properties that their type offers, property files. */
import type { JsonObject } from '../../contracts.ts';
import { type PropertyTree, stepProperties } from '../constraints.ts';
import { object, objects, text } from '../json.ts';
import { definitionError, type PropertyFile, type StepType } from './definition.ts';
import { type Expression, expressionsIn } from './expression.ts';
import type { Segment } from './path.ts';

type ReferableStep = {
  readonly name: string;
  readonly type: StepType;
  readonly arguments: JsonObject;
  readonly propertyFiles: readonly PropertyFile[];
};

export type Known = {
  readonly parameters: ReadonlySet<string>;
  readonly steps: ReadonlyMap<string, ReferableStep>;
};

/** The steps that the value refers to; throws where anything it refers to is not there. */
export function checkReferences(value: JsonObject, known: Known, where: string): string[] {
  return expressionsIn(value).flatMap((expression) => {
    const step = checkExpression(expression, known, where);
    return step === undefined ? [] : [step];
  });
}

function checkExpression(expression: Expression, known: Known, where: string): string | undefined {
  if (expression.kind === 'join') return undefined;
  if (expression.kind === 'jsonGet') {
    const step = stepNamed(expression.step, known, where);
    if (!step.propertyFiles.some((file) => file.name === expression.file)) {
      throw definitionError(
        `${where} refers to the property file '${expression.file}', which step '${step.name}' does not declare.`,
      );
    }
    return step.name;
  }
  const { reference } = expression;
  if (reference.kind === 'execution') return undefined;
  if (reference.kind === 'parameter') {
    if (known.parameters.has(reference.name)) return undefined;
    throw definitionError(`${where} refers to the parameter '${reference.name}', which is not declared.`);
  }
  const step = stepNamed(reference.step, known, where);
  checkProperty(step, reference, where);
  return step.name;
}

function stepNamed(name: string, known: Known, where: string): ReferableStep {
  const step = known.steps.get(name);
  if (step !== undefined) return step;
  throw definitionError(`${where} refers to the step '${name}', which does not exist.`);
}

function checkProperty(
  step: ReferableStep,
  reference: { path: readonly Segment[]; text: string },
  where: string,
): void {
  let tree: PropertyTree | undefined = stepProperties(step.type);
  for (const segment of reference.path) tree = tree === undefined ? undefined : below(tree, segment);
  if (tree === undefined) {
    throw definitionError(
      `${where} refers to '${reference.text}', a property that steps of type ${step.type} do not have.`,
    );
  }
  const named = outputName(reference.path);
  if (named !== undefined && lacksOutput(step.arguments, named)) {
    throw definitionError(`${where} refers to '${reference.text}', but step '${step.name}' has no output '${named}'.`);
  }
}

function below(tree: PropertyTree, segment: Segment): PropertyTree | undefined {
  if (tree === 1) return undefined;
  if (isList(tree)) return segment.kind === 'member' ? undefined : tree[0];
  if (segment.kind === 'index') return undefined;
  const name = segment.kind === 'key' ? segment.key : segment.name;
  return Object.hasOwn(tree, name) ? tree[name] : tree['<string>'];
}

function isList(tree: PropertyTree): tree is readonly PropertyTree[] {
  return Array.isArray(tree);
}

function outputName(path: readonly Segment[]): string | undefined {
  const [first, second, third] = path;
  const isOutputs =
    first?.kind === 'member' &&
    first.name === 'ProcessingOutputConfig' &&
    second?.kind === 'member' &&
    second.name === 'Outputs';
  return isOutputs && third?.kind === 'key' ? third.key : undefined;
}

/** False too where a name is an expression: then it is not known before the start. */
function lacksOutput(stepArguments: JsonObject, name: string): boolean {
  const outputs = objects(object(stepArguments, 'ProcessingOutputConfig') ?? {}, 'Outputs');
  return outputs.every((output) => text(output, 'OutputName') !== undefined && text(output, 'OutputName') !== name);
}
