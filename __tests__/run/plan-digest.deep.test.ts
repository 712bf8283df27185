import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../../src/core/context.ts';
import { openRegistry, type RegistryWorld } from './registry.ts';

const INPUTS = { 'config-path': 'config.json', 'model-s3-path': 's3://bsm-models/releases/1.3.0/model.tar.gz' };
const PLAN = { ...INPUTS, mode: 'plan' };
const RUN = 'https://github.com/org/models/actions/runs';
const context = (commit: string): Partial<Context> => ({
  provenance: { commit: commit.repeat(40), ref: `refs/${commit}`, repository: 'none', runUrl: `${RUN}/${commit}` },
});

let registry: RegistryWorld;
beforeEach(async () => {
  registry = await openRegistry();
});
afterEach(() => registry.close());

async function digestOf(inputs: Readonly<Record<string, string>> = PLAN, commit = 'a'): Promise<string> {
  const run = await registry.run(inputs, context(commit));
  expect(run.errors).toEqual([]);
  return run.outputs['plan-digest'] ?? '';
}

const changeCode = () => appendFileSync(join(registry.world.workspace, 'code', 'inference.py'), '# a comment\n');
const changeModel = async () => {
  const archive = registry.world.aws.store.head('bsm-models', 'releases/1.3.0/model.tar.gz');
  const bytes = readFileSync(archive?.bodyPath ?? '');
  bytes[4] = 7;
  await registry.world.aws.store.putBytes('bsm-models', 'releases/1.3.0/model.tar.gz', bytes);
};

describe('plan-digest', () => {
  test('is the same for a plan, its deployment, and a plan of what is deployed, whatever commit, run or day', async () => {
    const planned = await digestOf();
    expect(planned).toMatch(/^[0-9a-f]{64}$/);
    expect(await digestOf(INPUTS, 'b')).toBe(planned);
    expect(await digestOf(PLAN, 'c')).toBe(planned);
    const reused = await registry.run(INPUTS, context('d'));
    expect([reused.status, reused.outputs['plan-digest']]).toEqual(['reused', planned]);
  });

  const others: readonly (readonly [string, () => unknown, Readonly<Record<string, string>>])[] = [
    ['inference code', () => changeCode(), {}],
    ['model', () => changeModel(), {}],
    [
      'owner',
      () => registry.configure((config) => Object.assign(config['registration'] ?? {}, { model_owner: 'x' })),
      {},
    ],
    ['load to test with', () => registry.configure((config) => (config['payload'] = { expected_tps: 77 })), {}],
    ['approval status', () => undefined, { 'approval-status': 'Approved' }],
    ['regions', () => undefined, { regions: 'NA, EU' }],
    ['role', () => undefined, { 'pipeline-role-arn': 'arn:aws:iam::123456789012:role/another' }],
    ['parameters', () => undefined, { parameters: 'InferenceInstanceType=ml.m5.4xlarge' }],
  ];
  test.each(others)('is another one for another %s', async (_what, change, inputs) => {
    const planned = await digestOf();
    await change();
    expect(await digestOf({ ...PLAN, ...inputs })).not.toBe(planned);
  });

  test('is not given where the model could not be read', async () => {
    registry.world.aws.setFaults([
      { operation: 'GetObject', call: 'every', fault: 'access-denied' },
      { operation: 'HeadObject', call: 'every', fault: 'access-denied' },
    ]);
    const run = await registry.run(PLAN);
    expect([run.outputs['plan-digest'], run.plan['digest']]).toEqual([undefined, null]);
  });
});

