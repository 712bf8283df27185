import type { ApprovalState, Aws, DeployedPipeline } from '../aws/types.ts';
import { mapConcurrent } from '../core/concurrency.ts';
import { type DeployError, type Result, resultOf } from '../core/errors.ts';
import { canonicalJson, isObject, type Json, type JsonObject, parseJsonObject, textIn } from '../core/json.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Inspection } from '../inspect/index.ts';
import { type PlannedJob, plannedJobs } from '../plan/definition.ts';
import { changesBetween, diffPipelines, type PartDiff, type PipelineChange, pipelineChange } from '../plan/diff.ts';
import { fingerprintOf } from '../plan/locations.ts';
import { PACKAGING_STEP } from '../plan/steps/packaging.ts';
import type { Plan, Registration, Upload } from '../plan/types.ts';
import { approvalStep } from '../registry/approval.ts';
import { configurationOf, readConfiguration, schemaUri } from '../registry/nearest.ts';
import { findRegistered } from '../registry/records.ts';

/** An upload of the plan, and whether its target is there already; undefined: could not be inspected. */
export interface PlannedUpload {
  readonly upload: Upload;
  readonly there: boolean | undefined;
}

/** One region, and what a deployment would do there. */
export interface PlannedRegistration {
  readonly registration: Registration;
  readonly state: 'registered' | 'to register' | 'unknown';
  /** The package that is registered already. */
  readonly arn?: string;
  readonly approval?: ApprovalState;
  /** What a deployment would set that to, where it would. */
  readonly becomes?: ApprovalState;
  /** Somebody rejected this very package: a deployment that asks for another status fails. */
  readonly refused?: boolean;
}

/** What a deployment would change. A value: log, summary, comment and plan-path show the same. */
export interface Comparison {
  /** How the planned pipeline differs from the deployed one; undefined: it could not be compared. */
  readonly change: PipelineChange | undefined;
  /** Of the deployed pipeline, where there is one. */
  readonly pipelineArn?: string;
  readonly diff: readonly PartDiff[];
  /** What the digests in the difference stand for; absent where nothing is deployed, or it could not be compared. */
  readonly parts?: PartsComparison;
  readonly uploads: readonly PlannedUpload[];
  readonly registrations: readonly PlannedRegistration[];
  /** Jobs that would run; none where everything is registered. */
  readonly jobs: readonly PlannedJob[];
  /** What a load test would cost; absent where none is asked for. */
  readonly loadTest?: string;
  /** What could not be compared, and why; sentences. */
  readonly problems: readonly string[];
  /** A record that names somebody else's package: a deployment would end with this. */
  readonly mismatch?: DeployError;
}

/** How many uploads are checked at the same time. */
const CONCURRENCY = 8;

/** Compares a plan with what is there: the pipeline, the artifacts, the registry. Reads only, and never throws. */
export async function compare(
  plan: Plan,
  { inputs, inspection }: { readonly inputs: Inputs; readonly inspection: Inspection },
  aws: Aws,
): Promise<Comparison> {
  if (!inspection.identity.ok) return uncompared(plan, inspection.identity.error.message);
  const [deployed, uploads, registrations] = await Promise.all([
    resultOf(aws.pipelines.describe(plan.pipeline.name)),
    compareUploads(plan.uploads, aws),
    compareRegistrations(plan, inputs, aws),
  ]);
  const pipeline = pipelineComparison(plan, deployed);
  const present = pipeline.change === 'update' && deployed.ok ? deployed.value : undefined;
  const definition = parseJsonObject(present?.definition ?? '');
  return {
    ...pipeline,
    ...(definition === undefined ? {} : { parts: await compareParts(plan, definition, aws) }),
    uploads: uploads.found,
    registrations: registrations.found,
    jobs: jobsOf(plan, registrations.found),
    ...(registrations.mismatch === undefined ? {} : { mismatch: registrations.mismatch }),
    problems: [
      ...(pipeline.problem === undefined ? [] : [`The deployed pipeline could not be compared: ${pipeline.problem}`]),
      ...(uploads.problem === undefined ? [] : [`What is uploaded already is not known: ${uploads.problem}`]),
      ...(registrations.problem === undefined ? [] : [`What is registered is not known: ${registrations.problem}`]),
    ],
  };
}

