import type { Json } from '../../contracts.ts';
import {
  definitionError,
  describe,
  expectArray,
  expectObject,
  expectString,
  type ParameterDeclaration,
  type ParameterType,
  type ParameterValue,
  refuseUnknownMembers,
} from './definition.ts';

/** Limits of SageMaker: parameters of a pipeline, characters of a value. */
const mostParameters = 200;
const longestValue = 1024;

const typeTests: Readonly<Record<ParameterType, (value: Json) => value is ParameterValue>> = {
  String: (value) => typeof value === 'string',
  Integer: (value): value is number => Number.isInteger(value),
  Float: (value) => typeof value === 'number',
  Boolean: (value) => typeof value === 'boolean',
};

export function readParameters(value: Json | undefined): ParameterDeclaration[] {
  const list = value === undefined ? [] : expectArray(value, 'Parameters');
  if (list.length > mostParameters) {
    throw definitionError(`There are ${list.length} parameters; the limit is ${mostParameters}.`);
  }
  const names = new Set<string>();
  return list.map((item, index) => {
    const declaration = readParameter(item, `Parameters[${index}]`);
    if (names.has(declaration.name)) throw definitionError(`Parameter '${declaration.name}' is declared twice.`);
    names.add(declaration.name);
    return declaration;
  });
}

function readParameter(value: Json, where: string): ParameterDeclaration {
  const parameter = expectObject(value, where);
  refuseUnknownMembers(parameter, ['Name', 'Type', 'DefaultValue', 'EnumValues', 'Description', 'DisplayName'], where);
  const name = expectString(parameter['Name'], `The Name of ${where}`);
  if (!/^[A-Za-z0-9\-_]{1,256}$/.test(name)) {
    throw definitionError(`The parameter name ${describe(name)} must have 1 to 256 letters, digits, '-' and '_'.`);
  }
  const type = parameter['Type'];
  if (type !== 'String' && type !== 'Integer' && type !== 'Float' && type !== 'Boolean') {
    throw definitionError(
      `Parameter '${name}' has the Type ${describe(type)}; expected String, Integer, Float or Boolean.`,
    );
  }
  const enumValues = readEnum(parameter['EnumValues'], { name, type });
  const given = parameter['DefaultValue'];
  const defaultValue = given === undefined ? undefined : readValue(given, { name, type, enumValues }, 'DefaultValue');
  return {
    name,
    type,
    ...(defaultValue === undefined ? {} : { defaultValue }),
    ...(enumValues === undefined ? {} : { enumValues }),
  };
}

function readEnum(value: Json | undefined, of: { name: string; type: ParameterType }): ParameterValue[] | undefined {
  if (value === undefined) return undefined;
  const values = expectArray(value, `EnumValues of parameter '${of.name}'`);
  if (values.length === 0) throw definitionError(`Parameter '${of.name}' has empty EnumValues.`);
  return values.map((item) => readValue(item, { ...of, enumValues: undefined }, 'enum value'));
}

function readValue(
  value: Json,
  of: { name: string; type: ParameterType; enumValues: readonly ParameterValue[] | undefined },
  what: string,
): ParameterValue {
  if (!typeTests[of.type](value)) {
    throw definitionError(
      `Parameter '${of.name}' has the ${what} ${describe(value)}, which is not of type ${of.type}.`,
    );
  }
  if (typeof value === 'string' && value.length > longestValue) {
    throw definitionError(
      `Parameter '${of.name}' has a ${what} of ${value.length} characters; the limit is ${longestValue}.`,
    );
  }
  if (of.enumValues !== undefined && !of.enumValues.includes(value)) {
    throw definitionError(
      `Parameter '${of.name}' has the ${what} ${describe(value)}, which is none of its EnumValues ${describe([...of.enumValues])}.`,
    );
  }
  return value;
}

/** The value of a start's parameter (always a string) in its declared type; undefined where it is not of that type. */
export function typedValue(text: string, type: ParameterType): ParameterValue | undefined {
  if (type === 'String') return text;
  if (type === 'Boolean') {
    const lower = text.toLowerCase();
    return lower === 'true' ? true : lower === 'false' ? false : undefined;
  }
  const number = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return typeTests[type](number) && Number.isFinite(number) ? number : undefined;
}
