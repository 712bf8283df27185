import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openRegistry, type RegistryWorld } from './registry.ts';

const INPUTS = { 'config-path': 'config.json', 'model-s3-path': 's3://bsm-models/releases/1.3.0/model.tar.gz' };
const GROUP = 'team-BSM-RnR-NA';

let registry: RegistryWorld;
beforeEach(async () => {
  registry = await openRegistry();
  const first = await registry.run(INPUTS);
  if (first.status !== 'succeeded') throw new Error(first.errors.map(({ message }) => message).join('\n'));
});
afterEach(() => registry.close());

type Section = Readonly<Record<string, unknown>>;
const change = (section: string, values: Section) =>
  registry.configure((config) => (config[section] = { ...config[section], ...values }));
const warnings = (run: { warnings: readonly { title: string; message: string }[] }) =>
  run.warnings.filter(({ title }) => title === 'Preflight: groups').map(({ message }) => message);

const PRICE = { source_model_inference_input_variable_list: { price: 'NUMERIC' } };

describe('a pipeline and a group that hold another model', () => {
  test('are told of with both names, and the deployment goes on', async () => {
    change('registration', { model_registration_objective: 'Late_Parcels' });
    const run = await registry.run(INPUTS);
    expect([run.status, run.errors]).toEqual(['succeeded', []]);
    expect(warnings(run)).toEqual([
      expect.stringContaining(
        `The pipeline ${GROUP} and Version 1 of ${GROUP} in NA (us-east-1) are of another model: its objective is RnR_Abuse_Detection, this one's is Late_Parcels.`,
      ),
    ]);
    expect(warnings(run)[0]).toContain('set base.pipeline_name');
  });

  test.each([
    ['domain', 'registration', { model_registration_domain: 'Parcels' }, "this one's is Parcels"],
    ['author', 'base', { author: 'others', pipeline_name: GROUP }, "its author is team, this one's is others"],
  ])('are noticed by the %s, too', async (_what, section, values, said) => {
    change(section, values);
    change('registration', { model_owner: 'somebody@example.com' });
    expect(warnings(await registry.run(INPUTS))).toEqual([expect.stringContaining(said)]);
  });

  test('stop a deployment whose variables are others, too, before anything is created', async () => {
    change('registration', { model_registration_objective: 'Late_Parcels', ...PRICE });
    const seen = await registry.operationsOf(async () => {
      const run = await registry.run(INPUTS);
      expect([run.status, run.errors.map(({ title }) => title)]).toEqual(['failed', ['plan-invalid']]);
      expect(run.errors[0]?.message).toContain('and its variables are others, too');
    });
    expect(seen.filter((operation) => /^(Put|Create|Update|Start|Copy|Add)/.test(operation))).toEqual([]);
  });

  test('are told of by a plan', async () => {
    change('registration', { model_registration_objective: 'Late_Parcels', ...PRICE });
    const run = await registry.run({ ...INPUTS, mode: 'plan' });
    expect([run.status, run.errors.map(({ title }) => title)]).toEqual(['failed', ['plan-invalid']]);
  });

  test('are noticed where only the group is shared', async () => {
    change('registration', { model_registration_objective: 'Late_Parcels' });
    change('base', { pipeline_name: 'parcels', model_package_group_name: GROUP });
    const said = warnings(await registry.run(INPUTS));
    expect(said).toEqual([
      expect.stringMatching(/^Version 1 of team-BSM-RnR-NA in NA \(us-east-1\) is of another model/),
    ]);
  });
});

test('other variables of the same model are no other model', async () => {
  change('registration', PRICE);
  const run = await registry.run(INPUTS);
  expect([run.status, warnings(run)]).toEqual(['succeeded', []]);
});

test('what may not be looked at is said, and stops nothing', async () => {
  registry.world.aws.setFaults([{ operation: 'ListModelPackages', call: 'every', fault: 'access-denied' }]);
  change('registration', { pipeline_version: '2', model_owner: 'x' });
  const run = await registry.run(INPUTS);
  expect(run.status).toBe('succeeded');
  expect(run.lines.filter((line) => /^not made +groups/.test(line))).toHaveLength(1);
});

test('a deployment whose packages are there asks for none of it', async () => {
  const seen = await registry.operationsOf(() => registry.run(INPUTS));
  expect(seen).not.toContain('ListModelPackages');
});
