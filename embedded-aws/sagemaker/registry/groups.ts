import type { JsonObject } from '../../contracts.ts';
import { alreadyExists, conflict, validationError } from '../errors.ts';
import { arnOf, toArn } from '../ids.ts';
import { pick, seconds, text } from '../json.ts';
import { createdWithin, ordered, pageAnswer, pageOf } from '../paging.ts';
import { type Call, callerIdentity, type Operation, save } from '../service.ts';
import type { GroupRecord } from '../state.ts';
import { putTags, tagsOf } from '../tags.ts';

export const createGroup: Operation = (input, call) => ({ ModelPackageGroupArn: makeGroup(input, call) });

export function makeGroup(input: JsonObject, call: Call): string {
  const name = text(input, 'ModelPackageGroupName') ?? '';
  const arn = arnOf(call.context, 'model-package-group', name);
  if (Object.hasOwn(call.region.groups, arn)) {
    throw alreadyExists(`Model Package Group already exists: ${arn}`, call.service.answers);
  }
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
  return arn;
}

/** The group of that name in the caller's account, or of that ARN, which may be another account's. */
export function groupOf(nameOrArn: string, call: Call): GroupRecord {
  const arn = toArn(call.context, 'model-package-group', nameOrArn);
  const group = call.region.groups[arn];
  if (group === undefined) {
    const cannotFind = call.service.answers.is('group-not-found', 'cannot-find');
    throw validationError(
      cannotFind ? `Cannot find Model Package Group: ${arn}` : `ModelPackageGroup ${arn} does not exist.`,
    );
  }
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

export const listGroups: Operation = (input, call) => {
  const contained = text(input, 'NameContains') ?? '';
  const own = `:${call.context.accountId}:`;
  const crossAccount = text(input, 'CrossAccountFilterOption') === 'CrossAccount';
  const groups = Object.values(call.region.groups).filter(
    (group) =>
      group.arn.includes(own) !== crossAccount &&
      group.name.includes(contained) &&
      createdWithin(input, { after: 'CreationTimeAfter', before: 'CreationTimeBefore' }, group.createdMs),
  );
  const sorted = ordered(groups, input, {
    defaultOrder: 'Ascending',
    ...(text(input, 'SortBy') === 'Name' ? { nameOf: (group: GroupRecord) => group.name } : {}),
  });
  const page = pageOf(sorted, input, { keyOf: (group) => group.arn, pageSize: 10, call });
  return pageAnswer('ModelPackageGroupSummaryList', { ...page, items: page.items.map(groupSummary) });
};

export const deleteGroup: Operation = (input, call) => {
  const group = groupOf(text(input, 'ModelPackageGroupName') ?? '', call);
  if (Object.values(call.region.packages).some((item) => item.group?.arn === group.arn)) {
    throw conflict(`Model Package Group ${group.arn} has model packages. Delete those first.`);
  }
  delete call.region.groups[group.arn];
  delete call.region.tags[group.arn];
  save(call);
  return {};
};
