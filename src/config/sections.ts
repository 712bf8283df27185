import type { Field, Resolved } from './field.ts';
import { BASE_FIELDS } from './fields/base.ts';
import { MODEL_FIELDS, PACKAGE_FIELDS, PAYLOAD_FIELDS, REGISTRATION_FIELDS } from './fields/steps.ts';

/** Every field of the configuration, by the section that owns it. */
export const SECTIONS = {
  base: BASE_FIELDS,
  model: MODEL_FIELDS,
  package: PACKAGE_FIELDS,
  registration: REGISTRATION_FIELDS,
  payload: PAYLOAD_FIELDS,
};

export type SectionName = keyof typeof SECTIONS;
export const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[];

/** A section's fields as one table. */
export type FieldTable = Readonly<Record<string, Field<unknown>>>;

/** The values of all sections, under the names that the JSON has. */
export type SectionValues = { readonly [S in SectionName]: Resolved<(typeof SECTIONS)[S]> };

/** Step and class of the old builder, per section. */
export const STEPS: Readonly<Record<SectionName, { readonly step: string; readonly className: string }>> = {
  base: { step: 'Base', className: 'BasePipelineConfig' },
  model: { step: 'PytorchModel', className: 'PytorchModelCreationConfig' },
  package: { step: 'Package', className: 'PackageStepConfig' },
  registration: { step: 'Registration', className: 'ModelRegistrationConfig' },
  payload: { step: 'Payload', className: 'PayloadConfig' },
};

const { inference_instance_type, inference_entry_point } = MODEL_FIELDS;

// The old classes inherit: Payload is a Registration, all are a Base; Registration repeats two fields of the model.
const KNOWN: Readonly<Record<SectionName, FieldTable>> = {
  base: BASE_FIELDS,
  model: { ...MODEL_FIELDS, ...BASE_FIELDS },
  package: { ...PACKAGE_FIELDS, ...BASE_FIELDS },
  registration: { ...REGISTRATION_FIELDS, ...BASE_FIELDS, inference_instance_type, inference_entry_point },
  payload: {
    ...PAYLOAD_FIELDS,
    ...BASE_FIELDS,
    ...REGISTRATION_FIELDS,
    inference_instance_type,
    inference_entry_point,
  },
};

/** All fields that may stand in a section: its own, and those that it shares with others. */
export function knownFields(section: SectionName): FieldTable {
  return KNOWN[section];
}

/** The section that owns a field; names are unique over all of them. */
export function ownerOf(field: string): SectionName | undefined {
  return SECTION_NAMES.find((section) => Object.hasOwn(SECTIONS[section], field));
}
