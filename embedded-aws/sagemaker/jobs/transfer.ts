/** S3 to the job's folder before it runs, and back after it succeeded. */
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, posix, sep } from 'node:path';
import type { JsonObject } from '../../contracts.ts';
import { object, objects, text } from '../json.ts';
import { parseS3Uri, type S3Location } from '../s3-uri.ts';
import type { Service } from '../service.ts';
import type { JobRecord } from '../state.ts';

/** A failure that the job reports as its FailureReason. */
export class TransferError extends Error {}

export type Transfer = {
  readonly service: Service;
  readonly region: string;
  readonly root: string;
  readonly signal: AbortSignal;
};

/** @throws TransferError when an input has no object, or an object no place */
export async function downloadInputs(job: JobRecord, transfer: Transfer): Promise<void> {
  for (const input of objects(job.input, 'ProcessingInputs')) {
    const source = object(input, 'S3Input') ?? {};
    const localPath = text(source, 'LocalPath');
    if (localPath === undefined) continue;
    try {
      await download(source, {
        ...transfer,
        target: join(transfer.root, localPath),
        role: text(job.input, 'RoleArn') ?? '',
      });
    } catch (error) {
      throw new TransferError(`ClientError: Data download failed:${messageOf(error)}`);
    }
  }
}

async function download(source: JsonObject, to: Transfer & { target: string; role: string }): Promise<void> {
  const uri = text(source, 'S3Uri') ?? '';
  const { bucket, key: prefix } = parseS3Uri(uri) ?? { bucket: '', key: '' };
  const here = to.service.store.bucketRegion(bucket) === to.region;
  const found = here ? to.service.store.list(bucket, prefix) : [];
  if (found.length === 0) {
    throw new Error(
      `No S3 objects found under S3 URL "${uri}" given in input data source. Please ensure that the bucket exists in ` +
        `the selected region (${to.region}), that objects exist under that S3 prefix, and that the role "${to.role}" ` +
        `has "s3:ListBucket" permissions on bucket "${bucket}".`,
    );
  }
  await mkdir(to.target, { recursive: true });
  for (const item of found) {
    to.signal.throwIfAborted();
    if (item.archived === true) {
      throw new Error(
        `Failed to download data. s3://${item.bucket}/${item.key}: An error occurred (InvalidObjectState) when calling ` +
          "the GetObject operation: The operation is not valid for the object's storage class",
      );
    }
    await place(item.bodyPath, placeOf(item.key, prefix), to.target);
  }
}

/**
 * Where an object of an S3Prefix input lands, relative to the LocalPath. A prefix is a string, not a folder:
 * `models/model.tar.gz` brings `model.tar.gz`, and `model.tar.gz.bak` beside it.
 */
export function placeOf(key: string, prefix: string): string {
  if (prefix === '' || (prefix.endsWith('/') && key !== prefix)) return key.slice(prefix.length);
  if (key.startsWith(`${prefix}/`)) return key.slice(prefix.length + 1);
  return key.slice(prefix.lastIndexOf('/', prefix.length - 2) + 1);
}

async function place(bodyPath: string, relative: string, target: string): Promise<void> {
  const climbs = relative.split('/').includes('..') || relative.includes('\0');
  if (climbs) throw new Error(`The key of an object leads out of the folder it is put into: ${relative}`);
  const path = join(target, relative);
  if (relative === '' || relative.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await copyFile(bodyPath, path, constants.COPYFILE_FICLONE);
}

/** @throws TransferError when the bucket of an output is not there */
export async function uploadOutputs(job: JobRecord, transfer: Transfer): Promise<void> {
  for (const output of objects(object(job.input, 'ProcessingOutputConfig') ?? {}, 'Outputs')) {
    const target = object(output, 'S3Output') ?? {};
    const localPath = text(target, 'LocalPath');
    const location = parseS3Uri(text(target, 'S3Uri') ?? '');
    if (localPath === undefined || location === undefined) continue;
    await upload(join(transfer.root, localPath), location, transfer);
  }
}

async function upload(folder: string, to: S3Location, transfer: Transfer): Promise<void> {
  if (transfer.service.store.bucketRegion(to.bucket) === undefined) {
    throw new TransferError(
      `ClientError: Data upload failed:The specified bucket does not exist: s3://${to.bucket}/${to.key}`,
    );
  }
  const prefix = to.key === '' || to.key.endsWith('/') ? to.key : `${to.key}/`;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    transfer.signal.throwIfAborted();
    const path = join(entry.parentPath, entry.name);
    const relative = path.slice(folder.length + (folder.endsWith(sep) ? 0 : 1));
    const key = `${prefix}${relative.split(sep).join(posix.sep)}`;
    try {
      await transfer.service.store.putFile(to.bucket, key, path);
    } catch (error) {
      throw new TransferError(`ClientError: Data upload failed:${messageOf(error)} (s3://${to.bucket}/${key})`);
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
