import { readFileSync } from 'node:fs';
import type { Json, ObjectStore } from '../../contracts.ts';
import type { Definition } from '../definition/definition.ts';
import { validationError } from '../errors.ts';
import { object, objects, text } from '../json.ts';
import { parseS3Uri } from '../s3-uri.ts';
import type { ExecutionRecord } from '../state.ts';

type Source = {
  readonly service: { readonly store: ObjectStore };
  readonly definition: Definition;
  readonly execution: ExecutionRecord;
};

/** The JSON that a step wrote to a property file, read from the S3 output it belongs to. */
export function readPropertyFile(run: Source, stepName: string, fileName: string): Json {
  const step = run.definition.steps.find((item) => item.name === stepName);
  const file = step?.propertyFiles.find((item) => item.name === fileName);
  const properties = run.execution.steps.find((record) => record.name === stepName)?.properties ?? {};
  const outputs = objects(object(properties, 'ProcessingOutputConfig') ?? {}, 'Outputs');
  const output = outputs.find((item) => text(item, 'OutputName') === file?.outputName);
  const uri = text(object(output ?? {}, 'S3Output') ?? {}, 'S3Uri') ?? '';
  const location = parseS3Uri(uri);
  const key = `${location?.key.replace(/\/$/, '') ?? ''}/${file?.filePath ?? ''}`.replace(/^\//, '');
  const found = location === undefined ? undefined : run.service.store.head(location.bucket, key);
  if (found === undefined) {
    throw validationError(
      `The property file ${fileName} of step ${stepName} was not found at s3://${location?.bucket}/${key}.`,
    );
  }
  try {
    return JSON.parse(readFileSync(found.bodyPath, 'utf8')) as Json;
  } catch {
    throw validationError(
      `The property file ${fileName} of step ${stepName} (s3://${found.bucket}/${key}) is not JSON.`,
    );
  }
}
