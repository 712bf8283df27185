import { nearest } from '../core/text/nearest.ts';
import { type Node, properties } from './document.ts';
import { excerpt, type Findings } from './problems.ts';

export interface KnownNames {
  /** What the names stand in: `configuration.shared`; empty for the whole file. */
  readonly where: string;
  readonly known: readonly string[];
  readonly what: 'field' | 'section';
  /** Report only what looks like a slip of the pen. */
  readonly onlyNear?: boolean;
}

/** A warning for every name that nobody knows, with the nearest that somebody does. */
export function reportUnknown(node: Node, names: KnownNames, findings: Findings): void {
  for (const { key, keyNode } of properties(node)) {
    if (names.known.includes(key)) continue;
    const { name, distance } = nearest(key, names.known);
    if (names.onlyNear === true && distance > 2) continue;
    const field = [names.where, excerpt(key)].filter((part) => part !== '').join('.');
    // Further away it is another word, and of a few names all can be told.
    const isNear = distance <= Math.max(2, key.length / 3) || (key.length > 3 && name.startsWith(key));
    const meant = isNear
      ? `; the nearest known one is ${name}`
      : names.what === 'section'
        ? `; known are ${names.known.join(', ')}`
        : '';
    const message = `${field} is an unknown ${names.what} and is ignored${meant}.`;
    findings.warning({ code: 'unknown-field', field, offset: keyNode.offset, message });
  }
}
