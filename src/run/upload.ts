import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Aws } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import type { Files } from '../core/files.ts';
import type { Runner } from '../core/runner.ts';
import { formatS3Uri, type S3Location } from '../core/s3-uri.ts';
import { formatSize } from '../core/text/format.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * The inputs with the place of a local archive: where it is told, or by its content. A rehearsal knows its own.
 * @throws DeployError `model-missing` where there is no such file
 */
export async function locateModel(
  inputs: Inputs,
  { files, context, upload }: Pick<Dependencies, 'context' | 'upload'> & { readonly files: Files },
): Promise<Inputs> {
  const { model, mode } = inputs;
  const file = upload ?? model.file;
  if (file === undefined || mode === 'rehearse') return inputs;
  const path = files.resolve(file);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    const what = found === undefined ? 'does not exist' : 'is no file';
    const named = upload === undefined ? 'input model-s3-path' : '--upload';
    throw new DeployError('model-missing', `The model archive ${path} ${what} (${named}).`, {
      advice:
        upload === undefined
          ? 'Name a local .tar.gz, from working-directory, or s3://bucket/key/model.tar.gz.'
          : 'Name a local .tar.gz, or leave --upload out where the model is in S3 already.',
    });
  }
  const place = model.uploadPrefix === undefined ? model : await placeOf(path, model.uploadPrefix, context.releaseTag);
  return { ...inputs, model: { bucket: place.bucket, key: place.key, uri: formatS3Uri(place), file: path } };
}

/** `prefix/1.3.0/{sha256}/model.tar.gz`: the same archive of the same release is one object, whoever uploads it. */
async function placeOf(path: string, prefix: S3Location, releaseTag: string | undefined): Promise<S3Location> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  const parts = [
    prefix.key.replace(/\/+$/, ''),
    (releaseTag ?? '').replace(/[^\w.+-]+/g, '-'),
    hash.digest('hex'),
    basename(path).replace(/[^\w.+-]+/g, '-'),
  ];
  return { bucket: prefix.bucket, key: parts.filter((part) => part !== '').join('/') };
}

/**
 * Puts the archive where the run reads it, once.
 * @throws DeployError `model-changed` where something else is there, which is never overwritten
 */
export async function uploadModel(
  { model }: Pick<Inputs, 'model'>,
  { aws, runner }: { readonly aws: Aws; readonly runner: Runner },
): Promise<void> {
  const { file } = model;
  if (file === undefined) return;
  const sent = { bytes: 0 };
  const begin = (sizeBytes: number) => {
    sent.bytes = sizeBytes;
    return runner.transfer(`Uploading ${basename(file)}`, sizeBytes);
  };
  const result = await aws.objects.upload({ bucket: model.bucket, key: model.key }, file, begin);
  if (result === 'other') {
    throw new DeployError('model-changed', `There is another object at ${model.uri} already; it was not overwritten.`, {
      advice: 'Upload a release once, under a path of its own; without an upload what is there is deployed.',
    });
  }
  const done = result === 'same' ? 'is there already' : `uploaded, ${formatSize(sent.bytes)}`;
  runner.info(`Upload       ${model.uri} (${done})`);
}
