import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answers } from '../../embedded-aws/answers.ts';
import { createAws } from '../../src/aws/sdk/index.ts';
import { type InProcessRun, runInProcess } from '../harness/in-process.ts';
import { openWorld, type World } from '../matrix/world.ts';

const MODEL = 's3://bsm-models/releases/1.3.0/model.tar.gz';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

function deploy(inputs: Readonly<Record<string, string>> = {}): Promise<InProcessRun> {
  const given = { 'config-path': 'config.json', 'model-s3-path': MODEL, 'log-tail-lines': '5', ...inputs };
  return runInProcess({ workspace: world.workspace, url: world.aws.url, inputs: given });
}

/** What went wrong, where something did. */
function ending({ status, errors }: InProcessRun): readonly string[] {
  return [status, ...errors.map(({ message }) => message)];
}

/** Every form that an answer can have, where a plain deployment must come to the same end. */
const SAME_END: readonly (readonly [string, Answers])[] = [
  ['a step without a cache hit has an empty ARN of one', { 'cache-hit': 'empty' }],
  ['ARNs hold names in lower case', { 'arn-names': 'lower' }],
  ['ARNs hold names in lower case, which no Describe call takes', { 'arn-names': 'lower', 'describe-names': 'exact' }],
  ['a definition comes back written otherwise', { 'pipeline-definition': 'reformatted' }],
  ['an update tells no version', { 'update-version': 'untold' }],
  ['an execution tells no version', { 'execution-version': 'untold' }],
  ['no start heeds a version', { 'start-version': 'ignored' }],
  ['what is not there "cannot be found"', { 'group-not-found': 'cannot-find', 'package-not-found': 'cannot-find' }],
  ['what is there already is a conflict', { 'already-exists': 'conflict' }],
  ['metadata is replaced', { 'metadata-update': 'replace' }],
  ['a bucket takes conditional writes only', { 's3-bucket-policy': 'conditional-writes' }],
  ['a job has no AWS_REGION', { 'job-region': 'absent' }],
];

describe('a deployment succeeds, and a second one finds it, where', () => {
  test.each(SAME_END)('%s', async (_form, answers) => {
    world.aws.setAnswers(answers);
    const first = await deploy();
    expect(ending(first)).toEqual(['succeeded']);
    const second = await deploy();
    expect([second.status, second.outputs['model-package-arns']]).toEqual([
      'reused',
      first.outputs['model-package-arns'],
    ]);
  });
});

describe('names', () => {
  test.each(['kept', 'lower'] as const)('come from Describe answers where ARNs are %s', async (names) => {
    world.aws.setAnswers({ 'arn-names': names });
    const run = await deploy();
    expect(run.outputs['model-name']).toMatch(/^pipelines-[a-z0-9]+-CreatePytorchModel/);
    expect(run.summary).toMatch(/processing-jobs\/pipelines-[a-z0-9]+-PackagingStep/);
  });
});

