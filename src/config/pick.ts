import { property, type Node } from './document.ts';
import type { Layout } from './layout.ts';
import { knownFields, SECTION_NAMES, SECTIONS, type FieldTable, type SectionName } from './sections.ts';

/** Which value of the file counts for a field, and which others there are. */
export interface Pick {
  /** undefined where the file gives none. */
  readonly node: Node | undefined;
  /** Values in other sections that say the same field; they count only where `node` is nothing. */
  readonly elsewhere: readonly { readonly section: SectionName; readonly node: Node }[];
}

/**
 * A step sees the shared values and then its own. The old builder repeated base fields in every step; there is one
 * deployment, so one section decides, and another is asked only where that one says nothing.
 */
export function pick(layout: Layout, owner: SectionName, name: string): Pick {
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
