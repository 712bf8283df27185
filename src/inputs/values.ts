import { DeployError, type Diagnostic } from '../core/errors.ts';
import { REGION_CODES, regionCode, type RegionCode } from '../core/regions.ts';
import { printableLine } from '../core/text.ts';

/** Collects what is wrong with the inputs, so that a user mends them in one round. */
export interface InputProblems {
  add(input: string, found: string, expected: string): void;
  throwIfAny(): void;
}

export function createProblems(): InputProblems {
  const diagnostics: Diagnostic[] = [];
  return {
    add(input, found, expected) {
      diagnostics.push({ message: printableLine(`Input ${input} ${found}; expected ${expected}.`) });
    },
    throwIfAny() {
      if (diagnostics.length === 0) return;
      throw new DeployError('input-invalid', diagnostics.map((finding) => finding.message).join('\n'), {
        advice: 'Mend the `with:` block of the step.',
        diagnostics,
      });
    },
  };
}

/** One input and where to say what is wrong with it. */
export interface InputField {
  readonly name: string;
  readonly value: string;
  readonly problems: InputProblems;
}

/** The first choice is the default. */
export function oneOf<Choice extends string>(
  { name, value, problems }: InputField,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  if (value === '') return choices[0];
  const choice = choices.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  if (choice !== undefined) return choice;
  problems.add(name, `is ${JSON.stringify(value)}`, choices.join(' or '));
  return choices[0];
}

/** YAML's core booleans, as @actions/core reads them, whatever their case. */
export function readBoolean({ name, value, problems }: InputField, fallback: boolean): boolean {
  if (value === '') return fallback;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  problems.add(name, `is ${JSON.stringify(value)}`, 'true or false');
  return fallback;
}

export interface InputNumberRule {
  readonly fallback: number;
  readonly above: number;
  readonly max: number;
  readonly unit: string;
  readonly whole?: boolean;
}

export function readNumber({ name, value, problems }: InputField, rule: InputNumberRule): number {
  if (value === '') return rule.fallback;
  const number = /^[+-]?\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN;
  const fits = number > rule.above && number <= rule.max && (rule.whole !== true || Number.isInteger(number));
  if (fits) return number;
  const from = rule.whole === true ? `a whole number from ${rule.above + 1}` : `a number above ${rule.above}`;
  problems.add(name, `is ${JSON.stringify(value)}`, `${from} to ${rule.max} (${rule.unit})`);
  return rule.fallback;
}

/** `Name=Value` lines; blank lines and lines that begin with `#` are left out. */
export function parseLines(problems: InputProblems, name: string, text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split(/\r?\n/).map((raw) => raw.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    const key = line.slice(0, Math.max(at, 0)).trim();
    const form = name === 'tags' ? 'key=value' : 'Name=Value';
    if (key === '') problems.add(name, `has the line ${JSON.stringify(line)}`, `one ${form} a line`);
    else if (Object.hasOwn(values, key)) problems.add(name, `gives ${JSON.stringify(key)} twice`, 'every name once');
    else Object.defineProperty(values, key, { value: line.slice(at + 1).trim(), enumerable: true, writable: true });
  }
  return values;
}

/** undefined where nothing is given. Duplicates are dropped, the order kept. */
export function readRegions(text: string, problems: InputProblems): readonly RegionCode[] | undefined {
  if (text.trim() === '') return undefined;
  const codes: RegionCode[] = [];
  for (const word of regionWords(text)) {
    const code = regionCode(word);
    if (code !== undefined) codes.push(code);
    else problems.add('regions', `names ${JSON.stringify(word)}`, `${REGION_CODES.join(', ')} or their AWS names`);
  }
  return codes.length === 0 ? undefined : [...new Set(codes)];
}

function regionWords(text: string): readonly string[] {
  if (!text.trim().startsWith('[')) return text.split(/[\s,]+/).filter((word) => word !== '');
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map(String) : [text];
  } catch {
    return [text];
  }
}

// Tag keys and values: pattern and lengths of the SageMaker API (TagKey, TagValue), at most 50 a resource.
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export function readTags(text: string, problems: InputProblems): Record<string, string> {
  const tags = parseLines(problems, 'tags', text);
  const entries = Object.entries(tags);
  if (entries.length > 50) problems.add('tags', `has ${entries.length} tags`, 'at most 50');
  for (const [key, value] of entries) {
    const found = `has the tag ${JSON.stringify(key)}`;
    if (key.toLowerCase().startsWith('aws:'))
      problems.add('tags', found, 'no key that begins with aws:, AWS keeps those');
    else if (key.length > 128 || value.length > 256)
      problems.add('tags', found, 'keys up to 128, values up to 256 characters');
    else if (!TAG_TEXT.test(key + value))
      problems.add('tags', found, 'letters, digits, blanks and _.:/=+-@ in key and value');
  }
  return tags;
}
