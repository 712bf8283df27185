import type { Answer, Json } from './outcome.ts';

/** Answers are left for everybody: nothing in them may tell whose account was asked, or when. */

type Rule = readonly [pattern: RegExp, replacement: string];

/** @param names what belongs to the caller alone (buckets, run, role), longest first */
export function anonymizer(names: Readonly<Record<string, string>>): (answer: Answer) => Answer {
  const own: Rule[] = Object.entries(names)
    .filter(([value]) => value !== '')
    .sort(([left], [right]) => right.length - left.length)
    .map(([value, name]) => [new RegExp(escaped(value), 'gi'), `<${name}>`]);
  const rules: readonly Rule[] = [...own, ...GENERAL];
  const replace = (text: string) => rules.reduce((now, [pattern, by]) => now.replace(pattern, by), text);
  const walk = (value: Json): Json => {
    if (typeof value === 'string') return replace(value);
    if (Array.isArray(value)) return value.map((item: Json) => walk(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item as Json)]));
  };
  return (answer) => walk(answer) as Answer;
}

const GENERAL: readonly Rule[] = [
  [/\barn:aws[\w-]*:[^\s"'`,;()[\]{}]+[^\s"'`,;:.()[\]{}]/g, '<arn>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? \w+ \w+ [\w: ]+(UTC|GMT)( \d{4})?/g, '<time>'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\bpipelines-[a-z0-9]{12}-/g, 'pipelines-<id>-'],
  [/(?<!\d)1\d{9}(\d{3})?(\.\d+)?(?!\d)/g, '<time>'],
  [/(?<!\d)\d{12}(?!\d)/g, '<account>'],
];

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
