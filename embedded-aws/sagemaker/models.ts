import type { JsonObject } from '../contracts.ts';
import { archiveAt, checkImage } from './artifacts.ts';
import { validationError } from './errors.ts';
import { arnOf } from './ids.ts';
import { object, objects, pick, seconds, text } from './json.ts';
import { type Call, type Operation, save } from './service.ts';
import type { ModelRecord } from './state.ts';
import { putTags, tagsOf } from './tags.ts';

export const createModel: Operation = (input, call) => {
  const arn = arnOf(call.context, 'model', text(input, 'ModelName') ?? '');
  if (Object.hasOwn(call.region.models, arn)) {
    throw validationError(`Cannot create already existing model "${arn}".`);
  }
  tagsOf(input);
  for (const container of containersOf(input)) checkContainer(container, call);
  call.region.models[arn] = { arn, input, createdMs: call.nowMs };
  putTags(input, arn, call);
  save(call);
  return { ModelArn: arn };
};

function containersOf(input: JsonObject): JsonObject[] {
  const primary = object(input, 'PrimaryContainer');
  const containers = objects(input, 'Containers');
  if ((primary === undefined) === (containers.length === 0)) {
    throw validationError('CreateModel takes either PrimaryContainer or Containers: give exactly one of them.');
  }
  return primary === undefined ? containers : [primary];
}

function checkContainer(container: JsonObject, call: Call): void {
  const image = text(container, 'Image');
  if (image === undefined && text(container, 'ModelPackageName') === undefined) {
    throw validationError('A container needs an Image or a ModelPackageName; it has neither.');
  }
  if (image !== undefined) checkImage(image, call);
  const url = text(container, 'ModelDataUrl');
  if (url !== undefined && text(container, 'Mode') !== 'MultiModel') archiveAt('ModelDataUrl', url, call);
}

export const describeModel: Operation = (input, call) => {
  const arn = arnOf(call.context, 'model', text(input, 'ModelName') ?? '');
  const model = call.region.models[arn];
  if (model === undefined) throw validationError(`Could not find model "${arn}".`);
  return modelAnswer(model);
};

export function modelAnswer(model: ModelRecord): JsonObject {
  const members = ['ModelName', 'PrimaryContainer', 'Containers', 'InferenceExecutionConfig', 'ExecutionRoleArn'];
  return {
    ...pick(model.input, [...members, 'VpcConfig']),
    EnableNetworkIsolation: model.input['EnableNetworkIsolation'] ?? false,
    CreationTime: seconds(model.createdMs),
    ModelArn: model.arn,
  };
}
