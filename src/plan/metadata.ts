/** What a model package's customer metadata can hold: 50 entries, values of 1 to 256 of these characters. */
const VALUE_LENGTH = 256;
const FORBIDDEN = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;
const CUT_MARK = '...';

/**
 * Any text as a value that the registry takes: other characters become `_`, what is too long is cut with a mark, an
 * empty value is `none`. Done before the start, since a bad value would fail the step after ten minutes.
 */
export function metadataValue(text: string): string {
  const clean = text.replace(FORBIDDEN, '_').trim();
  if (clean === '') return 'none';
  if (clean.length <= VALUE_LENGTH) return clean;
  const kept = clean.slice(0, VALUE_LENGTH - CUT_MARK.length);
  return (/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept) + CUT_MARK;
}

/** Whether a metadata value can hold the text as it is. */
export function fitsMetadata(text: string): boolean {
  return text !== '' && text.length <= VALUE_LENGTH && text.search(FORBIDDEN) === -1;
}

/** The description of a package or pipeline: at most `maxLength` characters of letters, marks, blanks, symbols, digits. */
export function descriptionText(text: string, maxLength: number): string {
  const clean = text.replace(/[^\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]/gu, ' ');
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - CUT_MARK.length)}${CUT_MARK}`;
}