/** Without credentials: what the plan itself contains. */
function uncompared(plan: Plan, reason: string): Comparison {
  return {
    change: undefined,
    diff: [],
    uploads: plan.uploads.map((upload) => ({ upload, there: undefined })),
    registrations: plan.registrations.map((registration) => ({ registration, state: 'unknown' })),
    jobs: plannedJobs(plan.pipeline.definition),
    problems: [`Nothing could be compared with AWS: ${reason}`],
  };
}

interface PipelineComparison extends Pick<Comparison, 'change' | 'diff' | 'pipelineArn'> {
  readonly problem?: string;
}

function pipelineComparison(plan: Plan, deployed: Result<DeployedPipeline | undefined>): PipelineComparison {
  if (!deployed.ok) return { change: undefined, diff: [], problem: deployed.error.message };
  // The definition is the same for every model, but not for other scripts.
  const scripts = plan.unknown.filter((what) => what !== 'the model');
  if (scripts.length > 0) return { change: undefined, diff: [], problem: `${scripts.join(', ')} could not be read.` };
  return {
    change: pipelineChange(plan, deployed.value),
    diff: diffWith(plan, deployed.value),
    ...(deployed.value === undefined ? {} : { pipelineArn: deployed.value.arn }),
  };
}

/** The difference between a plan and what is deployed. */
export function diffWith(plan: Plan, deployed: DeployedPipeline | undefined): readonly PartDiff[] {
  const before = deployed && { ...deployed, definition: parseJsonObject(deployed.definition) ?? {} };
  return diffPipelines(plan.pipeline, before);
}

async function compareUploads(
  uploads: readonly Upload[],
  aws: Aws,
): Promise<{ readonly found: readonly PlannedUpload[]; readonly problem: string | undefined }> {
  let problem: string | undefined;
  const found = await mapConcurrent(uploads, CONCURRENCY, async (upload): Promise<PlannedUpload> => {
    // What is denied once is denied for all.
    const result = problem === undefined ? await resultOf(aws.objects.head(upload.target)) : undefined;
    if (result?.ok === false) problem = result.error.message;
    return { upload, there: result?.ok === true ? result.value !== undefined : undefined };
  });
  return { found, problem };
}

interface ComparedRegistrations {
  readonly found: readonly PlannedRegistration[];
  readonly problem: string | undefined;
  readonly mismatch?: DeployError;
}

async function compareRegistrations(plan: Plan, inputs: Inputs, aws: Aws): Promise<ComparedRegistrations> {
  const all = (state: PlannedRegistration['state']) =>
    plan.registrations.map((registration) => ({ registration, state }));
  if (plan.unknown.length > 0) {
    return { found: all('unknown'), problem: `${plan.unknown.join(', ')} could not be inspected.` };
  }
  if (inputs.ifRegistered === 'again') return { found: all('to register'), problem: undefined };
  const result = await resultOf(findRegistered(plan, aws));
  if (!result.ok) {
    const { error } = result;
    const mismatch = error.code === 'registration-mismatch' ? { mismatch: error } : {};
    return { found: all('unknown'), problem: error.message, ...mismatch };
  }
  const { registered } = result.value;
  const found = plan.registrations.map((registration): PlannedRegistration => {
    const entry = registered.find((candidate) => candidate.registration === registration);
    if (entry === undefined) return { registration, state: 'to register' };
    const { arn, approval } = entry.package;
    const step = registration.kind === 'own' ? undefined : approvalStep(approval, plan.approvalStatus);
    const becomes = step?.kind === 'set' ? { becomes: step.to } : {};
    return { registration, state: 'registered', arn, approval, refused: step?.kind === 'refuse', ...becomes };
  });
  return { found, problem: undefined };
}

/**
 * Packaging, and the regions that are not registered yet. Where some are, packaging runs again only if no execution of this
 * package is left to go on from, which only a deployment finds out.
 */
function jobsOf(plan: Plan, registrations: readonly PlannedRegistration[]): readonly PlannedJob[] {
  const open = registrations.filter(({ state }) => state !== 'registered').map((entry) => entry.registration.stepName);
  if (open.length === 0) return [];
  const some = open.length < registrations.length;
  return plannedJobs(plan.pipeline.definition)
    .filter(({ step }) => step === PACKAGING_STEP || open.includes(step))
    .map((job) => ({ ...job, perhaps: some && job.step === PACKAGING_STEP }));
}

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
async function compareParts(plan: Plan, deployed: JsonObject, aws: Aws): Promise<PartsComparison> {
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
