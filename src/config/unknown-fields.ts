import { nearest } from '../core/text.ts';
import { type Diagnostics, excerpt } from './diagnostics.ts';
import { type Node, properties } from './document.ts';

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
