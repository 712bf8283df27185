import type { Json } from '../../contracts.ts';
import { definitionError, describe, expectObject, refuseUnknownMembers, type StepType } from './definition.ts';

const dayMs = 24 * 60 * 60 * 1000;
const duration = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
/** Of the groups above; a year has 365 days here, a month 30. */
const unitsMs = [365 * dayMs, 30 * dayMs, 7 * dayMs, dayMs, 60 * 60 * 1000, 60 * 1000, 1000];

/** Milliseconds of an ISO 8601 duration (`P30D`, `PT1H30M`), or undefined where the text is none. */
function durationMs(text: string): number | undefined {
  const match = duration.exec(text);
  if (match === null) return undefined;
  return unitsMs.reduce((sum, unitMs, index) => sum + Number(match[index + 1] ?? 0) * unitMs, 0);
}

/** How long a result serves again, or undefined where the cache is off. */
export function readCacheConfig(value: Json | undefined, step: { name: string; type: StepType }): number | undefined {
  if (value === undefined) return undefined;
  const where = `CacheConfig of step '${step.name}'`;
  if (step.type !== 'Processing') {
    throw definitionError(`${where}: steps of type ${step.type} cannot be cached.`);
  }
  const config = expectObject(value, where);
  refuseUnknownMembers(config, ['Enabled', 'ExpireAfter'], where);
  if (typeof config['Enabled'] !== 'boolean') {
    throw definitionError(`Enabled in ${where} is ${describe(config['Enabled'])}; expected true or false.`);
  }
  const expiry = config['ExpireAfter'];
  const expiryMs = typeof expiry === 'string' ? durationMs(expiry) : undefined;
  if (expiryMs === undefined && (config['Enabled'] || expiry !== undefined)) {
    throw definitionError(`ExpireAfter in ${where} is ${describe(expiry)}; expected an ISO 8601 duration like P30D.`);
  }
  return config['Enabled'] ? expiryMs : undefined;
}
