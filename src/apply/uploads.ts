import { formatS3Uri } from '../aws/s3-uri.ts';
import type { Objects } from '../aws/types.ts';
import { sideBySide } from '../core/concurrency.ts';
import type { Plan, Upload } from '../plan/types.ts';

/** How many objects are written at the same time. */
const SIDE_BY_SIDE = 8;

export interface UploadSummary {
  readonly written: readonly Upload[];
  readonly there: readonly Upload[];
}

/**
 * Puts everything that the plan lists. A key names its content: a conditional put writes what is missing and leaves what
 * is there, in one request either way.
 */
export async function uploadAll(plan: Plan, objects: Objects): Promise<UploadSummary> {
  const written: Upload[] = [];
  const there: Upload[] = [];
  await sideBySide(plan.uploads, SIDE_BY_SIDE, async (upload) => {
    const list = (await putMissing(upload, objects, plan.kmsKey)) ? written : there;
    list.push(upload);
  });
  await sideBySide(plan.aliases, SIDE_BY_SIDE, ({ from, to }) => objects.copy(from, to, plan.kmsKey));
  return { written, there };
}

async function putMissing(upload: Upload, objects: Objects, kmsKey: string | undefined): Promise<boolean> {
  const { body, target } = upload;
  if (body.kind === 'object') {
    if (formatS3Uri(body.from) === formatS3Uri(target) || (await objects.head(target)) !== undefined) return false;
    await objects.copy(body.from, target, kmsKey);
    return true;
  }
  const content = body.kind === 'bytes' ? body.bytes : { path: body.path };
  const result = await objects.put(target, content, { condition: { kind: 'absent' }, kmsKey });
  return result.kind === 'written';
}
