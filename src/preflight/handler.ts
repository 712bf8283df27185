/** Whether a handler's source defines `model_fn`; `perhaps` where it imports names without telling which. */
export type ModelFunction = 'yes' | 'perhaps' | 'no';

const DEFINED = [
  /^(?:async[ \t]+)?def[ \t]+model_fn[ \t]*\(/m,
  /^model_fn[ \t]*(?::[^=\n]+)?=(?!=)/m,
  // `from x import (a, model_fn)` over several lines, too, and `import y as model_fn`.
  /^from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\([^)]*|[^\n(]*)\bmodel_fn\b/m,
];
// Names that cannot be told from the text: `import *`, definitions inside of a block.
const PERHAPS = [/^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t]+\*/m, /^[ \t]+(?:async[ \t]+)?def[ \t]+model_fn[ \t]*\(/m];

/** Looks at the text only: nothing of a model's code runs here. */
export function definesModelFunction(source: string): ModelFunction {
  const text = source.replace(/\r\n?/g, '\n');
  if (DEFINED.some((pattern) => pattern.test(text))) return 'yes';
  return PERHAPS.some((pattern) => pattern.test(text)) ? 'perhaps' : 'no';
}
