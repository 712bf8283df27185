/**
 * Removes everything of a run, found by its name: after an end, an interruption, or (`--clean`) a run that was killed.
 * What cannot be removed is told, and does not keep the rest from being removed.
 */
import type { Clients } from './clients.ts';
import { NotOffered } from './outcome.ts';
import { removeBucket, removeObjects } from './remove-objects.ts';
import { removeGroups, removePipelines, stopRecommendations } from './remove-resources.ts';
import type { Place, Sweep } from './sweep.ts';

export interface Removal {
  readonly removed: readonly string[];
  readonly left: readonly { readonly what: string; readonly why: string }[];
}

/** What failed is tried once more: an execution may have been ending, or a listing behind. */
export async function cleanUp(clients: Clients, place: Place): Promise<Removal> {
  const removed: string[] = [];
  const failed = new Map<string, { removal: () => Promise<unknown>; why: string }>();
  const remove: Sweep['remove'] = async (what, removal) => {
    try {
      await removal();
      removed.push(what);
      failed.delete(what);
    } catch (error) {
      if (isGone(error)) return;
      failed.set(what, { removal, why: error instanceof Error ? error.message || error.name : String(error) });
    }
  };
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, place.pollMs));
  await sweepAll({ clients, place, remove, pause });
  if (failed.size > 0) {
    await pause();
    const again = [...failed.entries()];
    for (const [what, { removal }] of again) await remove(what, removal);
  }
  const left = [...failed].map(([what, { why }]) => ({ what, why }));
  return { removed: removed.filter((what) => !what.startsWith(LISTING)), left };
}

/** What was noted and never made, or is gone already. */
function isGone(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof NotOffered) return false;
  return error.name.startsWith('ResourceNotFound') || /does not exist|(could|can) ?not find/i.test(error.message);
}

/** Finding what is there is a step that can fail, too, and is tried again with all that it finds. */
const LISTING = 'the listing of ';

async function sweepAll(sweep: Sweep): Promise<void> {
  const { clients, place, remove } = sweep;
  const { run, keyPrefix, bucket, regional } = place;
  await remove(`${LISTING}pipelines`, () => removePipelines(sweep));
  await remove(`${LISTING}model package groups`, () => removeGroups(sweep));
  await remove(`${LISTING}load tests`, () => stopRecommendations(sweep));
  await remove(`${LISTING}s3://${bucket}/${keyPrefix}${run}/`, () => removeObjects(sweep, clients.s3, bucket));
  if (regional !== undefined) {
    const s3 = clients.s3In(regional.region);
    const where = `${LISTING}s3://${regional.bucket}/${keyPrefix}${run}/`;
    await remove(where, () => removeObjects(sweep, s3, regional.bucket));
  }
  await remove(`${LISTING}the bucket ${run.toLowerCase()}`, () => removeBucket(sweep));
}
