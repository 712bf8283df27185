import { nearest } from '../core/text.ts';
import { type Diagnostics, excerpt } from './diagnostics.ts';
import { type Node, properties } from './document.ts';
import type { Layout, ObjectPlace } from './layout.ts';
import { knownFields, ownerOf, SECTION_NAMES, type SectionName, SECTIONS } from './sections.ts';

export interface KnownNames {
  /** What the names stand in: `configuration.shared`; empty for the whole file. */
  readonly where: string;
  readonly known: readonly string[];
  readonly what: 'field' | 'section';
  /** Report only what looks like a typing mistake. */
  readonly onlyNear?: boolean;
}

/** A warning for every name that nobody knows, with the nearest that somebody does. */
export function reportUnknown(node: Node, names: KnownNames, diagnostics: Diagnostics): void {
  for (const { key, keyNode } of properties(node)) {
    if (names.known.includes(key)) continue;
    const { name, distance } = nearest(key, names.known);
    if (names.onlyNear === true && distance > 2) continue;
    const field = [names.where, excerpt(key)].filter((part) => part !== '').join('.');
    // A distant name is another word; of a few names, list all.
    const isNear = distance <= Math.max(2, key.length / 3) || (key.length > 3 && name.startsWith(key));
    const meant = isNear
      ? `; the nearest known one is ${name}`
      : names.what === 'section'
        ? `; known are ${names.known.join(', ')}`
        : '';
    const message = `${field} is an unknown ${names.what} and is ignored${meant}.`;
    diagnostics.warning({ code: 'unknown-field', field, offset: keyNode.offset, message });
  }
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
