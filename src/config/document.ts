import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Diagnostics, excerpt } from './diagnostics.ts';

/** Line and column of an offset, both from 1. */
export type Locate = (offset: number) => { readonly line: number; readonly column: number };

/** Far deeper than any configuration; keeps hostile nesting away from recursive code. */
const MAX_DEPTH = 64;

const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'expected a JSON value (text in double quotes, a number, true, false, null, an object or a list)',
  InvalidNumberFormat: 'expected a number as JSON writes it',
  PropertyNameExpected: 'expected a field name in double quotes (JSON allows no comma after the last entry)',
  ValueExpected: 'expected a value (JSON allows no comma after the last entry)',
  ColonExpected: 'expected a colon',
  CommaExpected: 'expected a comma',
  CloseBraceExpected: 'expected a closing }',
  CloseBracketExpected: 'expected a closing ]',
  EndOfFileExpected: 'expected the end of the file',
  InvalidCommentToken: 'found a comment; JSON has none',
  UnexpectedEndOfComment: 'found a comment; JSON has none',
  UnexpectedEndOfString: 'expected a closing double quote',
  UnexpectedEndOfNumber: 'expected a number as JSON writes it',
  InvalidUnicode: 'expected four hexadecimal digits after \\u',
  InvalidEscapeCharacter: 'expected one of " \\ / b f n r t u after a backslash',
  InvalidCharacter: 'found a control character; write it as an escape such as \\n',
};

