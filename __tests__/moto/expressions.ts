import type { Json, JsonObject } from '../../embedded-aws/contracts.ts';
import { isObject, text } from '../../embedded-aws/sagemaker/json.ts';

/** What `Get` can name: `Parameters`, `Execution` and `Steps`, each with its members. */
export type Scope = Readonly<Record<'Parameters' | 'Execution' | 'Steps', JsonObject>>;

/** A second reading of a definition's expressions, independent of the embedded AWS: `Get` and `Std:Join`, all that ours have. */
export function resolve(value: Json, scope: Scope): Json {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (!isObject(value)) return value;
  if (typeof value['Get'] === 'string') return lookUp(value['Get'], scope);
  const join = value['Std:Join'];
  if (isObject(join ?? null)) {
    const { On, Values } = join as JsonObject;
    return (resolve(Values ?? [], scope) as Json[]).map(String).join(typeof On === 'string' ? On : '');
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, scope)]));
}

/** `Steps.S.ProcessingOutputConfig.Outputs['name'].S3Output.S3Uri`: a name in brackets picks from a list by its `...Name`. */
function lookUp(path: string, scope: Scope): Json {
  let found: Json | undefined = scope as unknown as JsonObject;
  for (const [, member, named] of path.matchAll(/([\w-]+)|\['([^']+)'\]/g)) {
    const name: string = member ?? named ?? '';
    found = Array.isArray(found)
      ? found.find((item) => isNamed(item, name))
      : isObject(found)
        ? found[name]
        : undefined;
    if (found === undefined) throw new Error(`The definition refers to ${path}, of which there is no ${name}.`);
  }
  return found ?? null;
}

function isNamed(item: unknown, name: string): boolean {
  const one = item as Json;
  return isObject(one) && (text(one, 'OutputName') === name || text(one, 'InputName') === name);
}
