import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DeployError } from '../core/errors.ts';
import type { Runner } from '../core/runner.ts';
import { formatSize } from '../core/text/format.ts';
import type { OpenTarget } from '../rehearsal/target.ts';

/** A target in which the local archive is in S3 where the run reads it, uploaded once. */
export function withUpload(openTarget: OpenTarget, file: string, runner: Runner): OpenTarget {
  return async (request) => {
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) {
      const what = found === undefined ? 'does not exist' : 'is no file';
      throw new DeployError('model-missing', `The model archive ${file} ${what} (--upload).`, {
        advice: 'Name a local .tar.gz, or leave --upload out where the model is in S3 already.',
      });
    }
    const target = await openTarget(request);
    const { model } = request.inputs;
    const begin = (sizeBytes: number) => runner.transfer(`Uploading ${basename(file)}`, sizeBytes);
    const result = await target.aws.objects.upload(model, file, begin);
    if (result === 'other') {
      throw new DeployError(
        'model-changed',
        `There is another object at ${model.uri} already; it was not overwritten.`,
        {
          advice: 'Upload a release once, under a path of its own; without --upload what is there is deployed.',
        },
      );
    }
    const done = result === 'same' ? 'is there already' : `uploaded, ${formatSize(found.size)}`;
    runner.info(`Upload       ${model.uri} (${done})`);
    return target;
  };
}
