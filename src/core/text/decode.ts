/** Why bytes are no text that can be read. */
export class TextEncodingError extends Error {
  /** What they seem to be, as an object of a sentence: `UTF-16 without a byte order mark`. */
  readonly encoding: string;
  /** Every byte as one character: enough to look for plain ASCII in it. */
  readonly bytewise: string;

  constructor(encoding: string, bytes: Uint8Array) {
    super(`The text is ${encoding}; expected UTF-8, or UTF-16 with a byte order mark`);
    this.name = 'TextEncodingError';
    this.encoding = encoding;
    this.bytewise = Buffer.from(bytes).toString('latin1');
  }
}

interface Mark {
  readonly hex: string;
  readonly encoding: string;
  /** undefined: it is recognised, and not read. */
  readonly label?: 'utf-8' | 'utf-16le' | 'utf-16be';
}

/** Byte order marks; the longer ones first, since UTF-32's begins as UTF-16's does. */
const MARKS: readonly Mark[] = [
  { hex: 'fffe0000', encoding: 'UTF-32' },
  { hex: '0000feff', encoding: 'UTF-32' },
  { hex: 'efbbbf', encoding: 'UTF-8', label: 'utf-8' },
  { hex: 'fffe', encoding: 'UTF-16 (little endian)', label: 'utf-16le' },
  { hex: 'feff', encoding: 'UTF-16 (big endian)', label: 'utf-16be' },
];

/**
 * UTF-8 with and without a byte order mark, and UTF-16 with one, as Windows programs write it. The mark is left out.
 * @throws TextEncodingError that names what was found
 */
export function decodeText(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const mark = MARKS.find(({ hex }) => start.startsWith(hex));
  if (mark !== undefined && mark.label === undefined) throw new TextEncodingError(mark.encoding, bytes);
  // Zeros are valid UTF-8, and no text holds them.
  if (mark === undefined && bytes.includes(0)) throw new TextEncodingError(withZeros(bytes), bytes);
  try {
    return new TextDecoder(mark?.label ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    const encoding = mark === undefined ? `no UTF-8 (${firstWrong(bytes)})` : `damaged ${mark.encoding}`;
    throw new TextEncodingError(encoding, bytes);
  }
}

function withZeros(bytes: Uint8Array): string {
  const first = bytes.subarray(0, 200);
  const zeros = [...first.keys()].filter((at) => first[at] === 0);
  const isWide = zeros.length >= first.length / 3 && new Set(zeros.map((at) => at % 2)).size === 1;
  return isWide ? 'UTF-16 without a byte order mark' : 'no text (it holds zero bytes)';
}

/** `byte e9 at offset 12, as Windows-1252 has it`: the first that no UTF-8 has there. */
function firstWrong(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8');
  const good = decoder.decode(bytes).indexOf('\uFFFD');
  const offset = Buffer.byteLength(Buffer.from(bytes).toString('utf8').slice(0, good));
  const byte = bytes[offset]?.toString(16).padStart(2, '0') ?? '';
  return `byte ${byte} at offset ${offset}, as in Windows-1252 or Latin-1`;
}

/** What Git LFS leaves in place of a file that was not fetched; at most 1024 bytes by its specification. */
export function isLfsPointer(text: string): boolean {
  return text.length <= 1024 && /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v\d/.test(text);
}

export const LFS_HELP =
  'Fetch the file itself: `lfs: true` for actions/checkout, or `git lfs pull` in the checkout, before this step.';
