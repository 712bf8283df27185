import type { JsonObject } from '../contracts.ts';
import { archiveAt, checkImage } from './artifacts.ts';
import { validationError } from './errors.ts';
import { arnOf, findByArn, nameInArn } from './ids.ts';
import { object, objects, pick, seconds, text } from './json.ts';
import { type Call, type Operation, save } from './service.ts';
import type { ModelRecord } from './state.ts';
import { putTags, tagsOf } from './tags.ts';

export const createModel: Operation = (input, call) => {
  const name = nameInArn(text(input, 'ModelName') ?? '', call.service.answers);
  const arn = arnOf(call.context, 'model', name);
  if (findByArn(call.region.models, arn) !== undefined) {
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

export const describeModel: Operation = (input, call) => modelAnswer(modelOf(input, call));

function modelOf(input: JsonObject, call: Call): ModelRecord {
  const name = text(input, 'ModelName') ?? '';
  const arn = arnOf(call.context, 'model', name);
  const model = findByArn(call.region.models, arn);
  const exact = call.service.answers.is('describe-names', 'exact');
  if (model === undefined || (exact && name !== model.input['ModelName'])) {
    throw validationError(`Could not find model "${arn}".`);
  }
  return model;
}

export const deleteModel: Operation = (input, call) => {
  const model = modelOf(input, call);
  delete call.region.models[model.arn];
  delete call.region.tags[model.arn];
  save(call);
  return {};
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
