import type { JsonObject } from '../../contracts.ts';
import { checkImage } from '../artifacts.ts';
import { validationError } from '../errors.ts';
import { object, objects, text } from '../json.ts';
import { parseS3Uri } from '../s3-uri.ts';
import type { Call } from '../service.ts';
import { checkLocalStorage } from './local-storage.ts';

/** What CreateProcessingJob checks beyond the limits of single members. */
export function checkJob(input: JsonObject, call: Call): void {
  checkImage(text(object(input, 'AppSpecification') ?? {}, 'ImageUri') ?? '', call);
  checkLocalStorage(input, call);
  const inputs = objects(input, 'ProcessingInputs');
  const outputs = objects(object(input, 'ProcessingOutputConfig') ?? {}, 'Outputs');
  refuseDuplicates('input', inputs, 'InputName');
  refuseDuplicates('output', outputs, 'OutputName');
  for (const item of inputs) checkInput(item);
  for (const item of outputs) checkOutput(item);
}

function refuseDuplicates(kind: string, items: readonly JsonObject[], member: string): void {
  const seen = new Set<string>();
  for (const item of items) {
    const name = text(item, member) ?? '';
    if (seen.has(name)) throw validationError(`The ${kind} name '${name}' is used twice; ${member}s must be unique.`);
    seen.add(name);
  }
}

function checkInput(input: JsonObject): void {
  const where = `Processing input '${text(input, 'InputName')}'`;
  const source = object(input, 'S3Input');
  if (object(input, 'DatasetDefinition') !== undefined) {
    throw validationError(`${where}: DatasetDefinition is not supported by the embedded AWS, which reads S3 only.`);
  }
  if (source === undefined) throw validationError(`${where} needs an S3Input.`);
  const unsupported: [member: string, value: string][] = [
    ['S3DataType', 'ManifestFile'],
    ['S3InputMode', 'Pipe'],
    ['S3DataDistributionType', 'ShardedByS3Key'],
  ];
  for (const [member, value] of unsupported) {
    if (text(source, member) === value) {
      throw validationError(`${where}: ${member} ${value} is not supported by the embedded AWS.`);
    }
  }
  if (text(source, 'S3CompressionType') === 'Gzip') {
    throw validationError(`${where}: S3CompressionType Gzip can only be used with S3InputMode Pipe.`);
  }
  checkS3(source, where);
  if (input['AppManaged'] !== true) checkLocalPath(text(source, 'LocalPath'), where);
}

function checkOutput(output: JsonObject): void {
  const where = `Processing output '${text(output, 'OutputName')}'`;
  const target = object(output, 'S3Output');
  if (target === undefined) {
    throw validationError(`${where} needs an S3Output; a FeatureStoreOutput is not supported by the embedded AWS.`);
  }
  checkS3(target, where);
  if (output['AppManaged'] !== true) checkLocalPath(text(target, 'LocalPath'), where);
}

function checkS3(location: JsonObject, where: string): void {
  const uri = text(location, 'S3Uri') ?? '';
  if (parseS3Uri(uri) === undefined) throw validationError(`${where}: the S3Uri '${uri}' is not s3://bucket/key.`);
}

function checkLocalPath(path: string | undefined, where: string): void {
  if (path === undefined) throw validationError(`${where}: LocalPath is required when AppManaged is false.`);
  if (!path.startsWith('/opt/ml/processing/') || path.split('/').includes('..')) {
    throw validationError(
      `${where}: the LocalPath '${path}' must be an absolute path that begins with /opt/ml/processing/.`,
    );
  }
}
