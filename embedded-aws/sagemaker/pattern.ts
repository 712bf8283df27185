/**
 * Patterns of the service model are Java's, matched against the whole value. They compile as JavaScript unicode
 * expressions but for two, which are put in other words here.
 */
const rewritten: Readonly<Record<string, string>> = {
  // Nested repetition over up to 1 MiB of text: it backtracks without end in JavaScript. It refuses just those line
  // terminators that Java's dot does not match and the class does not name.
  '.*(?:[ \\r\\n\\t].*)*': '[^\\u0085\\u2028\\u2029]*',
};

/** Java repeats an anchor (`$`) as often as it is told to; JavaScript refuses to compile that. */
const repeatedEnd = /\$\{\d+,\d+\}$/;

const compiled = new Map<string, RegExp>();

export function matchesPattern(pattern: string, value: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const source = (rewritten[pattern] ?? pattern).replace(repeatedEnd, '');
    expression = new RegExp(`^(?:${source})$`, 'u');
    compiled.set(pattern, expression);
  }
  return expression.test(value);
}
