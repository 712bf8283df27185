import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GROUP, openRegistry, type RegistryWorld } from './registry.ts';

const INPUTS = { 'config-path': 'config.json', 'model-s3-path': 's3://bsm-models/releases/1.3.0/model.tar.gz' };
const REQUIRE = { ...INPUTS, 'if-registered': 'require' };

let registry: RegistryWorld;
beforeEach(async () => {
  registry = await openRegistry();
});
afterEach(() => registry.close());

async function deployed(inputs: Readonly<Record<string, string>> = INPUTS) {
  const run = await registry.run(inputs);
  expect(run.errors).toEqual([]);
  return run;
}

const changeCode = () => appendFileSync(join(registry.world.workspace, 'code', 'inference.py'), '# a comment\n');

/** Runs with `require`, expects nothing to be written, and answers the one error. */
async function refusal(inputs: Readonly<Record<string, string>> = REQUIRE): Promise<string> {
  let message = '';
  const seen = await registry.operationsOf(async () => {
    const run = await registry.run(inputs);
    expect([run.status, run.red, run.errors.map(({ title }) => title)]).toEqual(['failed', true, ['not-registered']]);
    message = run.errors[0]?.message ?? '';
  });
  expect(seen.filter((operation) => /^(Put|Create|Update|Start|Copy|Add)/.test(operation))).toEqual([]);
  return message;
}

describe('if-registered: require', () => {
  test('finds what is registered', async () => {
    const first = await deployed();
    const run = await registry.run(REQUIRE);
    expect([run.status, run.outputs['model-package-arns']]).toEqual(['reused', first.outputs['model-package-arns']]);
  });

  test('says that there is nothing at all, and starts nothing', async () => {
    expect(await refusal()).toMatch(
      new RegExp(
        `^${GROUP} holds nothing for this model, code and configuration in NA \\(us-east-1\\), and no version`,
      ),
    );
  });

  test('says that the code differs', async () => {
    await deployed();
    changeCode();
    const message = await refusal();
    expect(message).toMatch(
      /the nearest, version 1 \(PendingManualApproval\), differs in the inference code \([0-9a-f]{12}… there, [0-9a-f]{12}… here\)/,
    );
    expect(message).toContain('whether one holds the same bytes is not known, since this package was never built');
  });

  test('says which fields of the configuration differ, and that the bytes are the same', async () => {
    await deployed();
    registry.configure((config) => Object.assign(config['registration'] ?? {}, { model_owner: 'another@example.com' }));
    const message = await refusal();
    expect(message).toContain(
      'differs in the configuration (owner: owner@example.com there, another@example.com here)',
    );
    expect(message).toContain(`version 1 holds the same package, byte by byte (SHA-256 ${'ab'.repeat(32)})`);
  });

  test('names variables that came and went', async () => {
    await deployed();
    registry.configure((config) =>
      Object.assign(config['registration'] ?? {}, { source_model_inference_input_variable_list: { price: 'NUMERIC' } }),
    );
    const message = await refusal();
    expect(message).toContain('input.price: nothing there, NUMERIC here');
    expect(message).toContain('input.amount: NUMERIC there, nothing here');
  });

  test('says that the model differs', async () => {
    await deployed();
    const archive = registry.world.aws.store.head('bsm-models', 'releases/1.3.0/model.tar.gz');
    const bytes = readFileSync(archive?.bodyPath ?? '');
    bytes[4] = 7;
    await registry.world.aws.store.putBytes('bsm-models', 'releases/1.3.0/model.tar.gz', bytes);
    expect(await refusal()).toMatch(/differs in the model \(\S+ there, \S+ here\)/);
  });

  test('takes the newest of those that have most in common', async () => {
    await deployed();
    await deployed({ ...INPUTS, 'if-registered': 'again' });
    changeCode();
    registry.configure((config) => Object.assign(config['registration'] ?? {}, { model_owner: 'another@example.com' }));
    await deployed();
    registry.configure((config) => Object.assign(config['registration'] ?? {}, { model_owner: 'owner@example.com' }));
    appendFileSync(join(registry.world.workspace, 'code', 'mims_package.py'), '# another\n');
    // Code and packager lie in one folder here. Versions 1 and 2 share model and configuration, version 3 the model.
    expect(await refusal()).toContain('the nearest, version 2 ');
  });

  test('counts what an earlier version of the action registered as unknown', async () => {
    await registry.register('NA', { package_fingerprint: 'a'.repeat(64) });
    expect(await refusal()).toContain(
      'differs in the model (not recorded there), the inference code (not recorded there), the packager (not recorded there) and the configuration (not recorded there)',
    );
  });

  test('believes no configuration that is not the one of the package', async () => {
    const run = await deployed();
    const { CustomerMetadataProperties: metadata } = await registry.describe(run.outputs['model-package-arn'] ?? '');
    const key = (metadata?.['variable_schema_s3_uri'] ?? '')
      .replace('s3://bsm-models/', '')
      .replace('variables', 'configuration');
    await registry.world.aws.store.putBytes('bsm-models', key, Buffer.from('{"regions":{"NA":{"owner":"forged"}}}'));
    registry.configure((config) => Object.assign(config['registration'] ?? {}, { model_owner: 'another@example.com' }));
    expect(await refusal()).toContain('the configuration (its fields are not recorded there)');
  });

  test('names each region that is missing, and gives back those that are there', async () => {
    const first = await deployed();
    const run = await registry.run({ ...REQUIRE, regions: 'NA, EU' });
    expect(run.errors[0]?.message).toContain('in EU (eu-west-1)');
    expect(run.outputs['model-package-arns']).toBe(first.outputs['model-package-arns']);
  });

  test('reads the parts of a package that a job of another region has registered', async () => {
    await deployed({ ...INPUTS, regions: 'EU' });
    registry.configure((config) => Object.assign(config['registration'] ?? {}, { model_owner: 'another@example.com' }));
    expect(await refusal({ ...REQUIRE, regions: 'EU' })).toContain(
      'in EU (eu-west-1): the nearest, version 1 (PendingManualApproval), differs in the configuration (owner: owner@example.com there',
    );
  });

  test('is red in a plan, too', async () => {
    await refusal({ ...REQUIRE, mode: 'plan' });
  });
});
