import type { ListModelPackagesCommandOutput } from '@aws-sdk/client-sagemaker';
import type { ApprovalState, PackageVersion } from '../types.ts';
import { required, withAwsErrorsOr } from './call.ts';
import type { SageMaker } from './clients.ts';

/** The most that the service gives at once; who looks for one of the newest asks once. */
const PAGE = 100;

/** Versions of a group, newest first. Whoever has found what was looked for asks for no further page. */
export async function* packageVersions(sageMaker: SageMaker, group: string): AsyncGenerator<PackageVersion> {
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
