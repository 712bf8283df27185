import { type Node, properties, property } from './document.ts';
import { excerpt, type Findings } from './problems.ts';
import { SECTION_NAMES, type SectionName, STEPS } from './sections.ts';
import { reportUnknown } from './unknown-fields.ts';

/** An object of the file and its name there: `configuration.shared`. */
export interface Place {
  readonly label: string;
  readonly node: Node;
}

/** Where the fields of each section stand, whatever the layout. */
export interface Layout {
  readonly name: 'merged' | 'sections';
  /** Values that every section sees. */
  readonly shared: Place;
  /** A section's own values; a later place overrides an earlier one. */
  readonly own: Readonly<Record<SectionName, readonly Place[]>>;
  /** Steps that are none of ours are configured too, so shared may hold their fields. */
  readonly hasOtherSteps: boolean;
}

/** Finds the layout; undefined where there is none, and `findings` says what is wrong. */
export function findLayout(root: Node, findings: Findings): Layout | undefined {
  const reader = createReader(findings);
  if (root.type !== 'object') {
    reader.wrong('', root, 'The file holds no JSON object; expected a configuration in one of its two layouts.');
    return undefined;
  }
  const isMerged = ['metadata', 'configuration'].some((key) => property(root, key) !== undefined);
  const isSections = SECTION_NAMES.some((name) => property(root, name) !== undefined);
  if (isMerged && isSections) {
    reader.wrong(
      '',
      root,
      'The file mixes two layouts; expected either metadata and configuration, or base and its sections.',
    );
    return undefined;
  }
  if (isMerged) return mergedLayout(root, findings, reader);
  return sectionsLayout(root, findings, reader);
}

interface Reader {
  wrong(field: string, node: Node, message: string): void;
  /** An object node; a finding where it is missing or something else. */
  required(parent: Node, key: string, label: string): Place | undefined;
  /** An object node as a list of one; an empty list where it is missing. */
  optional(parent: Node | undefined, key: string, label: string): readonly Place[];
}

function createReader(findings: Findings): Reader {
  const wrong: Reader['wrong'] = (field, node, message) =>
    findings.error({ code: 'layout', field, offset: node.offset, message });
  const asObject = (node: Node, label: string): readonly Place[] => {
    if (node.type === 'object') return [{ label, node }];
    const found = node.type === 'array' ? 'a list' : excerpt(JSON.stringify(node.value));
    wrong(label, node, `${label} is ${found}; expected an object.`);
    return [];
  };
  return {
    wrong,
    required(parent, key, label) {
      const node = property(parent, key);
      if (node !== undefined) return asObject(node, label)[0];
      const message = `${label} is missing; expected an object.`;
      findings.error({ code: 'missing', field: label, offset: parent.offset, message });
      return undefined;
    },
    optional(parent, key, label) {
      const node = property(parent, key);
      return node === undefined ? [] : asObject(node, label);
    },
  };
}

function sectionsLayout(root: Node, findings: Findings, reader: Reader): Layout | undefined {
  reportUnknown(root, { where: '', known: ['$schema', ...SECTION_NAMES], what: 'section' }, findings);
  const shared = reader.required(root, 'base', 'base');
  const own = ownPlaces((section) => (section === 'base' ? [] : reader.optional(root, section, section)));
  return shared === undefined ? undefined : { name: 'sections', shared, own, hasOtherSteps: false };
}

function mergedLayout(root: Node, findings: Findings, reader: Reader): Layout | undefined {
  reportUnknown(root, { where: '', known: ['$schema', 'metadata', 'configuration'], what: 'field' }, findings);
  const metadata = reader.required(root, 'metadata', 'metadata');
  const types = metadata && reader.required(metadata.node, 'config_types', 'metadata.config_types');
  if (types !== undefined) checkSteps(types.node, findings);
  const configuration = reader.required(root, 'configuration', 'configuration');
  const shared = configuration && reader.required(configuration.node, 'shared', 'configuration.shared');
  if (configuration === undefined || types === undefined || shared === undefined) return undefined;
  const [processing] = reader.optional(configuration.node, 'processing', 'configuration.processing');
  const [specific] = reader.optional(configuration.node, 'specific', 'configuration.specific');
  const own = ownPlaces((section) => {
    const { step } = STEPS[section];
    return [
      ...(section === 'package' ? reader.optional(processing?.node, step, `configuration.processing.${step}`) : []),
      ...reader.optional(specific?.node, step, `configuration.specific.${step}`),
    ];
  });
  const ours = Object.values(STEPS).map(({ step }) => step);
  const hasOtherSteps = properties(types.node).some(({ key }) => !ours.includes(key));
  return { name: 'merged', shared, own, hasOtherSteps };
}

function ownPlaces(placesOf: (section: SectionName) => readonly Place[]): Layout['own'] {
  return {
    base: placesOf('base'),
    model: placesOf('model'),
    package: placesOf('package'),
    registration: placesOf('registration'),
    payload: placesOf('payload'),
  };
}

/** All five steps must be there, under their names, with their classes. */
function checkSteps(types: Node, findings: Findings): void {
  for (const { step, className } of Object.values(STEPS)) {
    const field = `metadata.config_types.${step}`;
    const node = property(types, step);
    if (node === undefined) {
      const message = `${field} is missing; expected "${className}".`;
      findings.error({ code: 'missing', field, offset: types.offset, message });
    } else if (node.value !== className) {
      const found = excerpt(JSON.stringify(node.value ?? node.type));
      const message = `${field} is ${found}; expected "${className}".`;
      findings.error({ code: 'layout', field, offset: node.offset, message });
    }
  }
}
