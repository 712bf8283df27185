import type { FieldChange, PartsComparison, SourceChange } from '../compare/parts.ts';
import type { Json } from '../core/json.ts';
import { printableLine } from '../core/text/printable.ts';
import { type PartDiff, type ValueChange, valueText } from '../plan/diff.ts';
import { markdownCode, markdownTable, markdownText } from './markdown.ts';

const DIGEST = /\b[0-9a-f]{64}\b/g;
const VALUE_LENGTH = 200;

/**
 * The difference without what only digests differ in: what they stand for is told field by field. Whole where that is
 * not known.
 */
export function readableDiff(diff: readonly PartDiff[], parts: PartsComparison | undefined): readonly PartDiff[] {
  if (parts?.fields === undefined) return diff;
  return diff.flatMap((part) => {
    if (part.kind !== 'changed') return [part];
    const changes = part.changes.filter((change) => !differsInDigests(change));
    return changes.length === 0 ? [] : [{ ...part, changes }];
  });
}

function differsInDigests({ old, new: present }: ValueChange): boolean {
  if (old === undefined || present === undefined) return false;
  return JSON.stringify(old).replace(DIGEST, '#') === JSON.stringify(present).replace(DIGEST, '#');
}

/** `The inference code differs (0123456789ab… deployed, ba9876543210… planned).` */
export function sourceSentences({ sources }: PartsComparison): readonly string[] {
  return sources.map(({ what, old, new: present }: SourceChange) => {
    if (old === undefined) return `The ${what} is new.`;
    if (present === undefined) return `The ${what} is used no more.`;
    return `The ${what} differs (${old.slice(0, 12)}… deployed, ${present.slice(0, 12)}… planned).`;
  });
}

export function fieldsSentence({ fields }: PartsComparison): string {
  if (fields === undefined) return 'What the deployed pipeline was configured with is not recorded.';
  return fields.length === 0
    ? 'No field of the configuration that reaches a package differs.'
    : `${fields.length} ${fields.length === 1 ? 'field' : 'fields'} of the configuration ${fields.length === 1 ? 'differs' : 'differ'}.`;
}

/** For a log: `owner: a@example.com -> b@example.com`. */
export function fieldLine(change: FieldChange): string {
  return `${fieldName(change)}: ${shown(change.old) ?? 'nothing'} -> ${shown(change.new) ?? 'nothing'}`;
}

function fieldName({ field, regions }: FieldChange): string {
  return regions.length === 0 ? field : `${field} (${regions.join(', ')})`;
}

function shown(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : printableLine(valueText(value), VALUE_LENGTH) || '""';
}

/** What changes behind the digests, for a reader of the comment or the summary. */
export function partsMarkdown(parts: PartsComparison, most: number): string {
  const fields = parts.fields ?? [];
  const cell = (value: Json | undefined) => {
    const text = shown(value);
    return text === undefined ? '' : markdownCode(text, VALUE_LENGTH);
  };
  const rows = fields
    .slice(0, most)
    .map((change) => [markdownText(fieldName(change)), cell(change.old), cell(change.new)]);
  const more = fields.length - rows.length;
  return [
    [...sourceSentences(parts), fieldsSentence(parts)].map((sentence) => `- ${markdownText(sentence)}`).join('\n'),
    rows.length === 0 ? '' : markdownTable(['Field', 'Deployed', 'Planned'], rows),
    more > 0 ? `*and ${more} more; plan-path has them all*` : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