/** What people write that looks like JSON, by its beginning, and what to write instead. */
const MISTAKEN: readonly (readonly [RegExp, string])[] = [
  [/^'/, 'found single quotes; JSON has double quotes only'],
  [/^[\u2018-\u201f\u00ab\u00bb]/, 'found typographic quotes; JSON has plain double quotes only'],
  [/^#/, 'found a comment; JSON has none'],
  [/^(?:<{7}|={7}|>{7})/, 'a merge conflict is left in the file; resolve it'],
  [/^None\b/, 'JSON writes null'],
  [/^(?:True|False)\b/, 'JSON writes true and false in small letters'],
  [/^-?(?:NaN|Infinity)\b/, 'JSON has no such number; expected a finite one'],
  [/^[\p{Zs}\p{Zl}\p{Zp}\p{Cf}]/u, 'found a character that only looks like a blank; write a plain one'],
];

/** The text as a tree with positions; undefined where it is no JSON, and `diagnostics` says why. */
export function parseDocument(text: string, diagnostics: Diagnostics): Node | undefined {
  if (text.trim() === '') {
    diagnostics.error({ code: 'syntax', field: '', offset: 0, message: 'The file is empty; expected a JSON object.' });
    return undefined;
  }
  if (depth(text) > MAX_DEPTH) {
    const message = `The file nests deeper than ${MAX_DEPTH} levels; expected a configuration.`;
    diagnostics.error({ code: 'syntax', field: '', offset: 0, message });
    return undefined;
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  if (errors.length > 0 && !/^\s*[[{/]/.test(text)) {
    const begins = excerpt(text.trim().split('\n')[0] ?? '');
    const yaml = /^(?:---|#|[\w-]+:)/.test(text.trim()) ? ' YAML is not read.' : '';
    const message = `Invalid JSON: the file begins with ${begins}; expected {.${yaml}`;
    diagnostics.error({ code: 'syntax', field: '', offset: 0, message });
    return undefined;
  }
  for (const finding of causesOf(text, errors)) diagnostics.error(finding);
  if (root === undefined || errors.length > 0) return undefined;
  if (!isStrictJson(text)) {
    diagnostics.error({ code: 'syntax', field: '', offset: 0, message: 'The file is not valid JSON.' });
    return undefined;
  }
  reportKeys(root, createLocate(text), diagnostics);
  return diagnostics.errors.length === 0 ? root : undefined;
}

/** Of errors at one place the first is the cause; what follows a wrong word comes of it, and one mistake made often is one. */
function causesOf(text: string, errors: readonly ParseError[]) {
  const offsets = errors.map(({ offset }) => offset);
  const causes = errors.filter(({ offset }, index) => {
    const before = errors[index - 1];
    if (before === undefined) return true;
    const between = text.slice(before.offset + before.length, offset);
    const follows = printParseErrorCode(before.error) === 'InvalidSymbol' && between.trim() === '';
    return !follows && offsets.indexOf(offset) === index;
  });
  const all = causes.map((error) => syntaxFinding(text, error));
  // Between wrong quotes, every word is a wrong word.
  const findings = all.some(({ why }) => why.includes('quotes;')) ? all.filter(({ isMistake }) => isMistake) : all;
  const whys = findings.map(({ why }) => why);
  const firsts = findings.filter(({ why, isMistake }, index) => !isMistake || whys.indexOf(why) === index);
  return firsts.map(({ code, field, offset, message, why, isMistake }) => {
    const others = isMistake ? whys.filter((other) => other === why).length - 1 : 0;
    const more = others === 0 ? '' : ` The same in ${others} more ${others === 1 ? 'place' : 'places'}.`;
    return { code, field, offset, message: `${message}${more}` };
  });
}

function syntaxFinding(text: string, { error, offset, length }: ParseError) {
  const found = text.slice(offset, offset + length);
  const mistaken = MISTAKEN.find(([pattern]) => pattern.test(found))?.[1];
  const atEnd = found === '' && text.slice(offset).trim() === '';
  const ends = 'the file ends too early; expected a closing bracket or the rest of it';
  const why = mistaken ?? (atEnd ? ends : (SYNTAX[printParseErrorCode(error)] ?? 'expected valid JSON'));
  const invisible = /^[\p{Zs}\p{Zl}\p{Zp}\p{Cf}]/u.test(found);
  const shown = invisible ? `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}` : excerpt(found);
  const message = found === '' ? `Invalid JSON: ${why}.` : `Invalid JSON at ${shown}: ${why}.`;
  return { code: 'syntax', field: '', offset, message, why, isMistake: mistaken !== undefined } as const;
}

/** The last word on what JSON is, for what the tolerant parser lets pass. */
function isStrictJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Keys given twice, of which JSON readers silently drop one, and the one name that JavaScript objects cannot hold. */
function reportKeys(node: Node, locate: Locate, diagnostics: Diagnostics): void {
  const keys = new Map<string, Node>();
  for (const { key, keyNode, value } of properties(node)) {
    const first = keys.get(key);
    if (first === undefined) keys.set(key, keyNode);
    else diagnostics.error(duplicate(key, [first, keyNode], locate));
    if (key === '__proto__') {
      diagnostics.error({
        code: 'invalid',
        field: key,
        offset: keyNode.offset,
        message: '__proto__ cannot be a name; expected another one.',
      });
    }
    reportKeys(value, locate, diagnostics);
  }
  if (node.type === 'array') for (const item of node.children ?? []) reportKeys(item, locate, diagnostics);
}

function duplicate(key: string, [first, second]: readonly [Node, Node], locate: Locate) {
  const lines = [locate(first.offset).line, locate(second.offset).line] as const;
  const where =
    lines[0] === lines[1] ? `twice on line ${lines[0]}` : `on line ${lines[0]} and again on line ${lines[1]}`;
  const message = `${excerpt(JSON.stringify(key))} is given ${where}; expected it once.`;
  return { code: 'duplicate-key', field: excerpt(key), offset: second.offset, message } as const;
}

export interface Property {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node;
}

/** The entries of an object node in the order of the file; none for any other node. */
export function properties(node: Node): readonly Property[] {
  if (node.type !== 'object') return [];
  return (node.children ?? []).flatMap(({ children }) => {
    const [keyNode, value] = children ?? [];
    return keyNode === undefined || value === undefined ? [] : [{ key: String(keyNode.value), keyNode, value }];
  });
}

export function property(node: Node | undefined, key: string): Node | undefined {
  if (node?.type !== 'object') return undefined;
  return node.children?.find(({ children }) => children?.[0]?.value === key)?.children?.[1];
}

export function createLocate(text: string): Locate {
  const starts = [0];
  for (const end of text.matchAll(/\r\n|\r|\n/g)) starts.push(end.index + end[0].length);
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

/** How deep brackets nest, strings left out. */
function depth(text: string): number {
  let [now, deepest, inString] = [0, 0, false];
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString && character === '\\') index += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && (character === '{' || character === '[')) deepest = Math.max(deepest, ++now);
    else if (!inString && (character === '}' || character === ']')) now -= 1;
  }
  return deepest;
}

export type { Node } from 'jsonc-parser';
