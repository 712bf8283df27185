import type { JsonObject } from '../../contracts.ts';
import { archiveAt, checkImage } from '../artifacts.ts';
import { validationError } from '../errors.ts';
import { arnOf, findByArn, nameInArn } from '../ids.ts';
import { object, objects, text } from '../json.ts';
import { type Call, callerIdentity, type Operation, once, save } from '../service.ts';
import { putTags, tagsOf } from '../tags.ts';
import { groupOf } from './groups.ts';

/** Registers a model: a numbered version of a group, or (without a group) a package of its own name. */
export const createPackage: Operation = (input, call) => {
  const arn = once(input, call, {
    operation: 'CreateModelPackage',
    token: 'ClientToken',
    exists: (earlier) => Object.hasOwn(call.region.packages, earlier),
    make: () => makePackage(input, call),
  });
  save(call);
  return { ModelPackageArn: arn };
};

function makePackage(input: JsonObject, call: Call): string {
  const groupName = text(input, 'ModelPackageGroupName');
  const name = text(input, 'ModelPackageName');
  if ((groupName === undefined) === (name === undefined)) {
    throw validationError(
      'CreateModelPackage takes either ModelPackageGroupName (a version of that group) or ModelPackageName ' +
        '(an unversioned package): give exactly one of them.',
    );
  }
  return groupName === undefined ? makeUnversioned(input, name ?? '', call) : makeVersion(input, groupName, call);
}

function makeVersion(input: JsonObject, groupName: string, call: Call): string {
  if (objects(input, 'Tags').length > 0) {
    throw validationError(
      'Tags cannot be given for a versioned model package: it uses the tags of its model package group.',
    );
  }
  if (input['CertifyForMarketplace'] === true) {
    throw validationError('CertifyForMarketplace does not apply to versioned model packages.');
  }
  const group = groupOf(groupName, call);
  const checked = checkArtifacts(input, call);
  const version = group.nextVersion;
  group.nextVersion = version + 1;
  const owner = group.arn.split(':model-package-group/')[0] ?? '';
  const arn = `${owner}:model-package/${nameInArn(group.name, call.service.answers)}/${version}`;
  const approval = text(input, 'ModelApprovalStatus') ?? 'PendingManualApproval';
  call.region.packages[arn] = {
    arn,
    name: group.name,
    group: { arn: group.arn, name: group.name, version },
    input: { ...checked, ModelApprovalStatus: approval },
    createdMs: call.nowMs,
    createdBy: callerIdentity(call.context),
  };
  return arn;
}

function makeUnversioned(input: JsonObject, name: string, call: Call): string {
  const arn = arnOf(call.context, 'model-package', nameInArn(name, call.service.answers));
  if (findByArn(call.region.packages, arn) !== undefined) {
    throw validationError(`Model Package already exists: ${arn}`);
  }
  tagsOf(input);
  const checked = checkArtifacts(input, call);
  call.region.packages[arn] = {
    arn,
    name,
    input: checked,
    createdMs: call.nowMs,
    createdBy: callerIdentity(call.context),
  };
  putTags(input, arn, call);
  return arn;
}

/** The input with what SageMaker looks up itself: the ETag of each model archive. */
function checkArtifacts(input: JsonObject, call: Call): JsonObject {
  const payload = text(input, 'SamplePayloadUrl');
  if (payload !== undefined) archiveAt('SamplePayloadUrl', payload, call);
  const specification = object(input, 'InferenceSpecification');
  if (specification === undefined) {
    if (object(input, 'SourceAlgorithmSpecification') === undefined && text(input, 'SourceUri') === undefined) {
      throw validationError('A model package needs an InferenceSpecification (or a source to take it from).');
    }
    return input;
  }
  const containers = objects(specification, 'Containers').map((container) => checkContainer(container, call));
  return { ...input, InferenceSpecification: { ...specification, Containers: containers } };
}

function checkContainer(container: JsonObject, call: Call): JsonObject {
  const image = text(container, 'Image');
  if (image !== undefined) checkImage(image, call);
  const url = text(container, 'ModelDataUrl');
  if (url === undefined) return container;
  return { ...container, ModelDataETag: archiveAt('ModelDataUrl', url, call).etag };
}
