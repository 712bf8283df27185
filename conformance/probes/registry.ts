/** The model registry: groups and packages. */
import {
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  type CreateModelPackageInput,
  DescribeModelPackageCommand,
  UpdateModelPackageCommand,
  type UpdateModelPackageInput,
} from '@aws-sdk/client-sagemaker';
import { createHash } from 'node:crypto';
import type { Account } from '../account.ts';
import { modelArchive, specification } from '../fixtures.ts';
import { attempt, needed, type Outcome, outcomeOf, worded } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';

export function createGroup(account: Account, what: string): Promise<Outcome<unknown>> {
  account.made.groups.add(account.nameOf(what));
  return attempt(
    account.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: account.nameOf(what) })),
  );
}

/** The group that most probes register into. */
export function sharedGroup(account: Account): Promise<string> {
  return account.once('group', async () => {
    needed(await createGroup(account, 'packages'));
    return account.nameOf('packages');
  });
}

/** The registry takes 36 characters at most. */
function clientToken(account: Account, what: string): string {
  return createHash('sha256').update(account.nameOf(what)).digest('hex').slice(0, 36);
}

type Register = Partial<CreateModelPackageInput>;

export async function tryRegister(account: Account, what: string, more: Register = {}): Promise<Outcome<string>> {
  const url = await modelArchive(account);
  const command = new CreateModelPackageCommand({
    ModelPackageGroupName: await sharedGroup(account),
    InferenceSpecification: specification(url) as unknown as CreateModelPackageInput['InferenceSpecification'],
    ModelApprovalStatus: 'PendingManualApproval',
    ClientToken: clientToken(account, what),
    ...more,
  });
  const outcome = await attempt(account.sagemaker.send(command));
  return outcome.ok ? { ok: true, value: outcome.value.ModelPackageArn ?? '' } : outcome;
}

export async function register(account: Account, what: string, more: Register = {}): Promise<string> {
  return needed(await tryRegister(account, what, more));
}

export function update(account: Account, arn: string, change: Partial<UpdateModelPackageInput>) {
  return attempt(account.sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ...change })));
}

export const describe = (account: Account, arn: string) =>
  account.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));

const REGISTER = ['sagemaker:CreateModelPackage'];
const REFUSED = 'ValidationException';

export const registry: readonly Probe[] = [
  {
    id: 'existing-group',
    question: 'How is a model package group refused whose name is taken?',
    matters: 'Two jobs that make the same group: the slower one goes on.',
    assumed: 'ValidationException with "already exists".',
    source: 'answers: wordings',
    calls: ['sagemaker:CreateModelPackageGroup'],
    async ask(account) {
      needed(await createGroup(account, 'existing-group'));
      return worded(await createGroup(account, 'existing-group'), /already exists/i);
    },
    judge: oneOf({ outcome: REFUSED, words: 'as assumed' }),
  },
  {
    id: 'package-token',
    question: 'Does CreateModelPackage with the same client token register twice?',
    matters: 'The regional registration repeats its call when the answer was lost.',
    assumed: 'The repeated call returns the same ARN.',
    source: 'answers: request-tokens',
    calls: REGISTER,
    async ask(account) {
      const first = await register(account, 'token');
      const again = await tryRegister(account, 'token');
      return { outcome: outcomeOf(again), 'same ARN': again.ok && again.value === first };
    },
    judge: oneOf({ outcome: 'accepted', 'same ARN': true }),
  },
  {
    id: 'package-status',
    question: 'Is a package Completed as soon as it is registered?',
    matters: 'The registration waits for it; a package that is only Pending is not confirmed.',
    assumed: 'Completed at once, or after Pending and InProgress.',
    source: 'design: 7',
    calls: ['sagemaker:DescribeModelPackage'],
    async ask(account) {
      const arn = await register(account, 'status');
      const { ModelPackageStatus, ModelApprovalStatus } = await describe(account, arn);
      return { status: ModelPackageStatus ?? null, approval: ModelApprovalStatus ?? null };
    },
    judge: oneOf(
      ...['Completed', 'Pending', 'InProgress'].map((status) => ({ status, approval: 'PendingManualApproval' })),
    ),
  },
  {
    id: 'versioned-package-tags',
    question: 'Are tags on a versioned package refused?',
    matters: 'Tags go onto the group.',
    assumed: 'ValidationException.',
    source: 'design: 11',
    calls: REGISTER,
    async ask(account) {
      return worded(await tryRegister(account, 'tags', { Tags: [{ Key: 'team', Value: 'test' }] }), /tag/i);
    },
    judge: oneOf({ outcome: REFUSED }),
  },
  {
    id: 'archive-suffix',
    question: 'Is a model archive refused that does not end in .tar.gz, and one that is not there?',
    matters: 'The packaged model is registered as one file of that name.',
    assumed: 'Both are refused with ValidationException.',
    source: 'design: 11',
    calls: REGISTER,
    async ask(account) {
      const register = (what: string) =>
        tryRegister(account, `archive-${what}`, {
          InferenceSpecification: specification(
            account.uriOf(what),
          ) as unknown as CreateModelPackageInput['InferenceSpecification'],
        });
      const suffix = await register('model.zip');
      const missing = await register('nowhere.tar.gz');
      const said = [suffix, missing].map((outcome) => (outcome.ok ? null : outcome.said));
      return { 'model.zip': outcomeOf(suffix), 'no such object': outcomeOf(missing), said };
    },
    judge: oneOf({ 'model.zip': REFUSED, 'no such object': REFUSED }),
  },
];
