import type { DescribeModelPackageCommandOutput, ListModelPackagesCommandOutput } from '@aws-sdk/client-sagemaker';
import { awsError } from '../errors.ts';
import type { ApprovalState, ModelPackage, PackageVersion, Registry, Taggable } from '../types.ts';
import {
  allPages,
  eachPage,
  optionalNumber,
  optionalText,
  type Page,
  requiredText,
  withAwsErrors,
  withAwsErrorsOr,
} from './call.ts';
import type { SageMaker } from './clients.ts';

export function createRegistry(sageMaker: SageMaker): Registry {
  return {
    ...createTags(sageMaker),
    groupArn: (group) => groupArn(sageMaker, group),
    async createGroup(name, description, tags) {
      const { sdk, client } = await sageMaker();
      const request = { ModelPackageGroupName: name, ModelPackageGroupDescription: description, Tags: tagList(tags) };
      return withAwsErrorsOr(
        { doing: `create the model package group ${name}`, when: ['already-exists'], answer: 'exists' as const },
        async () => {
          const answer = await client.send(new sdk.CreateModelPackageGroupCommand(request));
          requiredText(answer.ModelPackageGroupArn, 'ModelPackageGroupArn');
          return 'created' as const;
        },
      );
    },
    describe: (arn) => describe(sageMaker, arn),
    versions: (group) => packageVersions(sageMaker, group),
    async setApproval(arn, approval, why) {
      const { sdk, client } = await sageMaker();
      const request = { ModelPackageArn: arn, ModelApprovalStatus: approval, ApprovalDescription: why };
      await withAwsErrors(`set the approval of ${arn} to ${approval}`, async () => {
        const answer = await client.send(new sdk.UpdateModelPackageCommand(request));
        requiredText(answer.ModelPackageArn, 'ModelPackageArn');
      });
    },
    async addMetadata(arn, metadata) {
      const { sdk, client } = await sageMaker();
      // All of it is sent: whether UpdateModelPackage merges or replaces is not documented.
      const found = await describe(sageMaker, arn);
      const request = { ModelPackageArn: arn, CustomerMetadataProperties: { ...found?.metadata, ...metadata } };
      await withAwsErrors(`add metadata to ${arn}`, async () => {
        const answer = await client.send(new sdk.UpdateModelPackageCommand(request));
        requiredText(answer.ModelPackageArn, 'ModelPackageArn');
      });
    },
  };
}

async function groupArn(sageMaker: SageMaker, group: string): Promise<string | undefined> {
  const { sdk, client } = await sageMaker();
  return withAwsErrorsOr(
    { doing: `describe the model package group ${group}`, when: ['not-found'], answer: undefined },
    async () => {
      const answer = await client.send(new sdk.DescribeModelPackageGroupCommand({ ModelPackageGroupName: group }));
      return requiredText(answer.ModelPackageGroupArn, 'ModelPackageGroupArn');
    },
  );
}

async function describe(sageMaker: SageMaker, arn: string): Promise<ModelPackage | undefined> {
  const { sdk, client } = await sageMaker();
  return withAwsErrorsOr({ doing: `describe ${arn}`, when: ['not-found'], answer: undefined }, async () =>
    modelPackage(await client.send(new sdk.DescribeModelPackageCommand({ ModelPackageName: arn }))),
  );
}

function modelPackage(answer: DescribeModelPackageCommandOutput): ModelPackage {
  const container = answer.InferenceSpecification?.Containers?.[0];
  return {
    arn: requiredText(answer.ModelPackageArn, 'ModelPackageArn'),
    group: optionalText(answer.ModelPackageGroupName, 'ModelPackageGroupName') ?? '',
    version: optionalNumber(answer.ModelPackageVersion, 'ModelPackageVersion'),
    status: requiredText(answer.ModelPackageStatus, 'ModelPackageStatus') as ModelPackage['status'],
    approval: approvalOf(answer.ModelApprovalStatus),
    approvalDescription: optionalText(answer.ApprovalDescription, 'ApprovalDescription'),
    modelDataUrl: optionalText(
      container?.ModelDataUrl ?? container?.ModelDataSource?.S3DataSource?.S3Uri,
      'ModelDataUrl',
    ),
    metadata: metadataOf(answer.CustomerMetadataProperties),
  };
}

function approvalOf(status: string | undefined): ApprovalState {
  return (optionalText(status, 'ModelApprovalStatus') ?? 'PendingManualApproval') as ApprovalState;
}

function metadataOf(given: Readonly<Record<string, string>> | null | undefined): ModelPackage['metadata'] {
  const entries = Object.entries(given ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, optionalText(value, `the metadata ${key}`) ?? '']));
}

/** Tags of pipelines and groups. */
export function createTags(sageMaker: SageMaker): Taggable {
  return {
    async tags(arn: string) {
      const { sdk, client } = await sageMaker();
      return withAwsErrors(`list the tags of ${arn}`, async () => {
        const tags = await allPages(async (NextToken) => {
          const page = await client.send(new sdk.ListTagsCommand({ ResourceArn: arn, NextToken }));
          return { items: page.Tags ?? [], next: page.NextToken };
        });
        return Object.fromEntries(tags.map(({ Key, Value }) => [requiredText(Key, 'Key'), Value ?? '']));
      });
    },
    async addTags(arn: string, tags: Readonly<Record<string, string>>) {
      const { sdk, client } = await sageMaker();
      await withAwsErrors(`tag ${arn}`, () =>
        client.send(new sdk.AddTagsCommand({ ResourceArn: arn, Tags: tagList(tags) })),
      );
    },
  };
}

export function tagList(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The most that the service gives at once; who wants one of the newest asks once. */
const PAGE = 100;

/** Versions of a group, newest first. Whoever has found the one that is wanted asks for no further page. */
async function* packageVersions(sageMaker: SageMaker, group: string): AsyncGenerator<PackageVersion> {
  const { sdk, client } = await sageMaker();
  const doing = `list the versions of ${group}`;
  const page = (NextToken: string | undefined) =>
    withAwsErrorsOr({ doing, when: ['not-found'], answer: NO_VERSIONS }, async () => {
      const request = { ModelPackageGroupName: group, SortBy: 'CreationTime', SortOrder: 'Descending' } as const;
      return versionsOf(
        await client.send(new sdk.ListModelPackagesCommand({ ...request, MaxResults: PAGE, NextToken })),
      );
    });
  try {
    for await (const versions of eachPage(page)) yield* versions;
  } catch (thrown) {
    throw awsError(thrown, doing);
  }
}

const NO_VERSIONS: Page<PackageVersion> = { items: [], next: undefined };

function versionsOf({ ModelPackageSummaryList, NextToken }: ListModelPackagesCommandOutput): Page<PackageVersion> {
  const items = (ModelPackageSummaryList ?? []).map((summary) => ({
    arn: requiredText(summary.ModelPackageArn, 'ModelPackageArn'),
    version: optionalNumber(summary.ModelPackageVersion, 'ModelPackageVersion'),
    approval: approvalOf(summary.ModelApprovalStatus),
  }));
  return { items, next: NextToken };
}
