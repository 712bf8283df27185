import { definitionError } from './definition.ts';

type Node = { readonly name: string; readonly needs: readonly string[] };

/** @throws AwsError ValidationException that names the steps of the cycle */
export function refuseCycles(steps: readonly Node[]): void {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const done = new Set<string>();
  const visit = (step: Node, way: readonly string[]): void => {
    if (done.has(step.name)) return;
    const start = way.indexOf(step.name);
    if (start >= 0) {
      throw definitionError(
        `The steps depend on each other in a circle: ${[...way.slice(start), step.name].join(' -> ')}.`,
      );
    }
    for (const need of step.needs) {
      const needed = byName.get(need);
      if (needed !== undefined) visit(needed, [...way, step.name]);
    }
    done.add(step.name);
  };
  for (const step of steps) visit(step, []);
}

/** All steps that the given ones need, directly or through others; without the given ones, unless they need each other. */
export function upstreamOf(names: readonly string[], steps: readonly Node[]): Set<string> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const need of byName.get(name)?.needs ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      open.push(need);
    }
  }
  return found;
}
