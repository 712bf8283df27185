import {
  DescribePipelineExecutionCommand,
  ListModelPackagesCommand,
  ListPipelineExecutionsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { EmbeddedAws } from '../../embedded-aws/server.ts';
import type { ActionRun } from '../harness/run-action.ts';
import { runnerCommands } from '../harness/runner-commands.ts';
import { CREDENTIALS, PIPELINE } from './world.ts';

/** What is in the account, as AWS itself tells it. */
export interface Account {
  readonly executions: readonly { arn: string; status: string; startedAtMs: number; endedAtMs: number }[];
  /** Completed packages of all regions. */
  readonly packages: readonly string[];
}

export async function lookAtAccount(aws: EmbeddedAws): Promise<Account> {
  const clients = ['us-east-1', 'eu-west-1'].map(
    (region) => new SageMakerClient({ endpoint: aws.url, region, credentials: CREDENTIALS }),
  );
  try {
    const [home] = clients;
    const found = await Promise.all(clients.map((client) => packages(client)));
    return { executions: home === undefined ? [] : await executions(home), packages: found.flat() };
  } finally {
    for (const client of clients) client.destroy();
  }
}

async function executions(client: SageMakerClient): Promise<Account['executions']> {
  const listed = await client
    .send(new ListPipelineExecutionsCommand({ PipelineName: PIPELINE, SortOrder: 'Ascending' }))
    .catch(orNothing);
  const arns = (listed?.PipelineExecutionSummaries ?? []).map((summary) => summary.PipelineExecutionArn ?? '');
  return Promise.all(
    arns.map(async (arn) => {
      const found = await client.send(new DescribePipelineExecutionCommand({ PipelineExecutionArn: arn }));
      const status = found.PipelineExecutionStatus ?? '';
      const alive = status === 'Executing' || status === 'Stopping';
      return {
        arn,
        status,
        startedAtMs: found.CreationTime?.getTime() ?? 0,
        endedAtMs: alive ? Number.POSITIVE_INFINITY : (found.LastModifiedTime?.getTime() ?? 0),
      };
    }),
  );
}

async function packages(client: SageMakerClient): Promise<Account['packages']> {
  const listed = await client.send(new ListModelPackagesCommand({ ModelPackageGroupName: PIPELINE })).catch(orNothing);
  const summaries = listed?.ModelPackageSummaryList ?? [];
  return summaries
    .filter(({ ModelPackageStatus }) => ModelPackageStatus === 'Completed')
    .map(({ ModelPackageArn }) => ModelPackageArn ?? '');
}

/** Nothing was created before the fault or kill: that is an answer. */
function orNothing(thrown: unknown): undefined {
  if (thrown instanceof Error && /not exist|not found/i.test(`${thrown.name} ${thrown.message}`)) return undefined;
  throw thrown;
}

/** Two executions of one fingerprint that were alive at the same time. */
export function overlapping({ executions: all }: Account): readonly string[] {
  return all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter((other) => other.startedAtMs < one.endedAtMs && one.startedAtMs < other.endedAtMs)
      .map((other) => `${one.arn} and ${other.arn} were alive at the same time`),
  );
}

const GREEN = ['succeeded', 'reused', 'started', 'planned'];

/** What is not true of any run, whatever happened to it. Empty: the run holds. */
export function dishonest(run: ActionRun, account: Account, regions: number): readonly string[] {
  const problems: string[] = [];
  const { status = '' } = run.outputs;
  const green = run.exitCode === 0;
  const reported = Object.values(JSON.parse(run.outputs['model-package-arns'] ?? '{}') as Record<string, string>);
  if (green !== GREEN.includes(status)) problems.push(`exit code ${run.exitCode} with status ${status}`);
  if (green && reported.length !== regions) problems.push(`green with ${reported.length} packages`);
  for (const arn of reported) {
    if (!account.packages.includes(arn)) problems.push(`reports ${arn}, which the registry does not confirm`);
  }
  if (!green) problems.push(...unclear(run));
  const known = `${run.stdout}${JSON.stringify(run.outputs)}`;
  for (const arn of account.packages) {
    const execution = run.outputs['pipeline-execution-arn'];
    if (!known.includes(arn) && execution === undefined) problems.push(`${arn} is registered and not told of`);
  }
  return problems;
}

function unclear(run: ActionRun): readonly string[] {
  const errors = runnerCommands(run.stdout).filter(({ command }) => command === 'error');
  if (errors.length === 0) return ['red without an error message'];
  return errors.flatMap(({ properties, data }) => {
    const vague = properties['title'] === 'internal' || data.length < 40 || /undefined|\[object/.test(data);
    return vague ? [`unclear error: ${properties['title']}: ${data}`] : [];
  });
}
