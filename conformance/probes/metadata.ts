/** Customer metadata and the approval of registered packages. */
import type { Account } from '../account.ts';
import { outcomeOf } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { approvals } from '../session.ts';
import { describe, register, tryRegister, update } from './registry.ts';

const UPDATE = ['sagemaker:UpdateModelPackage', 'sagemaker:DescribeModelPackage'];
const REFUSED = 'ValidationException';
const entries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key_${i}`, 'value'] as const));

async function metadataOf(account: Account, arn: string): Promise<string> {
  const metadata = (await describe(account, arn)).CustomerMetadataProperties ?? {};
  return Object.entries(metadata)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(' ');
}

export const metadata: readonly Probe[] = [
  {
    id: 'metadata-merge',
    question: 'Does UpdateModelPackage merge customer metadata, or replace it?',
    matters: 'The package SHA-256 is added after the run; the fingerprint must not be lost by it.',
    assumed: 'It merges: what the update does not name stays (the union is sent all the same, so both are right).',
    source: 'answers: metadata-updates',
    calls: UPDATE,
    async ask(account) {
      const arn = await register(account, 'merge', { CustomerMetadataProperties: { kept: '1', changed: '1' } });
      const outcome = await update(account, arn, { CustomerMetadataProperties: { changed: '2', added: '2' } });
      return { outcome: outcomeOf(outcome), metadata: await metadataOf(account, arn) };
    },
    judge: oneOf({ outcome: 'accepted', metadata: 'added=2 changed=2 kept=1' }),
  },
  {
    id: 'metadata-union',
    question: 'Does an update with the union of old and new metadata leave the union?',
    matters: 'It is what we send, whether AWS merges or replaces.',
    assumed: 'The union.',
    source: 'answers: metadata-updates',
    calls: UPDATE,
    async ask(account) {
      const arn = await register(account, 'union', { CustomerMetadataProperties: { kept: '1' } });
      await update(account, arn, { CustomerMetadataProperties: { kept: '1', added: '2' } });
      return { metadata: await metadataOf(account, arn) };
    },
    judge: oneOf({ metadata: 'added=2 kept=1' }),
  },
  {
    id: 'metadata-remove',
    question: 'Does CustomerMetadataPropertiesToRemove remove the named entries, and only them?',
    matters: 'There would be no need for such a list if updates replaced: a sign that they merge.',
    assumed: 'The named entry goes, the other stays.',
    source: 'answers: metadata-updates',
    calls: UPDATE,
    async ask(account) {
      const arn = await register(account, 'remove', { CustomerMetadataProperties: { goes: '1', stays: '1' } });
      const outcome = await update(account, arn, { CustomerMetadataPropertiesToRemove: ['goes'] });
      return { outcome: outcomeOf(outcome), metadata: await metadataOf(account, arn) };
    },
    judge: oneOf({ outcome: 'accepted', metadata: 'stays=1' }),
  },
  {
    id: 'metadata-limits',
    question: 'How many entries of customer metadata are taken, and how long a value?',
    matters: 'A value that AWS refuses would fail the registration after ten minutes of packaging.',
    assumed: '50 entries, 256 characters a value; one more is refused.',
    source: 'design: 6',
    calls: ['sagemaker:CreateModelPackage'],
    async ask(account) {
      const ended = async (what: string, CustomerMetadataProperties: Record<string, string>) =>
        outcomeOf(await tryRegister(account, what, { CustomerMetadataProperties }));
      return {
        '50 entries': await ended('entries-50', entries(50)),
        '51 entries': await ended('entries-51', entries(51)),
        'value of 256': await ended('value-256', { key: 'v'.repeat(256) }),
        'value of 257': await ended('value-257', { key: 'v'.repeat(257) }),
      };
    },
    judge: oneOf({
      '50 entries': 'accepted',
      '51 entries': REFUSED,
      'value of 256': 'accepted',
      'value of 257': REFUSED,
    }),
  },
  {
    id: 'metadata-characters',
    question: 'Which characters may a value of customer metadata hold?',
    matters: 'One function makes every value fit before the start.',
    assumed: 'Letters, digits, blanks and _.:/=+-@ are taken; # and & are refused.',
    source: 'design: 6',
    calls: ['sagemaker:CreateModelPackage'],
    async ask(account) {
      const ended = async (what: string, value: string) =>
        outcomeOf(await tryRegister(account, what, { CustomerMetadataProperties: { key: value } }));
      return {
        'Az 09 _.:/=+-@': await ended('characters', 'Az 09 _.:/=+-@'),
        '#': await ended('characters-hash', 'a#b'),
        '&': await ended('characters-ampersand', 'a&b'),
      };
    },
    judge: oneOf({ 'Az 09 _.:/=+-@': 'accepted', '#': REFUSED, '&': REFUSED }),
  },
  {
    id: 'approval-updates',
    question: 'Can a package be approved, rejected, and approved again?',
    matters: 'Promotion and roll-back are changes of this status.',
    assumed: 'All three updates are accepted, and the last one stands.',
    source: 'design: 5',
    calls: UPDATE,
    async ask(account) {
      const arn = await register(account, 'approval');
      const ended: string[] = [];
      for (const ModelApprovalStatus of ['Approved', 'Rejected', 'Approved'] as const) {
        ended.push(outcomeOf(await update(account, arn, { ModelApprovalStatus })));
      }
      return { updates: ended, status: (await describe(account, arn)).ModelApprovalStatus ?? null };
    },
    judge: oneOf({ updates: ['accepted', 'accepted', 'accepted'], status: 'Approved' }),
  },
  {
    id: 'approval-set-back',
    question: 'Can an approved package go back to PendingManualApproval?',
    matters: 'Where the package of one region cannot be approved, those approved before it become what they were.',
    assumed: 'Yes, and the ApprovalDescription that is sent with it takes the place of the one before.',
    source: 'design: 9',
    calls: UPDATE,
    async ask(account) {
      const arn = await register(account, 'set-back');
      const approval = { ModelApprovalStatus: 'Approved', ApprovalDescription: 'Asked for.' } as const;
      const before = { ModelApprovalStatus: 'PendingManualApproval', ApprovalDescription: 'Set back.' } as const;
      const updates = [outcomeOf(await update(account, arn, approval)), outcomeOf(await update(account, arn, before))];
      const { ModelApprovalStatus, ApprovalDescription } = await describe(account, arn);
      return { updates, status: ModelApprovalStatus ?? null, description: ApprovalDescription ?? null };
    },
    judge: oneOf({ updates: ['accepted', 'accepted'], status: 'PendingManualApproval', description: 'Set back.' }),
  },
  {
    id: 'parallel-package-updates',
    question: 'What happens to updates of a package that come at the same time?',
    matters: 'A promotion and the end of a deployment can meet.',
    assumed: 'Each is accepted, or refused with ConflictException or throttling, which are tried again.',
    source: 'answers: conflicts',
    calls: ['sagemaker:UpdateModelPackage'],
    async ask(account) {
      const arn = await register(account, 'parallel');
      const ended = await Promise.all(
        ['a', 'b', 'c', 'd'].map((key) => update(account, arn, { CustomerMetadataProperties: { [key]: '1' } })),
      );
      const harmless = ['accepted', 'ConflictException', 'ThrottlingException'];
      const others = [...new Set(ended.map(outcomeOf))].filter((outcome) => !harmless.includes(outcome));
      return { 'unexpected answers': others.sort(), said: ended.map((outcome) => (outcome.ok ? null : outcome.said)) };
    },
    judge: oneOf({ 'unexpected answers': [] }),
  },
  {
    id: 'approval-condition-key',
    question: 'Does the condition key sagemaker:ModelApprovalStatus keep a role from approving?',
    matters: 'The policies in docs/permissions.md separate who registers from who approves by it.',
    assumed: 'A session that may not set Approved is refused to approve, and may still reject.',
    source: 'answers: approval-condition-key',
    needs: ['session-role'],
    calls: ['sts:AssumeRole', 'sagemaker:UpdateModelPackage'],
    async ask(account) {
      return await approvals(account, await register(account, 'condition-key'));
    },
    judge: oneOf({ approve: 'AccessDeniedException', reject: 'accepted' }),
  },
];
