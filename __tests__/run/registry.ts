import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DescribeModelPackageCommand,
  type DescribeModelPackageCommandOutput,
  SageMakerClient,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import type { Context } from '../../src/core/context.ts';
import { type InProcessRun, runInProcess } from '../harness/in-process.ts';
import { CREDENTIALS, openWorld, type World } from '../matrix/world.ts';

export const GROUP = 'team-BSM-RnR-NA';
const REGIONS = { NA: 'us-east-1', EU: 'eu-west-1' } as const;
type Region = keyof typeof REGIONS;
type Status = 'PendingManualApproval' | 'Approved' | 'Rejected';
type Inputs = Readonly<Record<string, string>>;

/** What this action leaves on every package. */
export const OURS = {
  package_fingerprint: 'a'.repeat(64),
  model_objective: 'RnR_Abuse_Detection',
  git_commit: 'c0ffee',
};

/** As AWS writes it: names in lower case, whatever the group is called. */
export const arnOf = (region: Region, version: number) =>
  `arn:aws:sagemaker:${REGIONS[region]}:123456789012:model-package/${GROUP.toLowerCase()}/${version}`;

/** An embedded AWS with a group in two regions, and an SDK of the test's own to fill and read it. */
export interface RegistryWorld {
  readonly world: World;
  /** Registers a version as this action, or somebody else, would have left it. */
  register(region: Region, metadata?: Inputs, approval?: Status): Promise<string>;
  set(arn: string, approval: Status): Promise<void>;
  describe(arn: string): Promise<DescribeModelPackageCommandOutput>;
  statuses(...arns: readonly string[]): Promise<readonly (string | undefined)[]>;
  run(inputs: Inputs, context?: Partial<Context> & { readonly headCommit?: string }): Promise<InProcessRun>;
  /** Changes the configuration; `change` gets the parsed JSON. */
  configure(change: (config: Record<string, Record<string, unknown>>) => void): void;
  approve(packages: string, more?: Inputs): Promise<InProcessRun>;
  /** What was called during `work`, each once. */
  operationsOf(work: () => Promise<unknown>): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openRegistry(): Promise<RegistryWorld> {
  const world = await openWorld();
  const made = (region: Region) =>
    new SageMakerClient({ region: REGIONS[region], endpoint: world.aws.url, credentials: CREDENTIALS });
  const clients = { NA: made('NA'), EU: made('EU') };
  const of = (arn: string) => clients[arn.includes(REGIONS.NA) ? 'NA' : 'EU'];
  for (const region of ['NA', 'EU'] as const) {
    await world.aws.store.putBytes(bucketOf(region), 'p/model.tar.gz', Buffer.from([0x1f, 0x8b, 8]));
    await clients[region].send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: GROUP }));
  }
  const describe = (arn: string) => of(arn).send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
  const run = (inputs: Inputs, context: Partial<Context> & { readonly headCommit?: string } = {}) =>
    runInProcess({ workspace: world.workspace, url: world.aws.url, inputs, context });
  return {
    world,
    describe,
    run,
    configure(change) {
      const path = join(world.workspace, 'config.json');
      const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, unknown>>;
      change(config);
      writeFileSync(path, JSON.stringify(config));
    },
    approve: (packages, more = {}) => run({ mode: 'approve', 'model-packages': packages, ...more }),
    async register(region, metadata = OURS, approval = 'PendingManualApproval') {
      const answer = await clients[region].send(packageCommand(region, metadata, approval));
      return answer.ModelPackageArn ?? '';
    },
    async set(arn, approval) {
      await of(arn).send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ModelApprovalStatus: approval }));
    },
    statuses: (...arns) => Promise.all(arns.map(async (arn) => (await describe(arn)).ModelApprovalStatus)),
    async operationsOf(work) {
      const before = world.aws.requests().length;
      await work();
      return [
        ...new Set(
          world.aws
            .requests()
            .slice(before)
            .map(({ operation }) => operation),
        ),
      ].sort();
    },
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await world.close();
    },
  };
}

function bucketOf(region: Region): string {
  return region === 'NA' ? 'bsm-models' : 'bsm-models-eu';
}

function packageCommand(region: Region, metadata: Inputs, approval: Status): CreateModelPackageCommand {
  const image = `763104351884.dkr.ecr.${REGIONS[region]}.amazonaws.com/pytorch-inference:2.6.0-cpu-py312`;
  return new CreateModelPackageCommand({
    ModelPackageGroupName: GROUP,
    ModelApprovalStatus: approval,
    CustomerMetadataProperties: metadata,
    InferenceSpecification: {
      Containers: [{ Image: image, ModelDataUrl: `s3://${bucketOf(region)}/p/model.tar.gz` }],
      SupportedContentTypes: ['text/csv'],
      SupportedResponseMIMETypes: ['application/json'],
    },
  });
}
