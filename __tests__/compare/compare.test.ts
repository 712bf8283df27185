import { describe, expect, test } from '@jest/globals';
import { compare } from '../../src/compare/index.ts';
import { DeployError } from '../../src/core/errors.ts';
import type { Plan } from '../../src/plan/types.ts';
import { comparisonLines, comparisonMarkdown } from '../../src/report/comparison.ts';
import { memoryAws } from '../fakes/aws.ts';
import { exampleConfig, examplePlan } from '../plan/fixture.ts';
import { failedWith, viewOf } from '../preflight/view.ts';

const TONES = { good: 'green ', bad: 'red   ', changed: 'yellow', quiet: 'grey  ' };

async function shown(plan: Plan, { aws }: ReturnType<typeof memoryAws>): Promise<string> {
  const comparison = await compare(plan, await viewOf({ mode: 'plan' }), aws);
  return comparisonLines(comparison)
    .map(({ text, tone }) => `${tone === undefined ? '      ' : TONES[tone]} | ${text}`)
    .join('\n');
}

describe('the plan of', () => {
  test('a new pipeline', async () => {
    const plan = await examplePlan({ request: { regions: ['NA', 'EU'] } });
    expect(await shown(plan, memoryAws())).toMatchSnapshot();
  });

  test('an unchanged pipeline whose model is registered already', async () => {
    const world = memoryAws();
    const plan = await examplePlan();
    world.deployed(plan);
    await world.uploaded(plan);
    await Promise.all(plan.registrations.map((registration) => world.registered(registration, 'Approved')));
    expect(await shown(plan, world)).toMatchSnapshot();
  });

  test('a changed pipeline', async () => {
    const world = memoryAws();
    const before = await examplePlan({ request: { regions: ['NA', 'FE'] } });
    world.deployed(before);
    await world.uploaded(before);
    const config = exampleConfig({
      base: { pipeline_description: 'Now with a description' },
      model: { inference_instance_type: 'ml.g5.xlarge', max_payload_size: 20 },
      package: { processing_volume_size: 60, enable_caching_package_step: false },
      payload: { expected_tps: 9 },
    });
    const after = await examplePlan({ config, request: { regions: ['NA', 'EU'] } });
    expect(await shown(after, world)).toMatchSnapshot();
  });

  test('a pipeline that only another writing of the same definition is deployed of', async () => {
    const world = memoryAws();
    const plan = await examplePlan();
    world.deployed({ ...plan, pipeline: { ...plan.pipeline, definition: reversed(plan.pipeline.definition) } });
    expect(await shown(plan, world)).toContain('       | The pipeline stays as it is.');
  });
});

describe('a package that is registered already', () => {
  test.each<
    readonly [
      approval: 'Approved' | 'Rejected' | 'PendingManualApproval',
      asked: 'Approved' | 'Rejected' | 'PendingManualApproval',
      end: string,
    ]
  >([
    ['PendingManualApproval', 'PendingManualApproval', '(PendingManualApproval)'],
    ['PendingManualApproval', 'Approved', '(PendingManualApproval); would be set to Approved'],
    ['Approved', 'PendingManualApproval', '(Approved)'],
    ['Approved', 'Rejected', '(Approved); would be set to Rejected'],
    ['Rejected', 'Approved', '(Rejected); a deployment fails unless it says if-registered: again'],
    ['Rejected', 'Rejected', '(Rejected)'],
  ])('is %s, asked for %s', async (approval, asked, end) => {
    const world = memoryAws();
    const plan = await examplePlan({ request: { approvalStatus: asked } });
    await Promise.all(plan.registrations.map((registration) => world.registered(registration, approval)));
    expect(await shown(plan, world)).toContain(`/7 ${end}\n`);
  });

  test('leaves a pipeline that differs as it is', async () => {
    const world = memoryAws();
    const plan = await examplePlan();
    world.deployed(await examplePlan({ config: exampleConfig({ package: { processing_volume_size: 60 } }) }));
    await Promise.all(plan.registrations.map((registration) => world.registered(registration)));
    expect(await shown(plan, world)).toContain(
      'differs and would stay as it is, since everything asked for is registered',
    );
  });
});

function reversed<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).reverse()) as T;
}

describe('what cannot be looked at', () => {
  test('is said once and nothing is guessed without credentials', async () => {
    const view = await viewOf({
      mode: 'plan',
      inspection: { identity: failedWith('credentials-missing', 'No credentials.') },
    });
    const comparison = await compare(await examplePlan(), view, memoryAws().aws);
    expect(comparison).toMatchObject({
      change: undefined,
      diff: [],
      problems: ['Nothing could be compared with AWS: No credentials.'],
      registrations: [{ state: 'unknown' }],
    });
    expect(comparison.uploads.every(({ there }) => there === undefined)).toBe(true);
    expect(comparison.jobs.map(({ step }) => step)).toEqual(['PackagingStep']);
  });

  test('does not hide the rest where a permission is missing', async () => {
    const { aws } = memoryAws();
    const denied = () => Promise.reject(new DeployError('access-denied', 'Could not describe it: AccessDenied.'));
    const limited = { ...aws, pipelines: { ...aws.pipelines, describe: denied } };
    const comparison = await compare(await examplePlan(), await viewOf({ mode: 'plan' }), limited);
    expect(comparison.problems).toEqual([
      'The deployed pipeline could not be compared: Could not describe it: AccessDenied.',
    ]);
    expect(comparison.registrations).toMatchObject([{ state: 'to register' }]);
  });

  test.each([
    '{"Steps": [',
    'null',
    '[]',
    '{"Steps":{"a":1}}',
    '{"Steps":[null,3,"x",[],{}]}',
    `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  ])('shows everything as new where a definition is deployed that makes no sense: %.30s', async (definition) => {
    const plan = await examplePlan();
    const world = memoryAws();
    world.deployed(plan);
    const odd = async () => ({ ...(await world.aws.pipelines.describe(plan.pipeline.name))!, definition });
    const aws = { ...world.aws, pipelines: { ...world.aws.pipelines, describe: odd } };
    const { change, diff } = await compare(plan, await viewOf({ mode: 'plan' }), aws);
    expect(change).toBe('update');
    expect(diff.filter(({ kind }) => kind === 'added').map(({ part }) => part)).toEqual(
      expect.arrayContaining(['CreatePytorchModelStep', 'PackagingStep', 'Registration_NA']),
    );
  });
});

describe('a comparison as Markdown', () => {
  test('has every line of the difference marked, so that none can end its block', async () => {
    const world = memoryAws();
    world.deployed(await examplePlan());
    const config = exampleConfig({ base: { pipeline_description: 'x\n```\n# <img src=x> @team ::error::' } });
    const plan = await examplePlan({ config });
    const markdown = comparisonMarkdown(await compare(plan, await viewOf({ mode: 'plan' }), world.aws), {
      uploads: true,
      diffLines: 100,
    });
    const block = /```diff\n([\s\S]*?)\n```/.exec(markdown)?.[1]?.split('\n') ?? [];
    expect(block.length).toBeGreaterThan(3);
    expect(block.filter((line) => !/^[#!+-] /.test(line))).toEqual([]);
    expect(markdown.split('```').length).toBe(4);
  });
});
