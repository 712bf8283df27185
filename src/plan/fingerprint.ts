import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '../core/json.ts';
import type { SourceTree } from './types.ts';

/** Hex SHA-256 of a value's canonical JSON. */
export function fingerprintOf(value: Json): string {
  return sha256(canonicalJson(value));
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Hex SHA-256 over every path and every byte of a folder; order and dates of the files do not matter. */
export function treeDigest(tree: SourceTree): string {
  const rows = tree.map((file) => [file.path, file.digest]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return fingerprintOf(rows);
}
