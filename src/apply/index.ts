import { readFile } from 'node:fs/promises';
import type { Aws, DeployedPipeline, Objects } from '../aws/types.ts';
import { mapConcurrent } from '../core/concurrency.ts';
import { asDeployError } from '../core/errors.ts';
import { reproducibleTar } from '../core/files.ts';
import { formatS3Uri } from '../core/s3-uri.ts';
import type { PipelineChange } from '../plan/diff.ts';
import type { Plan, Registration, Upload } from '../plan/types.ts';
import { claimStart } from './claim.ts';
import { deployPipeline, ensureGroup } from './pipeline.ts';
import { SelectionRefused, type StartContext, startPlanned } from './start.ts';

/** A started (or found) pipeline execution. */
export interface Execution {
  readonly arn: string;
  readonly pipelineArn: string;
  /** Whether it was started before. */
  readonly attached: boolean;
  /** Started by this workflow run (in an earlier attempt, too): only then may a cancel or a time-out stop it. */
  readonly ours: boolean;
  readonly startedAtMs: number;
}

/** What is in place before the start: what was uploaded, and what happened to the pipeline. */
export interface Prepared {
  readonly uploads: UploadSummary;
  readonly pipelineArn: string;
  readonly change: PipelineChange;
  readonly versionId: number | undefined;
  /** The pipeline as it was found; undefined where there was none. */
  readonly before: DeployedPipeline | undefined;
}

/** Uploads, group and pipeline. Repeating it changes nothing. */
export async function prepare(plan: Plan, missing: readonly Registration[], aws: Aws): Promise<Prepared> {
  const work = [
    uploadAll(plan, aws.objects),
    aws.pipelines.describe(plan.pipeline.name),
    ...missing.filter(({ kind }) => kind === 'native').map((registration) => ensureGroup(plan, registration, aws)),
  ] as const;
  await Promise.allSettled(work);
  const [uploads, deployed] = await Promise.all([work[0], work[1], ...work.slice(2)]);
  const { arn, change, versionId } = await deployPipeline(plan, deployed, aws);
  return { uploads, pipelineArn: arn, change, versionId, before: deployed };
}

/** Starts the execution, or attaches to the one that another job has started for the same registrations. */
export async function startOrAttach(
  plan: Plan,
  { prepared, missing }: { readonly prepared: Prepared; readonly missing: readonly Registration[] },
  context: StartContext,
): Promise<Execution> {
  const result = await claimStart(plan, missing, context);
  const pipeline = { arn: prepared.pipelineArn, change: prepared.change, versionId: prepared.versionId };
  const arn =
    result.kind === 'attached'
      ? result.executionArn
      : await startPlanned(plan, { pipeline, claim: result.claim }, context);
  return {
    arn,
    pipelineArn: prepared.pipelineArn,
    attached: result.kind === 'attached',
    ours: result.kind !== 'attached' || isOfRun(result.description, context.runUrl),
    startedAtMs: context.clock.nowMs(),
  };
}

function isOfRun(description: string, runUrl: string): boolean {
  const run = runUrl.replace(/\/attempts\/\d+$/, '');
  return run !== 'none' && (description.endsWith(run) || description.includes(`${run}/attempts/`));
}

export { SelectionRefused, type StartContext };

/** How many objects are written at the same time. */
const CONCURRENCY = 8;

interface UploadSummary {
  readonly written: readonly Upload[];
  readonly there: readonly Upload[];
  /** What is convenient and could not be written. */
  readonly warnings: readonly string[];
}

/**
 * Puts everything that the plan lists. A key names its content: a conditional put writes what is missing and leaves what
 * is there, in one request either way.
 */
async function uploadAll(plan: Plan, objects: Objects): Promise<UploadSummary> {
  const written: Upload[] = [];
  const there: Upload[] = [];
  await mapConcurrent(plan.uploads, CONCURRENCY, async (upload) => {
    const list = (await putMissing(upload, objects, plan.kmsKey)) ? written : there;
    list.push(upload);
  });
  const warnings = await mapConcurrent(plan.aliases, CONCURRENCY, (alias) => writeAlias(alias, plan, objects));
  return { written, there, warnings: warnings.filter((warning) => warning !== undefined) };
}

/**
 * A conditional put of its own: a bucket that enforces conditional writes takes neither a copy nor a plain put. Nothing
 * registered points at an alias, so that nothing fails by it.
 */
async function writeAlias(
  { bytes, to }: Plan['aliases'][number],
  { kmsKey }: Plan,
  objects: Objects,
): Promise<string | undefined> {
  try {
    const fresh = await objects.put(to, bytes, { condition: { kind: 'absent' }, kmsKey });
    if (fresh.kind === 'written') return undefined;
    const present = await objects.head(to);
    // Where another job was faster, the newest payload is its.
    if (present !== undefined) {
      await objects.put(to, bytes, { condition: { kind: 'etag', etag: present.etag }, kmsKey });
    }
    return undefined;
  } catch (thrown) {
    return `The newest sample payload could not be kept as ${formatS3Uri(to)}: ${asDeployError(thrown).message}`;
  }
}

async function putMissing(upload: Upload, objects: Objects, kmsKey: string | undefined): Promise<boolean> {
  const { body, target } = upload;
  if (body.kind === 'object') {
    if (formatS3Uri(body.from) === formatS3Uri(target) || (await objects.head(target)) !== undefined) return false;
    await objects.copy(body.from, target, kmsKey);
    return true;
  }
  const result = await objects.put(target, await contentOf(body), { condition: { kind: 'absent' }, kmsKey });
  return result.kind === 'written';
}

async function contentOf(
  body: Exclude<Upload['body'], { readonly kind: 'object' }>,
): Promise<Uint8Array | { path: string }> {
  if (body.kind === 'bytes') return body.bytes;
  if (body.kind === 'file') return { path: body.path };
  return reproducibleTar(
    await Promise.all(body.files.map(async ({ name, path }) => ({ name, bytes: await readFile(path) }))),
  );
}
