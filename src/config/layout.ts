import { properties, property, type Node } from './document.ts';
import { excerpt, type Findings } from './problems.ts';
import { SECTION_NAMES, STEPS, type SectionName } from './sections.ts';
import { reportUnknown } from './unknown.ts';

/** Where the fields of each section stand, whatever the layout. */
export interface Layout {
  readonly name: 'merged' | 'sections';
  /** Values that every section sees. */
  readonly shared: Node;
  /** Objects with a section's own values; a later one overrides an earlier one. */
  readonly own: Readonly<Record<SectionName, readonly Node[]>>;
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
    reader.wrong('', root, 'The file mixes two layouts; expected either metadata and configuration, or base and its sections.');
    return undefined;
  }
  if (isMerged) return mergedLayout(root, findings, reader);
  return sectionsLayout(root, findings, reader);
}

interface Reader {
  wrong(field: string, node: Node, message: string): void;
  /** An object node; a finding where it is missing or something else. */
  required(parent: Node, key: string, field: string): Node | undefined;
  /** An object node as a list of one; an empty list where it is missing. */
  optional(parent: Node | undefined, key: string, field: string): readonly Node[];
}

function createReader(findings: Findings): Reader {
  const wrong: Reader['wrong'] = (field, node, message) =>
    findings.error({ code: 'layout', field, offset: node.offset, message });
  const asObject = (node: Node, field: string): readonly Node[] => {
    if (node.type === 'object') return [node];
    wrong(field, node, `${field} is ${node.type === 'array' ? 'a list' : excerpt(String(node.value))}; expected an object.`);
    return [];
  };
  return {
    wrong,
    required(parent, key, field) {
      const node = property(parent, key);
      if (node !== undefined) return asObject(node, field)[0];
      findings.error({ code: 'missing', field, offset: parent.offset, message: `${field} is missing; expected an object.` });
      return undefined;
    },
    optional(parent, key, field) {
      const node = property(parent, key);
      return node === undefined ? [] : asObject(node, field);
    },
  };
}

function sectionsLayout(root: Node, findings: Findings, reader: Reader): Layout | undefined {
  reportUnknown(root, { where: '', known: ['$schema', ...SECTION_NAMES], what: 'section' }, findings);
  const shared = reader.required(root, 'base', 'base');
  const own = ownNodes((section) => (section === 'base' ? [] : reader.optional(root, section, section)));
  return shared === undefined ? undefined : { name: 'sections', shared, own, hasOtherSteps: false };
}

function mergedLayout(root: Node, findings: Findings, reader: Reader): Layout | undefined {
  reportUnknown(root, { where: '', known: ['$schema', 'metadata', 'configuration'], what: 'field' }, findings);
  const metadata = reader.required(root, 'metadata', 'metadata');
  const types = metadata && reader.required(metadata, 'config_types', 'metadata.config_types');
  if (types !== undefined) checkSteps(types, findings);
  const configuration = reader.required(root, 'configuration', 'configuration');
  const shared = configuration && reader.required(configuration, 'shared', 'configuration.shared');
  const [processing] = reader.optional(configuration, 'processing', 'configuration.processing');
  const [specific] = reader.optional(configuration, 'specific', 'configuration.specific');
  const own = ownNodes((section) => {
    const { step } = STEPS[section];
    const ofProcessing = section === 'package' ? reader.optional(processing, step, `configuration.processing.${step}`) : [];
    return [...ofProcessing, ...reader.optional(specific, step, `configuration.specific.${step}`)];
  });
  if (types === undefined || shared === undefined) return undefined;
  const ours = Object.values(STEPS).map(({ step }) => step);
  const hasOtherSteps = properties(types).some(({ key }) => !ours.includes(key));
  return { name: 'merged', shared, own, hasOtherSteps };
}

function ownNodes(nodesOf: (section: SectionName) => readonly Node[]): Layout['own'] {
  return {
    base: nodesOf('base'),
    model: nodesOf('model'),
    package: nodesOf('package'),
    registration: nodesOf('registration'),
    payload: nodesOf('payload'),
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
