import type { JsonObject } from '../../contracts.ts';
import { validationError } from '../errors.ts';
import { findByArn, toArn } from '../ids.ts';
import { defined, object, pick, seconds, strings, text } from '../json.ts';
import { createdWithin, ordered, pageAnswer, pageOf } from '../paging.ts';
import { type Call, callerIdentity, type Operation, save } from '../service.ts';
import type { PackageRecord } from '../state.ts';
import { groupOf } from './groups.ts';

/** SageMaker's limit of customer metadata entries; an update may not push them over it either. */
const mostMetadata = 50;

export function packageOf(nameOrArn: string, call: Call): PackageRecord {
  const arn = toArn(call.context, 'model-package', nameOrArn);
  const found = findByArn(call.region.packages, arn);
  if (found === undefined) {
    const cannotFind = call.service.answers.is('package-not-found', 'cannot-find');
    throw validationError(cannotFind ? `Cannot find Model Package: ${arn}` : `ModelPackage ${arn} does not exist.`);
  }
  return found;
}

export const describePackage: Operation = (input, call) =>
  packageAnswer(packageOf(text(input, 'ModelPackageName') ?? '', call));

/** Members of the create request that the description does not repeat. */
const unsaid = ['ClientToken', 'Tags', 'ModelPackageGroupName', 'ModelPackageName'];

export function packageAnswer(found: PackageRecord): JsonObject {
  const said = Object.keys(found.input).filter((member) => !unsaid.includes(member));
  return {
    ...identity(found),
    ...pick(found.input, said),
    CreationTime: seconds(found.createdMs),
    CreatedBy: found.createdBy,
    ModelPackageStatus: 'Completed',
    ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
    CertifyForMarketplace: found.input['CertifyForMarketplace'] ?? false,
    ...defined({
      LastModifiedTime: found.modifiedMs === undefined ? undefined : seconds(found.modifiedMs),
      LastModifiedBy: found.modifiedBy,
    }),
  };
}

function identity(found: PackageRecord): JsonObject {
  return defined({
    ModelPackageName: found.group === undefined ? found.name : undefined,
    ModelPackageGroupName: found.group?.name,
    ModelPackageVersion: found.group?.version,
    ModelPackageArn: found.arn,
  });
}

export const updatePackage: Operation = (input, call) => {
  const found = packageOf(text(input, 'ModelPackageArn') ?? '', call);
  if (found.group === undefined) {
    throw validationError(`${found.arn} is not a versioned model package; only those can be updated.`);
  }
  const members = ['ModelApprovalStatus', 'ApprovalDescription', 'ModelPackageRegistrationType', 'SourceUri'];
  const changed = { ...found.input, ...pick(input, [...members, 'InferenceSpecification', 'ModelLifeCycle']) };
  const replaces = call.service.answers.is('metadata-update', 'replace') && 'CustomerMetadataProperties' in input;
  const before = replaces ? {} : (object(found.input, 'CustomerMetadataProperties') ?? {});
  const metadata = mergedMetadata(found, input, before);
  if (Object.keys(metadata).length > 0) changed['CustomerMetadataProperties'] = metadata;
  else delete changed['CustomerMetadataProperties'];
  found.input = changed;
  found.modifiedMs = call.nowMs;
  found.modifiedBy = callerIdentity(call.context);
  save(call);
  return { ModelPackageArn: found.arn };
};

function mergedMetadata(found: PackageRecord, input: JsonObject, before: JsonObject): JsonObject {
  const removed = strings(input, 'CustomerMetadataPropertiesToRemove');
  const kept = Object.entries(before).filter(([key]) => !removed.includes(key));
  const merged = { ...Object.fromEntries(kept), ...object(input, 'CustomerMetadataProperties') };
  const count = Object.keys(merged).length;
  if (count > mostMetadata) {
    throw validationError(
      `${found.arn} would have ${count} customer metadata properties; the limit is ${mostMetadata}.`,
    );
  }
  return merged;
}

export const deletePackage: Operation = (input, call) => {
  const found = packageOf(text(input, 'ModelPackageName') ?? '', call);
  delete call.region.packages[found.arn];
  delete call.region.tags[found.arn];
  save(call);
  return {};
};

export const listPackages: Operation = (input, call) => {
  const groupName = text(input, 'ModelPackageGroupName');
  const group = groupName === undefined ? undefined : groupOf(groupName, call).arn;
  const type = text(input, 'ModelPackageType') ?? (group === undefined ? 'Unversioned' : 'Versioned');
  const approval = text(input, 'ModelApprovalStatus');
  const contained = text(input, 'NameContains') ?? '';
  const found = Object.values(call.region.packages).filter(
    (item) =>
      (group === undefined || item.group?.arn === group) &&
      (type === 'Both' || (type === 'Versioned') === (item.group !== undefined)) &&
      (approval === undefined || item.input['ModelApprovalStatus'] === approval) &&
      item.name.includes(contained) &&
      createdWithin(input, { after: 'CreationTimeAfter', before: 'CreationTimeBefore' }, item.createdMs),
  );
  const sorted = ordered(found, input, {
    defaultOrder: 'Ascending',
    ...(text(input, 'SortBy') === 'Name' ? { nameOf: (item: PackageRecord) => item.name } : {}),
  });
  const page = pageOf(sorted, input, { keyOf: (item) => item.arn, pageSize: 10, call });
  return pageAnswer('ModelPackageSummaryList', { ...page, items: page.items.map(packageSummary) });
};

function packageSummary(found: PackageRecord): JsonObject {
  return {
    ...identity(found),
    ...pick(found.input, [
      'ModelPackageDescription',
      'ModelApprovalStatus',
      'ModelPackageRegistrationType',
      'ModelLifeCycle',
    ]),
    CreationTime: seconds(found.createdMs),
    ModelPackageStatus: 'Completed',
  };
}