describe('statuses that nobody knows', () => {
  test.each(['CompletedWithFailures', 'Unheard'] as const)(
    'end the run red after a second look, with what the registry has: %s',
    async (status) => {
      world.aws.setAnswers({ 'success-status': status });
      const run = await deploy();
      expect(ending(run)).toEqual(['failed', expect.stringContaining(`it ended as ${status}`)]);
      expect(run.red).toBe(true);
      expect(run.outputs['model-package-arn']).toMatch(/:model-package\//);
    },
  );
});

describe('one more region', () => {
  test.each([
    ['the source', { 'selective-source': 'refused' }],
    ['a step that the source lacks', { 'selective-new-step': 'refused' }],
    ['a source of another version', { 'selective-other-version': 'refused' }],
  ] as const)('falls back to a definition of its own where AWS refuses %s', async (_what, answers) => {
    expect(ending(await deploy({ regions: 'NA' }))).toEqual(['succeeded']);
    world.aws.setAnswers(answers);
    const run = await deploy({ regions: 'NA, EU' });
    expect(ending(run)).toEqual(['succeeded']);
    expect(Object.keys(JSON.parse(run.outputs['model-package-arns'] ?? '{}') as object)).toEqual(['NA', 'EU']);
  });
});

describe('a conflict', () => {
  test.each(['StartPipelineExecution', 'CreatePipeline', 'UpdateModelPackage', 'PutObject'])(
    'of %s is tried again',
    async (operation) => {
      world.aws.setFaults([{ operation, call: 1, fault: 'conflict' }]);
      expect(ending(await deploy())).toEqual(['succeeded']);
    },
  );
});

describe('every wait ends', () => {
  test('pages without an end are an error in a sentence', async () => {
    world.aws.setAnswers({ pages: 'endless' });
    const run = await deploy();
    expect(run.red).toBe(true);
    expect(run.errors[0]?.message).toMatch(/the token of a page twice|more than \d+ pages/);
  });
});

describe('what the bucket says is a hint', () => {
  const text = (value: object) => Buffer.from(JSON.stringify(value));

  async function record(): Promise<string> {
    const { objects } = createAws();
    const found = await objects.list({ bucket: 'bsm-models', key: '' });
    return found.find(({ key }) => key.includes('/registered/'))?.key ?? '';
  }

  test.each([
    ['corrupt', Buffer.from('{"model_package_arn": ')],
    ['no object', Buffer.from('[1, 2]')],
    ['empty', Buffer.from('')],
    ['without an ARN', text({ region: 'NA' })],
    ['huge', Buffer.alloc(5 * 1024 * 1024, ' ')],
    ['deep', Buffer.from(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
    [
      'polluting',
      Buffer.from('{"__proto__": {"model_package_arn": "arn:aws:sagemaker:us-east-1:1:model-package/x/1"}}'),
    ],
  ])('a record that is %s heals: the package is found again and recorded', async (_kind, body) => {
    const first = await deploy();
    expect(ending(first)).toEqual(['succeeded']);
    const key = await record();
    await world.aws.store.putBytes('bsm-models', key, body);
    const second = await deploy();
    expect([second.status, second.outputs['model-package-arns']]).toEqual([
      'reused',
      first.outputs['model-package-arns'],
    ]);
    const healed = await createAws().objects.readText({ bucket: 'bsm-models', key });
    expect(healed?.text).toContain('model_package_arn');
  });

  test.each([
    ['names another package', text({ sha256: 'cd'.repeat(32), verification: { warnings: [{ a: 1 }] } })],
    ['is gone', Buffer.from('')],
  ])('package.json that %s decides nothing: the registry knows the SHA-256', async (what, body) => {
    const first = await deploy();
    const found = await createAws().objects.list({ bucket: 'bsm-models', key: '' });
    const key = found.find((object) => object.key.endsWith('/package.json'))?.key ?? '';
    await world.aws.store.putBytes('bsm-models', key, body);
    const second = await deploy();
    expect(first.outputs['package-sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect([second.status, second.outputs['package-sha256']]).toEqual(['reused', first.outputs['package-sha256']]);
    const said = second.warnings.map(({ message }) => message).join();
    expect(said).toMatch(what === 'is gone' ? /^$/ : /^package\.json beside the package names the SHA-256 cdcd/);
  });

  test.each([
    ['another account', 'arn:aws:sagemaker:us-east-1:999999999999:model-package/team-BSM-RnR-NA/1'],
    ['another region', 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/team-BSM-RnR-NA/1'],
    ['another group', 'arn:aws:sagemaker:us-east-1:123456789012:model-package/other/1'],
    ['no package', 'arn:aws:iam::123456789012:role/admin'],
  ])('a record of %s is an error that names both, and approves nothing', async (_what, arn) => {
    expect(ending(await deploy())).toEqual(['succeeded']);
    const key = await record();
    await world.aws.store.putBytes('bsm-models', key, text({ model_package_arn: arn }));
    const before = world.aws.requests().length;
    const run = await deploy({ 'approval-status': 'Approved' });
    expect(ending(run)).toEqual(['failed', expect.stringContaining(arn)]);
    expect(run.errors[0]).toMatchObject({ title: 'registration-mismatch', message: expect.stringContaining(key) });
    const asked = world.aws
      .requests()
      .slice(before)
      .map(({ operation }) => operation);
    expect(asked.filter((operation) => /^(Update|Create|Start|Put)/.test(operation))).toEqual([]);
    const plan = await deploy({ mode: 'plan' });
    expect([plan.red, plan.errors[0]?.title]).toEqual([true, 'registration-mismatch']);
  });
});
