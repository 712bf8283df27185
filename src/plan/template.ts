import { isObject, type JsonObject } from '../core/json.ts';

/** A filled template, and the registration steps that it does not name. */
export interface FilledDocument {
  readonly document: JsonObject;
  readonly leftOut: readonly string[];
}

const STEPS = 'PIPELINE_STEP_CONFIGS';
const CONFIG = 'STEP_CONFIG';

/**
 * Our values in a team's own execution document: what the template says beyond them stays, steps of ours that it does
 * not name are left out. `template` has `PIPELINE_STEP_CONFIGS` (load-config sees to that).
 */
export function fillTemplate(template: JsonObject, document: JsonObject): FilledDocument {
  const ours = objectAt(document, STEPS);
  const theirs = objectAt(template, STEPS);
  const steps = Object.fromEntries(
    Object.entries(theirs).map(([name, step]) => {
      const own = ours[name];
      return [name, isObject(own) ? fillStep(isObject(step) ? step : {}, own) : step];
    }),
  );
  return {
    document: { ...template, [STEPS]: steps },
    leftOut: Object.keys(ours).filter((name) => !(name in theirs)),
  };
}

function fillStep(step: JsonObject, own: JsonObject): JsonObject {
  return { ...step, [CONFIG]: merge(objectAt(step, CONFIG), objectAt(own, CONFIG)) };
}

/** Ours win; objects are merged, so that unknown fields inside them stay too. */
function merge(theirs: JsonObject, ours: JsonObject): JsonObject {
  const merged = Object.entries(ours).map(([key, value]) => {
    const old = theirs[key];
    const isMap = key.endsWith('_map') && isObject(old) && isObject(value);
    return [key, isMap ? { ...old, ...value } : value] as const;
  });
  return { ...theirs, ...Object.fromEntries(merged) };
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  return isObject(found) ? found : {};
}