describe('expect-plan-digest', () => {
  test('lets the plan pass that was reviewed', async () => {
    const digest = await digestOf();
    const run = await registry.run({ ...INPUTS, 'expect-plan-digest': digest.toUpperCase() });
    expect([run.status, run.errors]).toEqual(['succeeded', []]);
  });

  test('refuses another one before anything is created, and says what to do', async () => {
    const digest = await digestOf();
    changeCode();
    const seen = await registry.operationsOf(async () => {
      const run = await registry.run({ ...INPUTS, 'expect-plan-digest': digest });
      expect([run.status, run.red, run.errors.map(({ title }) => title)]).toEqual(['failed', true, ['plan-changed']]);
      expect(run.errors[0]?.message).toContain(`${run.outputs['plan-digest']}; expected ${digest}`);
      expect(run.errors[0]?.message).toContain('Run mode: plan with this commit');
    });
    expect(seen.filter((operation) => /^(Put|Create|Update|Start|Copy|Add)/.test(operation))).toEqual([]);
  });

  test('must be a digest', async () => {
    const run = await registry.run({ ...INPUTS, 'expect-plan-digest': 'missing' });
    expect(run.errors.map(({ title, message }) => [title, message.includes('64 hexadecimal digits')])).toEqual([
      ['input-invalid', true],
    ]);
  });
});

describe('the comment on a pull request', () => {
  const comment = async (): Promise<string> => {
    const run = await registry.run(
      { ...PLAN, comment: 'true', 'github-token': 't' },
      { ...context('a'), headCommit: 'f'.repeat(40) },
    );
    expect([run.errors, run.warnings]).toEqual([[], []]);
    return run.comment ?? '';
  };

  test('names the model, the head commit and the digest', async () => {
    const text = await comment();
    const [digest, identity] = [await digestOf(), /- Model: .*, <code>(\S+)<\/code>/.exec(text)?.[1]];
    expect(text).toContain(`- Plan digest: <code>${digest}</code>`);
    expect(text).toContain(`- Commit: <code>${'f'.repeat(40)}</code>`);
    expect(text).toContain(`merged as <code>${'a'.repeat(40)}</code>`);
    expect(text).toContain('s3://bsm-models/releases/1.3.0/model.tar.gz');
    expect(identity).toMatch(/^\S{3,}$/);
  });

  test('shows changes of the configuration by field, and none that only digests differ in', async () => {
    await registry.run({ ...INPUTS, regions: 'NA' });
    registry.configure((config) => {
      Object.assign(config['registration'] ?? {}, {
        model_owner: 'another@example.com',
        source_model_inference_input_variable_list: { amount: 'NUMERIC', text: 'TEXT' },
      });
      config['payload'] = { expected_tps: 77 };
      config['package'] = { processing_volume_size: 77 };
    });
    changeCode();
    const text = await comment();
    expect(text).toContain('| owner | <code>owner&#64;example.com</code> | <code>another&#64;example.com</code> |');
    expect(text).toMatch(/\| input\.text \| +\| <code>TEXT<\/code> \|/);
    expect(text).toMatch(/\| load&#95;testing\.expected&#95;tps \| <code>\S+<\/code> \| <code>77<\/code> \|/);
    expect(text).toMatch(/- The inference code differs \([0-9a-f]{12}… deployed, [0-9a-f]{12}… planned\)/);
    expect(text).toContain('ClusterConfig.VolumeSizeInGB');
    const block = /```diff\n([^]*?)```/.exec(text)?.[1] ?? '';
    expect(block).not.toMatch(/documents|code\/|scripts\/|configuration_digest|code_digest/);
  });

  test('says so where nothing but the code differs', async () => {
    await registry.run(INPUTS);
    changeCode();
    const text = await comment();
    expect(text).toContain('No field of the configuration that reaches a package differs.');
    expect(text).not.toContain('| Field |');
  });

  test.each(['no JSON', '{"regions":{"NA":{"owner":"forged@example.com"}}}'])(
    'shows the difference whole where the deployed configuration is %s',
    async (stored) => {
      const run = await registry.run(INPUTS);
      const { CustomerMetadataProperties: metadata } = await registry.describe(run.outputs['model-package-arn'] ?? '');
      const schema = (metadata?.['variable_schema_s3_uri'] ?? '').replace('s3://bsm-models/', '');
      const key = schema.replace('variables', 'configuration');
      await registry.world.aws.store.putBytes('bsm-models', key, Buffer.from(stored));
      registry.configure((config) => Object.assign(config['registration'] ?? {}, { model_owner: 'x' }));
      const text = await comment();
      expect(text).toContain('What the deployed pipeline was configured with is not recorded.');
      expect(text).toContain('configuration_digest');
    },
  );
});
