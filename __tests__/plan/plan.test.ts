import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config/index.ts';
import { asDeployError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Plan } from '../../src/plan/types.ts';
import { ROOT } from '../harness/run-action.ts';
import { exampleConfig, examplePlan, FACTS, file } from './fixture.ts';

function steps(plan: Plan): readonly JsonObject[] {
  return plan.pipeline.definition['Steps'] as readonly JsonObject[];
}

const registrationPrints = (plan: Plan) => plan.registrations.map(({ region, fingerprint }) => [region, fingerprint]);

describe('buildPlan', () => {
  test('has a model, a packaging and a registration step', async () => {
    const plan = await examplePlan({ request: { regions: ['NA', 'EU'] } });
    expect(steps(plan).map(({ Name, Type }) => [Name, Type])).toEqual([
      ['CreatePytorchModelStep', 'Model'],
      ['PackagingStep', 'Processing'],
      ['Registration_NA', 'RegisterModel'],
      ['Registration_EU', 'Processing'],
    ]);
  });

  test('gives the same definition for every model, at any time and from any commit', async () => {
    const model = {
      ...FACTS.model,
      uri: 's3://bsm-models-123456789012/releases/2.0.0/model.tar.gz',
      identity: 'another',
    };
    const provenance = {
      commit: 'other',
      ref: 'refs/heads/main',
      runUrl: 'none',
      repository: 'https://github.com/org/models',
    };
    const one = await examplePlan();
    const other = await examplePlan({
      facts: { model },
      request: { provenance, nowMs: 0, approvalStatus: 'Approved' },
    });
    expect(other.pipeline.definition).toEqual(one.pipeline.definition);
    expect(other.fingerprint).not.toBe(one.fingerprint);
  });

  test.each([
    ['the model', { facts: { model: { ...FACTS.model, identity: 'x' } } }],
    ['a byte of the code', { facts: { inferenceCode: [file('inference.py', 'd')] } }],
    ['the name of a code file', { facts: { inferenceCode: [...FACTS.inferenceCode, file('b.py', 'a')] } }],
    ['the packager', { facts: { packager: { ...FACTS.packager, tree: [file('package_model.py', 'd')] } } }],
  ])('has another fingerprint when %s changes', async (_what, change) => {
    expect((await examplePlan(change)).fingerprint).not.toBe((await examplePlan()).fingerprint);
  });

  test.each([
    ['the owner', { registration: { model_owner: 'x' } }],
    [
      'a variable',
      { registration: { source_model_inference_input_variable_list: { dialogue: 'TEXT', x: 'NUMERIC' } } },
    ],
    ['the payload template', { payload: { special_field_values: { dialogue: 'x' } } }],
    ['the environment', { model: { max_payload_size: 7 } }],
    ['the pipeline version', { base: { pipeline_version: '2' } }],
    ['the instance type', { model: { inference_instance_type: 'ml.m5.xlarge' } }],
  ])('registers anew, but packages the same, when %s changes', async (_what, more) => {
    const [one, other] = [await examplePlan(), await examplePlan({ config: exampleConfig(more) })];
    expect(registrationPrints(other)).not.toEqual(registrationPrints(one));
    expect(other.fingerprint).toBe(one.fingerprint);
  });

  test.each([
    [
      'sizes of jobs',
      { config: exampleConfig({ package: { processing_volume_size: 20, use_large_processing_instance: true } }) },
    ],
    ['provenance', { request: { provenance: { commit: 'x', ref: 'y', runUrl: 'z', repository: 'w' } } }],
    ['approval', { request: { approvalStatus: 'Approved' } }],
    ['the date', { request: { nowMs: 0 } }],
  ] as const)('has the same identities when only %s changes', async (_what, change) => {
    const [one, other] = [await examplePlan(), await examplePlan(change)];
    expect([other.fingerprint, registrationPrints(other)]).toEqual([one.fingerprint, registrationPrints(one)]);
  });

  test('gives NA the same registration fingerprint whatever the set of regions', async () => {
    const [alone, among] = [await examplePlan(), await examplePlan({ request: { regions: ['EU', 'NA'] } })];
    expect(registrationPrints(among)[1]).toEqual(registrationPrints(alone)[0]);
    expect(among.fingerprint).toBe(alone.fingerprint);
  });

  test('resolves open parameters before planning: the instance type decides the image', async () => {
    const plan = await examplePlan({ request: { parameters: { InferenceInstanceType: 'ml.g4dn.xlarge' } } });
    expect(JSON.stringify(plan.pipeline.definition)).toContain('pytorch-inference:2.1.0-gpu-py310');
    expect(plan.parameters['InferenceInstanceType']).toBe('ml.g4dn.xlarge');
  });

  test('packages in the x86 CPU image whatever serves', async () => {
    const plan = await examplePlan({ request: { parameters: { InferenceInstanceType: 'ml.g4dn.xlarge' } } });
    expect(JSON.stringify(steps(plan)[1])).toContain('pytorch-inference:2.1.0-cpu-py310');
  });

  test('ignores a scratch folder that is no absolute path, with a warning', async () => {
    const plan = await examplePlan({ request: { parameters: { PipelineExecutionTempDir: 's3://my-bucket/tmp' } } });
    expect(plan.parameters['PipelineExecutionTempDir']).toBe('/opt/ml/processing/tmp');
    expect(plan.warnings).toHaveLength(1);
  });

  test('ignores a KMS key where none is configured, with a warning', async () => {
    const plan = await examplePlan({ request: { parameters: { KMSEncryptionKey: 'alias/x' } } });
    expect([plan.parameters['KMSEncryptionKey'], plan.warnings.length]).toEqual([undefined, 1]);
  });

  test('adds parameters, VPC and keys only where they are configured', async () => {
    const base = {
      kms_key: 'alias/bsm',
      subnets: ['subnet-0123456789abcdef0', 'subnet-1123456789abcdef0'],
      security_group_ids: ['sg-0123456789abcdef0'],
    };
    const plan = await examplePlan({ config: exampleConfig({ base }) });
    expect(plan.parameters).toMatchObject({
      KMSEncryptionKey: 'alias/bsm',
      VPCEndpointSubnet: 'subnet-0123456789abcdef0',
      SecurityGroupId: 'sg-0123456789abcdef0',
    });
    expect(steps(plan)[1]?.['Arguments']).toMatchObject({
      NetworkConfig: {
        VpcConfig: {
          SecurityGroupIds: [{ Get: 'Parameters.SecurityGroupId' }],
          Subnets: [{ Get: 'Parameters.VPCEndpointSubnet' }, 'subnet-1123456789abcdef0'],
        },
      },
    });
  });

  test('makes every parameter fit the registry, long refs and odd characters included', async () => {
    const provenance = { commit: '', ref: `refs/heads/a#b&${'x'.repeat(400)}`, runUrl: 'none', repository: 'none' };
    const plan = await examplePlan({ request: { provenance } });
    expect(plan.parameters['GitCommit']).toBe('none');
    expect(plan.parameters['GitRef']).toMatch(/^refs\/heads\/a_b_x+\.\.\.$/);
    expect(plan.parameters['GitRef']).toHaveLength(256);
  });

  test('says which images exist where none fits', async () => {
    const error = await examplePlan({ request: { parameters: { InferenceInstanceType: 'ml.inf2.xlarge' } } }).catch(
      asDeployError,
    );
    expect(error).toMatchObject({ code: 'plan-invalid' });
  });

  test('puts every artifact under a key that names its content', async () => {
    const plan = await examplePlan();
    const keys = plan.uploads.map(({ target }) =>
      target.key.replace('MODS/bsm-team-BSM-RnR-NA_1.3.0/', '').replace(/[0-9a-f]{64}/g, '#'),
    );
    expect(keys).toEqual([
      'scripts/#/package_model.py',
      'code/#/inference.py',
      'payload/#/#/payload.tar.gz',
      'documents/#/#/config',
      'documents/#/variables.json',
      'documents/#/configuration.json',
    ]);
  });

  test.each([
    [
      'the modules of the packager go as one object beside their entry point',
      'built-in',
      'package_model.py packager.tar',
    ],
    ["a team's own scripts go as they are", 'own', 'package_model.py package_read.py package_write.py'],
  ] as const)('%s', async (_what, kind, expected) => {
    const tree = ['package_model.py', 'package_read.py', 'package_write.py'].map((path) => file(path, 'b'));
    const plan = await examplePlan({ facts: { packager: { ...FACTS.packager, kind, tree } } });
    const scripts = plan.uploads.filter(({ what }) => what === 'packager');
    expect(scripts.map(({ target }) => target.key.split('/').at(-1)).join(' ')).toBe(expected);
    expect(scripts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(30);
  });

  test('matches the definition that was reviewed', async () => {
    expect((await examplePlan({ request: { regions: ['NA', 'EU'] } })).pipeline.definition).toMatchSnapshot();
  });

  test('gives the example the definition that was reviewed', async () => {
    const text = readFileSync(join(ROOT, 'examples', 'bsm', 'config.json'), 'utf8');
    const kind = (path: string) =>
      path === 'scripts' ? 'folder' : path === 'scripts/inference.py' ? 'file' : 'missing';
    const result = readConfig({ text, path: 'config.json' }, { files: { kind, list: () => [] }, today: '2026-11-23' });
    if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join());
    expect((await examplePlan({ config: result.config })).pipeline.definition).toMatchSnapshot();
  });
});
