import { properties } from './document.ts';
import type { Layout, Place } from './layout.ts';
import type { Findings } from './problems.ts';
import { knownFields, ownerOf, SECTION_NAMES, SECTIONS, type SectionName } from './sections.ts';
import { reportUnknown } from './unknown.ts';

/** Warnings for fields that nobody knows, and for known ones in a section that does not look at them. */
export function reportStrays(layout: Layout, findings: Findings): void {
  const all = Object.values(SECTIONS).flatMap((fields) => Object.keys(fields));
  const { label, node } = layout.shared;
  reportUnknown(node, { where: label, known: all, what: 'field', onlyNear: layout.hasOtherSteps }, findings);
  for (const section of SECTION_NAMES) {
    for (const place of layout.own[section]) {
      reportUnknown(
        place.node,
        { where: place.label, known: [...Object.keys(knownFields(section)), ...all], what: 'field' },
        findings,
      );
      reportMisplaced(place, section, findings);
    }
  }
}

function reportMisplaced({ label, node }: Place, section: SectionName, findings: Findings): void {
  for (const { key, keyNode } of properties(node)) {
    const owner = ownerOf(key);
    if (owner === undefined || Object.hasOwn(knownFields(section), key)) continue;
    const field = `${label}.${key}`;
    const message = `${field} is ignored here; ${key} belongs to ${owner}.`;
    findings.warning({ code: 'ignored', field, offset: keyNode.offset, message });
  }
}
