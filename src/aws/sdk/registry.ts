import type { ListModelPackagesCommandOutput } from '@aws-sdk/client-sagemaker';
import type { ApprovalState, ModelPackage, PackageVersion, Registry, Taggable } from '../types.ts';
import { required, withAwsErrors, withAwsErrorsOr } from './call.ts';
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
          await client.send(new sdk.CreateModelPackageGroupCommand(request));
          return 'created' as const;
        },
      );
    },
    describe: (arn) => describe(sageMaker, arn),
    versions: (group) => packageVersions(sageMaker, group),
    async setApproval(arn, approval, why) {
      const { sdk, client } = await sageMaker();
      const request = { ModelPackageArn: arn, ModelApprovalStatus: approval, ApprovalDescription: why };
      await withAwsErrors(`set the approval of ${arn} to ${approval}`, () =>
        client.send(new sdk.UpdateModelPackageCommand(request)),
      );
    },
    async addMetadata(arn, metadata) {
      const { sdk, client } = await sageMaker();
      const request = { ModelPackageArn: arn, CustomerMetadataProperties: { ...metadata } };
      await withAwsErrors(`add metadata to ${arn}`, () => client.send(new sdk.UpdateModelPackageCommand(request)));
    },
  };
}

async function groupArn(sageMaker: SageMaker, group: string): Promise<string | undefined> {
  const { sdk, client } = await sageMaker();
  const answer = await withAwsErrorsOr(
    { doing: `describe the model package group ${group}`, when: ['not-found'], answer: undefined },
    () => client.send(new sdk.DescribeModelPackageGroupCommand({ ModelPackageGroupName: group })),
  );
  return answer?.ModelPackageGroupArn;
}

async function describe(sageMaker: SageMaker, arn: string): Promise<ModelPackage | undefined> {
  const { sdk, client } = await sageMaker();
  const answer = await withAwsErrorsOr({ doing: `describe ${arn}`, when: ['not-found'], answer: undefined }, () =>
    client.send(new sdk.DescribeModelPackageCommand({ ModelPackageName: arn })),
  );
  if (answer === undefined) return undefined;
  return {
    arn: required(answer.ModelPackageArn, 'ModelPackageArn'),
    group: answer.ModelPackageGroupName ?? '',
    version: answer.ModelPackageVersion ?? 0,
    status: required(answer.ModelPackageStatus, 'ModelPackageStatus') as ModelPackage['status'],
    approval: (answer.ModelApprovalStatus ?? 'PendingManualApproval') as ApprovalState,
    approvalDescription: answer.ApprovalDescription,
    modelDataUrl: answer.InferenceSpecification?.Containers?.[0]?.ModelDataUrl,
    metadata: answer.CustomerMetadataProperties ?? {},
  };
}

/** Tags of pipelines and groups. */
export function createTags(sageMaker: SageMaker): Taggable {
  return {
    async tags(arn: string) {
      const { sdk, client } = await sageMaker();
      return withAwsErrors(`list the tags of ${arn}`, async () => {
        const found: Record<string, string> = {};
        for await (const page of sdk.paginateListTags({ client }, { ResourceArn: arn })) {
          for (const tag of page.Tags ?? []) found[required(tag.Key, 'Key')] = tag.Value ?? '';
        }
        return found;
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

/** The most that the service gives at once; who looks for one of the newest asks once. */
const PAGE = 100;

/** Versions of a group, newest first. Whoever has found what was looked for asks for no further page. */
async function* packageVersions(sageMaker: SageMaker, group: string): AsyncGenerator<PackageVersion> {
  const { sdk, client } = await sageMaker();
  let token: string | undefined;
  do {
    const request = {
      ModelPackageGroupName: group,
      SortBy: 'CreationTime',
      SortOrder: 'Descending',
      MaxResults: PAGE,
      NextToken: token,
    } as const;
    const answer: ListModelPackagesCommandOutput | undefined = await withAwsErrorsOr(
      { doing: `list the versions of ${group}`, when: ['not-found'], answer: undefined },
      () => client.send(new sdk.ListModelPackagesCommand(request)),
    );
    for (const summary of answer?.ModelPackageSummaryList ?? []) {
      yield {
        arn: required(summary.ModelPackageArn, 'ModelPackageArn'),
        version: summary.ModelPackageVersion ?? 0,
        approval: (summary.ModelApprovalStatus ?? 'PendingManualApproval') as ApprovalState,
      };
    }
    token = answer?.NextToken;
  } while (token !== undefined && token !== '');
}
