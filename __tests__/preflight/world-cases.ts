import type { ArchiveMember } from '../../src/inspect/archive.ts';
import { archive, type Case, member, model, MODEL_URI, saw, failedWith } from './view.ts';

/** Situation, the check that tells of it, what is given, and what the check says. */
export type Row = readonly [situation: string, name: string, given: Case, result: string, found: string | RegExp];

const identity = (arn: string, accountId = '123456789012') => ({ inspection: { identity: saw({ accountId, arn }) } });
const bucket = (region: string | undefined) => ({
  inspection: { buckets: [{ bucket: 'b-1', named: 'base.bucket of the configuration', region: saw(region) }] },
});
const holding = (names: readonly string[], more = {}) => ({
  inspection: {
    model: model(
      archive(
        names.map((name) => member(name)),
        more,
      ),
    ),
  },
});
const role = (roleArn: string) => ({ request: { roleArn } });
const link = (target: string, more: readonly ArchiveMember[] = []) => ({
  inspection: { model: model(archive([...more, member('a/l', { type: 'symlink', link: target })])) },
});
const hardLink = (target: string) => ({
  inspection: { model: model(archive([member('x'), member('h', { type: 'link', link: target })])) },
});

/** Who, where, and the model archive. */
export const WORLD_CASES: readonly Row[] = [
  ['credentials that are there', 'credentials', {}, 'passed', /assumed-role\/deployer/],
  [
    'no credentials',
    'credentials',
    { inspection: { identity: failedWith('credentials-missing') } },
    'failed',
    'said AWS.',
  ],
  [
    'no credentials, for a plan',
    'credentials',
    { inspection: { identity: failedWith('credentials-missing') }, mode: 'plan' },
    'not-made',
    'said AWS.',
  ],
  [
    'a rehearsal without a role',
    'pipeline-role',
    { config: { base: { role: null } }, mode: 'rehearse' },
    'suggestion',
    /^No role is named\. A rehearsal takes none; a deployment needs/,
  ],
  ['a role of the account', 'pipeline-role', {}, 'passed', /role\/bsm-pipeline$/],
  [
    'a role of another account',
    'pipeline-role',
    role('arn:aws:iam::999999999999:role/x'),
    'failed',
    /is a role of account 999999999999; the credentials are of account 123456789012/,
  ],
  [
    'a service-linked role',
    'pipeline-role',
    role('arn:aws:iam::123456789012:role/aws-service-role/sagemaker.amazonaws.com/X'),
    'failed',
    /is a service-linked role/,
  ],
  [
    'a role of IAM Identity Center',
    'pipeline-role',
    role('arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x'),
    'failed',
    /people sign in with/,
  ],
  [
    "the workflow's own role",
    'pipeline-role',
    identity('arn:aws:sts::123456789012:assumed-role/bsm-pipeline/GitHub'),
    'warning',
    /is the role that this workflow itself runs with/,
  ],
  ['a user', 'pipeline-role', identity('arn:aws:iam::123456789012:user/bsm-pipeline'), 'passed', /bsm-pipeline$/],
  ['a bucket in us-east-1', 'buckets', bucket('us-east-1'), 'passed', 'b-1 in us-east-1'],
  [
    'a bucket elsewhere',
    'buckets',
    bucket('eu-west-1'),
    'failed',
    'The bucket b-1 (base.bucket of the configuration) is in eu-west-1; expected us-east-1, where the pipeline runs.',
  ],
  [
    'no such bucket',
    'buckets',
    bucket(undefined),
    'failed',
    'The bucket b-1 (base.bucket of the configuration) does not exist.',
  ],
  [
    'a bucket that may not be asked for',
    'buckets',
    { inspection: { buckets: [{ bucket: 'b', named: 'x', region: failedWith('access-denied') }] } },
    'not-made',
    'said AWS.',
  ],
  ['a model', 'model', {}, 'passed', `${MODEL_URI}, 100.0 KB, abc-100000`],
  [
    'no model',
    'model',
    { inspection: { model: saw(undefined) } },
    'failed',
    `There is no object ${MODEL_URI} (input model-s3-path).`,
  ],
  ['an empty model', 'model', { inspection: { model: model({ kind: 'empty' }, 0) } }, 'failed', /is empty \(0 bytes\)/],
  [
    'a model that may not be read',
    'model',
    { inspection: { model: failedWith('access-denied') } },
    'not-made',
    'said AWS.',
  ],
  ['a listed archive', 'model-archive', holding(['model.pth', 'a/b']), 'passed', 'gzip tar of 2 entries'],
  [
    'a large archive',
    'model-archive',
    holding(['model.pth'], { complete: false, readBytes: 4_194_304 }),
    'passed',
    'gzip tar; 1 entry in its first 4.2 MB, the rest was not read',
  ],
  [
    'a zip archive',
    'model-archive',
    { inspection: { model: model({ kind: 'not gzip', firstBytes: Buffer.from('PK\u0003\u0004abcdefgh') }) } },
    'failed',
    `${MODEL_URI} begins with 50 4b 03 04 61 62 63 64 (a zip archive); expected a gzip tar archive (1f 8b).`,
  ],
  [
    'a tar without gzip',
    'model-archive',
    {
      inspection: {
        model: model({ kind: 'not gzip', firstBytes: Buffer.from(`model.pth${'\u0000'.repeat(248)}ustar`) }),
      },
    },
    'failed',
    `${MODEL_URI} begins with a tar that is not compressed; expected a gzip tar archive (1f 8b).`,
  ],
  [
    'gzip, but no tar',
    'model-archive',
    { inspection: { model: model({ kind: 'not tar', reason: 'it ends in the middle of an entry' }) } },
    'failed',
    `${MODEL_URI} is no readable gzip tar archive: it ends in the middle of an entry.`,
  ],
  [
    "a zip archive for a team's own packager",
    'model-archive',
    {
      inspection: {
        packager: saw({ kind: 'own', entryPoint: 'mims_package.py', tree: [] }),
        model: model({ kind: 'not gzip', firstBytes: Buffer.from('PK\u0003\u0004') }),
      },
    },
    'warning',
    /begins with 50 4b 03 04/,
  ],
  ['an archive without a file', 'model-archive', holding([]), 'failed', `${MODEL_URI} holds no file.`],
  [
    'an absolute path',
    'model-archive',
    holding(['/etc/passwd']),
    'failed',
    /holds the absolute path "\/etc\/passwd", which the packager refuses/,
  ],
  ['a climbing path', 'model-archive', holding(['a/../../b']), 'failed', /the climbing path/],
  ['a link that leads out', 'model-archive', link('../../x'), 'failed', /the link "a\/l" to "..\/..\/x"/],
  [
    'a link that stays inside',
    'model-archive',
    link('../x', [member('x')]),
    'passed',
    'gzip tar of 2 entries; a link is packaged as the file itself',
  ],
  ['a hard link that leads out', 'model-archive', hardLink('../x'), 'failed', /the hard link "h" to "..\/x"/],
  ['a hard link inside', 'model-archive', hardLink('x'), 'passed', /; a link is packaged as the file itself$/],
  [
    'content that may not be read',
    'model-archive',
    { inspection: { model: model(failedWith('access-denied')) } },
    'not-made',
    'said AWS.',
  ],
];
