import { type Diagnostics, excerpt } from './diagnostics.ts';
import { type Node, properties, property } from './document.ts';
import { type FieldTable, knownFields, ownerOf, SECTION_NAMES, type SectionName, SECTIONS, STEPS } from './sections.ts';
import { reportUnknown } from './unknown-fields.ts';

/** An object of the file and its name there: `configuration.shared`. */
interface ObjectPlace {
  readonly label: string;
  readonly node: Node;
}

/** Where the fields of each section stand, whatever the layout. */
export interface Layout {
  readonly name: 'merged' | 'sections';
  /** Values that every section sees. */
  readonly shared: ObjectPlace;
  /** A section's own values; a later place overrides an earlier one. */
  readonly own: Readonly<Record<SectionName, readonly ObjectPlace[]>>;
  /** Steps that are none of ours are configured too, so shared may hold their fields. */
  readonly hasOtherSteps: boolean;
}

/** Finds the layout; undefined where there is none, and `diagnostics` says what is wrong. */
export function findLayout(root: Node, diagnostics: Diagnostics): Layout | undefined {
  const reader = createReader(diagnostics);
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
  if (isMerged) return mergedLayout(root, diagnostics, reader);
  return sectionsLayout(root, diagnostics, reader);
}

interface Reader {
  wrong(field: string, node: Node, message: string): void;
  /** An object node; a finding where it is missing or something else. */
  required(parent: Node, key: string, label: string): ObjectPlace | undefined;
  /** An object node as a list of one; an empty list where it is missing. */
  optional(parent: Node | undefined, key: string, label: string): readonly ObjectPlace[];
}

function createReader(diagnostics: Diagnostics): Reader {
  const wrong: Reader['wrong'] = (field, node, message) =>
    diagnostics.error({ code: 'layout', field, offset: node.offset, message });
  const asObject = (node: Node, label: string): readonly ObjectPlace[] => {
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
      diagnostics.error({ code: 'missing', field: label, offset: parent.offset, message });
      return undefined;
    },
    optional(parent, key, label) {
      const node = property(parent, key);
      return node === undefined ? [] : asObject(node, label);
    },
  };
}

function sectionsLayout(root: Node, diagnostics: Diagnostics, reader: Reader): Layout | undefined {
  reportUnknown(root, { where: '', known: ['$schema', ...SECTION_NAMES], what: 'section' }, diagnostics);
  const shared = reader.required(root, 'base', 'base');
  const own = ownPlaces((section) => (section === 'base' ? [] : reader.optional(root, section, section)));
  return shared === undefined ? undefined : { name: 'sections', shared, own, hasOtherSteps: false };
}

function mergedLayout(root: Node, diagnostics: Diagnostics, reader: Reader): Layout | undefined {
  reportUnknown(root, { where: '', known: ['$schema', 'metadata', 'configuration'], what: 'field' }, diagnostics);
  const metadata = reader.required(root, 'metadata', 'metadata');
  const types = metadata && reader.required(metadata.node, 'config_types', 'metadata.config_types');
  if (types !== undefined) checkSteps(types.node, diagnostics);
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

function ownPlaces(placesOf: (section: SectionName) => readonly ObjectPlace[]): Layout['own'] {
  return {
    base: placesOf('base'),
    model: placesOf('model'),
    package: placesOf('package'),
    registration: placesOf('registration'),
    payload: placesOf('payload'),
  };
}

/** All five steps must be there, under their names, with their classes. */
function checkSteps(types: Node, diagnostics: Diagnostics): void {
  for (const { step, className } of Object.values(STEPS)) {
    const field = `metadata.config_types.${step}`;
    const node = property(types, step);
    if (node === undefined) {
      const message = `${field} is missing; expected "${className}".`;
      diagnostics.error({ code: 'missing', field, offset: types.offset, message });
    } else if (node.value !== className) {
      const found = excerpt(JSON.stringify(node.value ?? node.type));
      const message = `${field} is ${found}; expected "${className}".`;
      diagnostics.error({ code: 'layout', field, offset: node.offset, message });
    }
  }
}

/** Which value of the file counts for a field, and which others there are. */
export interface SelectedValue {
  /** undefined where the file gives none. */
  readonly node: Node | undefined;
  /** Values in other sections that say the same field; they count only where `node` is nothing. */
  readonly elsewhere: readonly { readonly section: SectionName; readonly node: Node }[];
}

/**
 * A step sees the shared values and then its own. The old builder repeated base fields in every step; there is one
 * deployment, so one section decides, and another is asked only where that one says nothing.
 */
export function selectValue(layout: Layout, owner: SectionName, name: string): SelectedValue {
  const field = (SECTIONS[owner] as FieldTable)[name];
  const decides = field?.decidedBy ?? owner;
  const deciding = [decides, owner].flatMap((section) => ownValues(layout, section, name));
  const given = deciding[0] ?? property(layout.shared.node, name);
  const fallback = field?.fallback === undefined ? [] : ownValues(layout, owner, field.fallback);
  const first = isUnset(given) ? (fallback[0] ?? given) : given;
  const elsewhere = SECTION_NAMES.filter((section) => section !== owner && section !== decides)
    .filter((section) => Object.hasOwn(knownFields(section), name))
    .flatMap((section) => ownValues(layout, section, name).map((node) => ({ section, node })));
  const other = elsewhere.find(({ node }) => !isUnset(node));
  return { node: isUnset(first) ? (other?.node ?? first) : first, elsewhere };
}

function isUnset(node: Node | undefined): boolean {
  return node === undefined || node.type === 'null';
}

/** A section's own values of a field, the one that counts first. */
function ownValues(layout: Layout, section: SectionName, name: string): readonly Node[] {
  return layout.own[section].flatMap(({ node }) => property(node, name) ?? []).reverse();
}

/** The object to point at where a field is missing. */
export function enclosing(layout: Layout, section: SectionName): Node {
  return (layout.own[section].at(-1) ?? layout.shared).node;
}

/** Warnings for unknown fields, and for known ones in a section that does not use them. */
export function reportUnknownFields(layout: Layout, diagnostics: Diagnostics): void {
  const all = Object.values(SECTIONS).flatMap((fields) => Object.keys(fields));
  const { label, node } = layout.shared;
  reportUnknown(node, { where: label, known: all, what: 'field', onlyNear: layout.hasOtherSteps }, diagnostics);
  for (const section of SECTION_NAMES) {
    for (const place of layout.own[section]) {
      reportUnknown(
        place.node,
        { where: place.label, known: [...Object.keys(knownFields(section)), ...all], what: 'field' },
        diagnostics,
      );
      reportMisplaced(place, section, diagnostics);
    }
  }
}

function reportMisplaced({ label, node }: ObjectPlace, section: SectionName, diagnostics: Diagnostics): void {
  for (const { key, keyNode } of properties(node)) {
    const owner = ownerOf(key);
    if (owner === undefined || Object.hasOwn(knownFields(section), key)) continue;
    const field = `${label}.${key}`;
    const message = `${field} is ignored here; ${key} belongs to ${owner}.`;
    diagnostics.warning({ code: 'ignored', field, offset: keyNode.offset, message });
  }
}
