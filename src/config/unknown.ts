import { properties, type Node } from './document.ts';
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
    const message = `${field} is an unknown ${names.what} and is ignored; the nearest known one is ${name}.`;
    findings.warning({ code: 'unknown-field', field, offset: keyNode.offset, message });
  }
}

function nearest(word: string, known: readonly string[]): { readonly name: string; readonly distance: number } {
  const measured = known.map((name) => ({ name, distance: editDistance(word.slice(0, 80).toLowerCase(), name) }));
  return measured.reduce((best, candidate) => (candidate.distance < best.distance ? candidate : best), {
    name: known[0] ?? '',
    distance: Number.POSITIVE_INFINITY,
  });
}

/** Levenshtein: letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 0; row < from.length; row += 1) {
    const current = [row + 1];
    for (let column = 0; column < to.length; column += 1) {
      const replaced = (previous[column] ?? 0) + (from[row] === to[column] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
