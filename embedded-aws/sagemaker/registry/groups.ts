import type { JsonObject } from '../../contracts.ts';
import { validationError } from '../errors.ts';
import { arnOf, toArn } from '../ids.ts';
import { pick, seconds, text } from '../json.ts';
import { type Call, callerIdentity, type Operation, save } from '../service.ts';
import type { GroupRecord } from '../state.ts';
import { putTags, tagsOf } from '../tags.ts';

export const createGroup: Operation = (input, call) => {
  const name = text(input, 'ModelPackageGroupName') ?? '';
  const arn = arnOf(call.context, 'model-package-group', name);
  if (Object.hasOwn(call.region.groups, arn)) throw validationError(`Model Package Group already exists: ${arn}`);
  tagsOf(input);
  call.region.groups[arn] = {
    arn,
    name,
    input: pick(input, ['ModelPackageGroupDescription', 'ManagedConfiguration']),
    createdMs: call.nowMs,
    createdBy: callerIdentity(call.context),
    nextVersion: 1,
  };
  putTags(input, arn, call);
  save(call);
  return { ModelPackageGroupArn: arn };
};

/** The group of that name in the caller's account, or of that ARN, which may be another account's. */
export function groupOf(nameOrArn: string, call: Call): GroupRecord {
  const arn = toArn(call.context, 'model-package-group', nameOrArn);
  const group = call.region.groups[arn];
  if (group === undefined) throw validationError(`ModelPackageGroup ${arn} does not exist.`);
  return group;
}

export const describeGroup: Operation = (input, call) => {
  const group = groupOf(text(input, 'ModelPackageGroupName') ?? '', call);
  return { ...groupSummary(group), CreatedBy: group.createdBy };
};

function groupSummary(group: GroupRecord): JsonObject {
  return {
    ModelPackageGroupName: group.name,
    ModelPackageGroupArn: group.arn,
    ...group.input,
    CreationTime: seconds(group.createdMs),
    ModelPackageGroupStatus: 'Completed',
  };
}
