import type { Aws } from '../aws/types.ts';
import { canonicalJson, isObject, type Json, type JsonObject, textIn } from '../core/json.ts';
import { changesBetween } from '../plan/diff.ts';
import { fingerprintOf } from '../plan/locations.ts';
import { PACKAGING_STEP } from '../plan/steps/packaging.ts';
import type { Plan } from '../plan/types.ts';
import { configurationOf, readConfiguration, schemaUri } from '../registry/configuration.ts';

/** A folder of scripts that the pipeline runs, or packs: by the digest in its key. */
export interface SourceChange {
  readonly what: string;
  /** undefined: is not in the deployed pipeline, or in none of our keys. */
  readonly old: string | undefined;
  readonly new: string | undefined;
}

/** A field of the configuration that differs. */
export interface FieldChange {
  readonly field: string;
  /** Of which regions; empty: of all that are compared, or of none in particular. */
  readonly regions: readonly string[];
  readonly old?: Json;
  readonly new?: Json;
}

/** What lies behind the digests of a definition: which sources changed, and which fields. */
export interface PartsComparison {
  readonly sources: readonly SourceChange[];
  /** undefined: what the deployed pipeline was configured with is not known. */
  readonly fields: readonly FieldChange[] | undefined;
}

/** Compares a plan with the definition that is deployed, by what its digests stand for. */
export async function compareParts(plan: Plan, deployed: JsonObject, aws: Aws): Promise<PartsComparison> {
  const [before, after] = [sourcesOf(deployed), sourcesOf(plan.pipeline.definition)];
  const names = [...new Set([...after.keys(), ...before.keys()])];
  const sources = names
    .map((what) => ({ what, old: before.get(what), new: after.get(what) }))
    .filter((change) => change.old !== change.new);
  const stored = await readConfiguration(schemaUri(deployed), aws).catch(() => undefined);
  const isKnown = stored !== undefined && isOf(stored, deployed);
  return { sources, fields: isKnown ? fieldChanges(stored, plan.configuration) : undefined };
}

const SOURCE_KEY = /\/(?:code|scripts)\/([0-9a-f]{64})\//;

/** `inference code`, `packager` and `registration script`, by their digests. */
function sourcesOf(definition: JsonObject): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const step of objectsIn(definition['Steps'])) {
    const isPackaging = step['Name'] === PACKAGING_STEP;
    const inputs = isObject(step['Arguments']) ? step['Arguments']['ProcessingInputs'] : undefined;
    for (const input of objectsIn(inputs)) {
      const location = isObject(input['S3Input']) ? textIn(input['S3Input'], 'S3Uri') : '';
      const digest = SOURCE_KEY.exec(location)?.[1];
      const isScript = textIn(input, 'InputName') === 'code';
      const what = isPackaging ? (isScript ? 'packager' : 'inference code') : 'registration script';
      if (digest !== undefined) found.set(what, digest);
    }
  }
  return found;
}

function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Native registrations carry the digest: what somebody else has put there is not what is deployed. */
function isOf(document: JsonObject, definition: JsonObject): boolean {
  const native = objectsIn(definition['Steps']).flatMap(({ Arguments: given }) => {
    const metadata = isObject(given) ? given['CustomerMetadataProperties'] : undefined;
    return isObject(metadata) ? [metadata] : [];
  });
  return native.every((metadata) => {
    const configuration = configurationOf(document, textIn(metadata, 'registration_region'));
    return fingerprintOf(configuration ?? {}) === metadata['configuration_digest'];
  });
}

/** What is the same change in every region is one change. A region that comes or goes is one change, too. */
function fieldChanges(old: JsonObject, present: JsonObject): readonly FieldChange[] {
  const [before, after] = [regionsOf(old), regionsOf(present)];
  const codes = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  const both = codes.filter((code) => code in before && code in after);
  const moved = codes
    .filter((code) => !both.includes(code))
    .map(
      (code): FieldChange => ({ field: 'regions', regions: [], ...(code in after ? { new: code } : { old: code }) }),
    );
  const merged = new Map<string, FieldChange>();
  for (const code of both) {
    for (const { path, ...values } of changesBetween(before[code], after[code])) {
      const key = canonicalJson([path, { ...values }]);
      merged.set(key, { field: path, ...values, regions: [...(merged.get(key)?.regions ?? []), code] });
    }
  }
  const regional = [...merged.values()].map((change) =>
    change.regions.length === both.length ? { ...change, regions: [] } : change,
  );
  const rest = changesBetween(without(old), without(present));
  return [...moved, ...regional, ...rest.map(({ path, ...values }) => ({ field: path, regions: [], ...values }))];
}

function regionsOf({ regions }: JsonObject): Readonly<Record<string, JsonObject>> {
  const entries = isObject(regions) ? Object.entries(regions) : [];
  return Object.fromEntries(entries.flatMap(([code, value]) => (isObject(value) ? [[code, value] as const] : [])));
}

function without({ regions: _regions, ...rest }: JsonObject): JsonObject {
  return rest;
}
