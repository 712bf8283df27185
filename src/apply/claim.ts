import { randomUUID } from 'node:crypto';
import type { Aws, ExecutionSummary } from '../aws/types.ts';
import { beginWait, type Clock } from '../core/clock.ts';
import { DeployError } from '../core/errors.ts';
import { parseJsonObject } from '../core/json.ts';
import type { S3Location } from '../core/s3-uri.ts';
import { fingerprintOf, sha256 } from '../plan/locations.ts';
import type { Plan, Registration } from '../plan/types.ts';

/**
 * The right to start an execution for one set of registrations. The claim is an object that only one writer can create
 * (`If-None-Match: *`) or take over (`If-Match`); every taking over is a new generation, with names of its own.
 */
export interface Claim {
  readonly location: S3Location;
  readonly generation: number;
  readonly etag: string;
  /** Begins with the first 12 digits of the package fingerprint. */
  readonly displayName: string;
  /** ClientRequestToken: a repeated start of this generation starts nothing new. */
  readonly token: string;
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  /** The same thing was started before, and runs or has ended since the search of the history. `description` names who did. */
  | { readonly kind: 'attached'; readonly executionArn: string; readonly description: string };

export interface ClaimContext {
  readonly aws: Aws;
  readonly clock: Clock;
  readonly runUrl: string;
  readonly log: (line: string) => void;
  /** Aborts when the workflow is cancelled: nothing is waited for any more. */
  readonly cancelled: AbortSignal;
  /** Milliseconds since 1970 at which the run gives up (timeout-minutes). */
  readonly deadlineMs: number;
  /** Executions whose end was known when it was decided what is missing: their claims may be taken over. */
  readonly endedBefore: ReadonlySet<string>;
}

/** ARN of what was started under this name, which the claim decides; undefined: nothing was, as far as is known. */
export async function executionNamed(
  pipeline: string,
  displayName: string,
  { pipelines }: Aws,
): Promise<string | undefined> {
  return (await pipelines.recent(pipeline)).find((execution) => execution.displayName === displayName)?.arn;
}

/** A claim without a living execution is given up after this: by the clock of S3, or of our own waiting. */
const STALE_AFTER_MS = 120_000;
/** Two machines of S3 may differ by a little; a claim from further in the future is nobody's. */
const SKEW_MS = 60_000;

/** Claims the start, or finds whose execution to follow. Waits for a winner that has not started yet. */
export async function claimStart(
  plan: Plan,
  missing: readonly Registration[],
  context: ClaimContext,
): Promise<ClaimResult> {
  const identity = fingerprintOf(missing.map((registration) => registration.fingerprint).sort());
  const location = { bucket: plan.claims.bucket, key: `${plan.claims.key}/${identity}` };
  const fresh = await write(naming(plan, { identity, location }, 1), { kind: 'absent' }, context);
  if (fresh !== undefined) return { kind: 'claimed', claim: fresh };
  const waiting = beginWait(context, 'another job to start the same deployment');
  const firstReads = new Map<string, number>();
  for (;;) {
    const result = await inspectClaim(plan, { identity, location, firstReads }, context);
    if (result !== undefined) return result;
    await waiting.pause();
  }
}

interface ClaimPlace {
  readonly identity: string;
  readonly location: S3Location;
}

interface InspectedClaim extends ClaimPlace {
  /** When a claim with this ETag was first read here, by our own clock. */
  readonly firstReads: Map<string, number>;
}

/** Inspects a claim of somebody else once: attach, take over, or (undefined) try again later. */
async function inspectClaim(
  plan: Plan,
  { identity, location, firstReads }: InspectedClaim,
  context: ClaimContext,
): Promise<ClaimResult | undefined> {
  const { aws, clock } = context;
  const stored = await aws.objects.readText(location);
  if (stored === undefined) {
    const claim = await write(naming(plan, { identity, location }, 1), { kind: 'absent' }, context);
    return claim === undefined ? undefined : { kind: 'claimed', claim };
  }
  const claim = parseClaim(stored.text);
  const executions = await aws.pipelines.recent(plan.pipeline.name);
  const latest = latestGeneration(plan, identity, executions);
  // Where the claim cannot be read, what was started under its name shows how far it had come.
  const generation = claim?.generation ?? Math.max(latest, 1);
  const held = naming(plan, { identity, location }, generation);
  // Found by its display name, which the claim decides: no second write after the start is needed.
  const execution = executions.find(({ displayName }) => displayName === held.displayName);
  // One that has ended since may have registered what we found missing: it is followed, not repeated.
  if (execution !== undefined && !context.endedBefore.has(execution.arn)) {
    return { kind: 'attached', executionArn: execution.arn, description: execution.description };
  }
  const firstReadAtMs = firstReads.get(stored.etag) ?? clock.nowMs();
  firstReads.set(stored.etag, firstReadAtMs);
  const given = execution !== undefined || claim === undefined || claim.released;
  if (!given && !isStale(stored.ageMs, clock.nowMs() - firstReadAtMs)) {
    if (firstReadAtMs === clock.nowMs())
      context.log('Another job is about to start the same deployment; waiting for it.');
    return undefined;
  }
  const next = naming(plan, { identity, location }, Math.max(generation, latest) + 1);
  const taken = await write(next, { kind: 'etag', etag: stored.etag }, context);
  return taken === undefined ? undefined : { kind: 'claimed', claim: taken };
}

/**
 * By the age that S3 gives, or by how long we have waited ourselves: what a runner's clock says of another runner's decides
 * nothing.
 */
function isStale(ageMs: number | undefined, waitedMs: number): boolean {
  if (ageMs !== undefined && (ageMs >= STALE_AFTER_MS || ageMs < -SKEW_MS)) return true;
  return waitedMs >= STALE_AFTER_MS;
}

/** The highest generation that an execution was started for; 0: none. */
function latestGeneration(plan: Plan, identity: string, executions: readonly ExecutionSummary[]): number {
  const prefix = displayPrefix(plan, identity);
  const generations = executions
    .filter(({ displayName }) => displayName.startsWith(prefix))
    .map(({ displayName }) => Number(displayName.slice(prefix.length)));
  return Math.max(0, ...generations.filter(isGeneration));
}

function isGeneration(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value < Number.MAX_SAFE_INTEGER;
}

function displayPrefix(plan: Plan, identity: string): string {
  return `${plan.fingerprint.slice(0, 12)}-${identity.slice(0, 12)}-`;
}

type Naming = Omit<Claim, 'etag'>;

function naming(plan: Plan, { identity, location }: ClaimPlace, generation: number): Naming {
  return {
    location,
    generation,
    displayName: `${displayPrefix(plan, identity)}${generation}`,
    token: sha256(`${identity}:${generation}`),
  };
}

async function write(
  naming: Naming,
  condition: { readonly kind: 'absent' } | { readonly kind: 'etag'; readonly etag: string },
  { aws, clock, runUrl }: ClaimContext,
): Promise<Claim | undefined> {
  const body = {
    generation: naming.generation,
    display_name: naming.displayName,
    claimed_at: new Date(clock.nowMs()).toISOString(),
    claimed_by: runUrl,
    // A write whose answer was lost is repeated and refused: by this we know our own claim.
    nonce: randomUUID(),
  };
  const text = `${JSON.stringify(body)}\n`;
  const result = await aws.objects.put(naming.location, Buffer.from(text), {
    condition,
    contentType: 'application/json',
  });
  if (result.kind === 'written') return { ...naming, etag: result.etag };
  const stored = await aws.objects.readText(naming.location);
  return stored?.text === text ? { ...naming, etag: stored.etag } : undefined;
}

/** Gives a claim back before anything was started with it: the next run need not wait until it is stale. */
export async function releaseClaim({ location, generation, displayName, etag }: Claim, aws: Aws): Promise<void> {
  const body = { generation, display_name: displayName, released: true };
  const condition = { kind: 'etag', etag } as const;
  await aws.objects.put(location, Buffer.from(`${JSON.stringify(body)}\n`), { condition });
}

/** The next generation of a claim that we hold: for a start that has to be repeated under a name of its own. */
export async function renewClaim(plan: Plan, claim: Claim, context: ClaimContext): Promise<Claim> {
  const identity = claim.location.key.slice(claim.location.key.lastIndexOf('/') + 1);
  const next = naming(plan, { identity, location: claim.location }, claim.generation + 1);
  const renewed = await write(next, { kind: 'etag', etag: claim.etag }, context);
  if (renewed !== undefined) return renewed;
  throw new DeployError('pipeline-conflict', 'Another job took over the start of this deployment.', {
    advice: 'Run this job again: it will follow the other one.',
  });
}

/** undefined where it is no claim of ours, whatever it is: it holds nobody up. */
function parseClaim(text: string): { readonly generation: number; readonly released: boolean } | undefined {
  const claim = parseJsonObject(text);
  const generation = claim?.['generation'];
  return claim !== undefined && isGeneration(generation)
    ? { generation, released: claim['released'] === true }
    : undefined;
}
