import type { JsonObject } from '../../contracts.ts';
import type { Definition, ParameterDeclaration, ParameterValue } from '../definition/definition.ts';
import { typedValue } from '../definition/parameters.ts';
import { validationError } from '../errors.ts';
import { objects, text } from '../json.ts';
import type { ExecutionRecord } from '../state.ts';

export type Parameters = Pick<ExecutionRecord, 'givenParameters' | 'parameters'>;

/** The parameters of a start, each declared, of its type, and with the defaults filled in. */
export function readStartParameters(input: JsonObject, definition: Definition): Parameters {
  const given = objects(input, 'PipelineParameters').map((item) => ({
    Name: text(item, 'Name') ?? '',
    Value: text(item, 'Value') ?? '',
  }));
  const byName = new Map<string, string>();
  for (const { Name, Value } of given) {
    if (byName.has(Name)) throw validationError(`The pipeline parameter [${Name}] is given twice.`);
    byName.set(Name, Value);
  }
  const declared = new Set(definition.parameters.map((parameter) => parameter.name));
  const unknown = given.filter(({ Name }) => !declared.has(Name)).map(({ Name }) => Name);
  if (unknown.length > 0) {
    throw validationError(
      `Pipeline parameters [${unknown.join(', ')}] are not defined in the pipeline definition, ` +
        `which defines [${[...declared].join(', ')}].`,
    );
  }
  const values = definition.parameters.map((declaration) => ({
    name: declaration.name,
    value: valueOf(declaration, byName.get(declaration.name)),
  }));
  return { givenParameters: given, parameters: values };
}

function valueOf(declaration: ParameterDeclaration, given: string | undefined): ParameterValue {
  const { name, type, defaultValue, enumValues } = declaration;
  if (given === undefined) {
    if (defaultValue === undefined) {
      throw validationError(`The pipeline parameter [${name}] has no default value and must be given.`);
    }
    return defaultValue;
  }
  const value = typedValue(given, type);
  if (value === undefined) {
    throw validationError(`The value '${given}' of the pipeline parameter [${name}] is not of type ${type}.`);
  }
  if (enumValues !== undefined && !enumValues.includes(value)) {
    throw validationError(
      `The value '${given}' of the pipeline parameter [${name}] is not in its enum values [${enumValues.join(', ')}].`,
    );
  }
  return value;
}
