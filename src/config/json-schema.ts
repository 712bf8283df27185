import * as z from 'zod/mini';
import type { JsonObject } from '../core/json.ts';
import type { Field } from './field.ts';
import { type FieldTable, knownFields, ownerOf, SECTION_NAMES, type SectionName, SECTIONS, STEPS } from './sections.ts';

/** The published JSON Schema (draft-07, which editors know best), made of the tables that validate. */
export function configJsonSchema(): JsonObject {
  const all = Object.fromEntries(Object.values<FieldTable>(SECTIONS).flatMap((fields) => Object.entries(fields)));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'bsm-pytorch-deploy configuration',
    type: 'object',
    if: { anyOf: [{ required: ['metadata'] }, { required: ['configuration'] }] },
    // oxlint-disable-next-line no-thenable -- a keyword of JSON Schema
    then: mergedLayout(),
    else: sectionsLayout(),
    definitions: {
      ...Object.fromEntries(SECTION_NAMES.map((name) => [`${name}Section`, object(knownFields(name))])),
      sharedSection: object(all),
      ...Object.fromEntries(Object.entries(all).map(([name, field]) => [name, fieldSchema(name, field)])),
    },
  };
}

/** What a field's default is, in words; empty where it must be given. */
export function defaultText({ presence, kind }: Field<unknown>): string {
  switch (presence.is) {
    case 'required':
      return '';
    case 'default':
      return JSON.stringify(kind.written?.(presence.value) ?? presence.value);
    case 'derived':
      return presence.from;
    case 'optional':
      return presence.from ?? 'none';
  }
}

function fieldSchema(name: string, field: Field<unknown>): JsonObject {
  const { kind, about, presence, retired } = field;
  const isDefault = presence.is === 'default';
  const usual = presence.is === 'required' ? '' : ` Default: ${defaultText(field)}.`;
  return {
    title: `${ownerOf(name)}.${name}`,
    description: `${about} Expected: ${kind.expected}.${usual}`,
    ...(isDefault ? { default: JSON.parse(defaultText(field)) as JsonObject } : {}),
    ...(retired === true ? { deprecated: true } : {}),
    ...withNothing(kind.json ?? checkSchema(kind.schema), field),
  };
}

function checkSchema(schema: z.ZodMiniType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest as JsonObject;
}

/** `null` and empty text, where they say the same as leaving the field out. */
function withNothing(schema: JsonObject, { presence }: Field<unknown>): JsonObject {
  if (presence.is === 'derived' || presence.is === 'optional') return { anyOf: [schema, { enum: [null, ''] }] };
  return presence.is === 'default' && presence.nullable ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function object(fields: FieldTable): JsonObject {
  return { type: 'object', properties: Object.fromEntries(Object.keys(fields).map((name) => [name, ref(name)])) };
}

function ref(name: string): JsonObject {
  return { $ref: `#/definitions/${name}` };
}

function sectionsLayout(): JsonObject {
  const refs = SECTION_NAMES.map((name) => [name, ref(name === 'base' ? 'sharedSection' : `${name}Section`)] as const);
  const places = (field: string) =>
    SECTION_NAMES.filter((name) => name === 'base' || knows(name, field)).map((name) => [name]);
  return {
    required: ['base'],
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(refs) },
    allOf: requiredFields().map((field) => someWhere(places(field), field)),
  };
}

function mergedLayout(): JsonObject {
  const steps = Object.values(STEPS);
  const specific = SECTION_NAMES.map((name) => [STEPS[name].step, ref(`${name}Section`)] as const);
  const { step: packageStep } = STEPS.package;
  const places = (field: string) => [
    ['configuration', 'shared'],
    ['configuration', 'processing', packageStep],
    ...SECTION_NAMES.filter((name) => knows(name, field)).map((name) => [
      'configuration',
      'specific',
      STEPS[name].step,
    ]),
  ];
  const configTypes = {
    type: 'object',
    required: steps.map(({ step }) => step),
    properties: Object.fromEntries(steps.map(({ step, className }) => [step, { const: className }])),
  };
  const configuration = {
    type: 'object',
    required: ['shared'],
    properties: {
      shared: ref('sharedSection'),
      processing: { type: 'object', properties: { [packageStep]: ref('packageSection') } },
      specific: { type: 'object', properties: Object.fromEntries(specific) },
    },
  };
  return {
    required: ['metadata', 'configuration'],
    properties: {
      $schema: { type: 'string' },
      metadata: { type: 'object', required: ['config_types'], properties: { config_types: configTypes } },
      configuration,
    },
    allOf: requiredFields().map((field) => someWhere(places(field), field)),
  };
}

function knows(section: SectionName, field: string): boolean {
  return Object.hasOwn(knownFields(section), field);
}

function requiredFields(): readonly string[] {
  return Object.values<FieldTable>(SECTIONS).flatMap((fields) =>
    Object.entries(fields).flatMap(([name, { presence }]) => (presence.is === 'required' ? [name] : [])),
  );
}

/** The field stands in one of the objects that a path of keys leads to. */
function someWhere(paths: readonly (readonly string[])[], field: string): JsonObject {
  return {
    anyOf: paths.map((path) =>
      path.reduceRight<JsonObject>((inner, key) => ({ required: [key], properties: { [key]: inner } }), {
        required: [field],
      }),
    ),
  };
}
