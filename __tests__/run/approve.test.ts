import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { arnOf, GROUP, openRegistry, OURS, type RegistryWorld } from './registry.ts';

let registry: RegistryWorld;
beforeEach(async () => {
  registry = await openRegistry();
});
afterEach(() => registry.close());

describe('the packages to approve', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['the output model-package-arns', JSON.stringify({ NA: arnOf('NA', 1), EU: arnOf('EU', 1) })],
    [
      'the output model-packages',
      JSON.stringify([
        { region: 'NA', aws_region: 'us-east-1', arn: arnOf('NA', 1), group: GROUP, version: 1 },
        { region: 'EU', aws_region: 'eu-west-1', arn: arnOf('EU', 1), group: GROUP, version: 1 },
      ]),
    ],
    [
      'the output model-package-versions',
      JSON.stringify({ NA: { group: GROUP, version: 1 }, EU: { group: GROUP, version: 1 } }),
    ],
    [
      'ARNs with the name as it was given',
      [arnOf('NA', 1), arnOf('EU', 1)].join(' ').replaceAll(GROUP.toLowerCase(), GROUP),
    ],
    ['ARNs, one a line', `${arnOf('NA', 1)}\n${arnOf('EU', 1)}\n`],
    ['a file of Windows with blank lines', `\r\n${arnOf('NA', 1)}\r\n\r\n  ${arnOf('EU', 1)}\r\n`],
    ['ARNs in quotes', `"${arnOf('NA', 1)}"\n'${arnOf('EU', 1)}'`],
    ['a list as YAML writes it', `- ${arnOf('NA', 1)}\n- "${arnOf('EU', 1)}"`],
    ['ARNs of which one comes twice', `${arnOf('NA', 1)}\n${arnOf('EU', 1)}\n${arnOf('NA', 1)}`],
  ];

  test.each(forms)('may be %s', async (_name, packages) => {
    await registry.register('NA');
    await registry.register('EU');
    const run = await registry.approve(packages);
    expect([run.status, run.red, run.errors]).toEqual(['approved', false, []]);
    expect(await registry.statuses(arnOf('NA', 1), arnOf('EU', 1))).toEqual(['Approved', 'Approved']);
    expect(JSON.parse(run.outputs['model-package-arns'] ?? '')).toEqual({ NA: arnOf('NA', 1), EU: arnOf('EU', 1) });
    expect(run.outputs['console-url']).toContain(`/model-packages/${GROUP}/1`);
  });

  test.each([
    [
      'of the output model-packages',
      { region: 'NA', aws_region: 'us-east-1', arn: arnOf('NA', 1), group: GROUP, version: 1 },
    ],
    ['of the output model-package-versions', { region: 'NA', group: GROUP, version: 1 }],
    ['of the output model-package-arn', arnOf('NA', 1)],
  ])('may be one entry, as a matrix gives it: %s', async (_name, entry) => {
    await registry.register('NA');
    const run = await registry.approve(JSON.stringify(entry));
    expect([run.status, run.errors]).toEqual(['approved', []]);
    expect(await registry.statuses(arnOf('NA', 1))).toEqual(['Approved']);
  });

  test.each([
    ['', 'is empty'],
    ['[', 'is no valid JSON'],
    ['[]', 'names no package'],
    ['***', 'is no ARN of a version in the SageMaker Model Registry'],
    [JSON.stringify({ NA: arnOf('EU', 1) }), `gives NA (us-east-1) the package ${arnOf('EU', 1)}`],
    [`${arnOf('NA', 1)} ${arnOf('NA', 2)}`, 'names 2 packages of NA; expected one package a region'],
    [JSON.stringify({ NA: { group: GROUP } }), 'holds "{'],
    [arnOf('NA', 1).replace('us-east-1', 'ap-south-1'), 'of a region that nothing is registered in'],
  ])('are no %j', async (packages, said) => {
    const run = await registry.approve(packages);
    expect([run.status, run.errors[0]?.title]).toEqual(['failed', 'input-invalid']);
    expect(run.errors[0]?.message).toContain(said);
  });
});

describe('mode: approve', () => {
  test('asks the registry alone, and changes nothing but status and description', async () => {
    const arn = await registry.register('NA');
    const before = await registry.describe(arn);
    const seen = await registry.operationsOf(() => registry.approve(arn, { 'approval-description': 'Looked at it.' }));
    expect(seen).toEqual(['DescribeModelPackage', 'UpdateModelPackage']);
    const after = await registry.describe(arn);
    expect(after).toMatchObject({ ModelApprovalStatus: 'Approved', ApprovalDescription: 'Looked at it.' });
    expect(after.CustomerMetadataProperties).toEqual(before.CustomerMetadataProperties);
  });

  test('changes nothing the second time', async () => {
    const arn = await registry.register('NA');
    await registry.approve(arn);
    const seen = await registry.operationsOf(async () => expect((await registry.approve(arn)).status).toBe('approved'));
    expect(seen).toEqual(['DescribeModelPackage']);
  });

  test('replaces a description although the status is right', async () => {
    const arn = await registry.register('NA');
    await registry.approve(arn);
    await registry.approve(arn, { 'approval-description': 'By the board.' });
    expect((await registry.describe(arn)).ApprovalDescription).toBe('By the board.');
  });

  test('shows what is approved before and after, in log, summary and outputs', async () => {
    const metadata = {
      ...OURS,
      release_tag: 'v1.3.0',
      package_sha256: 'ab'.repeat(32),
      verification: 'passed',
      load_test: 'passed',
      load_test_invocations_per_minute: '1200',
      load_test_latency_ms: '41',
    };
    const arn = await registry.register('NA', metadata);
    const run = await registry.approve(arn);
    const log = run.lines.join('\n');
    const facts = ['c0ffee', 'v1.3.0', 'ab'.repeat(32), 'passed', 'passed, 1200 invocations a minute, 41 ms'];
    for (const text of [log, run.summary]) {
      expect([...facts, arn, `${GROUP} version 1`].filter((fact) => !text.includes(fact))).toEqual([]);
    }
    expect(log).toContain('PendingManualApproval -> Approved');
    expect(run.summary).toContain('| PendingManualApproval | **Approved**, set now |');
    expect(run.summary).toContain(`## ✅ Approved: ${GROUP}`);
    expect(run.outputs).toMatchObject({
      status: 'approved',
      'model-package-arn': arn,
      'package-sha256': 'ab'.repeat(32),
    });
  });

  test('rejects where that is asked for', async () => {
    const arn = await registry.register('NA');
    const run = await registry.approve(arn, { 'approval-status': 'Rejected' });
    expect([run.status, run.red, await registry.statuses(arn)]).toEqual(['rejected', false, ['Rejected']]);
  });

  test('needs neither configuration nor model, and every other mode says that it does', async () => {
    const deploying = await registry.run({ mode: 'plan' });
    expect(deploying.errors.map(({ message }) => message.split(';')[0])).toEqual([
      'Input config-path is empty',
      'Input model-s3-path is empty',
    ]);
    expect(deploying.errors[0]?.message).toContain('mode: plan needs one');
  });
});

test.each(['empty', 'garbage'] as const)(
  'an answer that is %s is no approval, and is asked for again',
  async (fault) => {
    const arn = await registry.register('NA');
    registry.world.aws.setFaults([{ operation: 'UpdateModelPackage', call: 'every', fault }]);
    const run = await registry.approve(arn);
    expect([run.status, run.red]).toEqual(['failed', true]);
    expect(await registry.statuses(arn)).toEqual(['PendingManualApproval']);
    registry.world.aws.setFaults([{ operation: 'UpdateModelPackage', call: 1, fault }]);
    expect((await registry.approve(arn)).status).toBe('approved');
    expect(await registry.statuses(arn)).toEqual(['Approved']);
  },
);

describe('before anything is changed, it stops at', () => {
  const cases: readonly (readonly [string, () => Promise<string>, string])[] = [
    ['a package that is missing', () => Promise.resolve(arnOf('EU', 7)), `${arnOf('EU', 7)} does not exist`],
    [
      'a version that is missing',
      () => Promise.resolve(JSON.stringify({ EU: { group: GROUP, version: 7 } })),
      `Version 7 of ${GROUP} in EU (eu-west-1) does not exist`,
    ],
    ['one that is not ours', () => registry.register('EU', { made_by: 'hand' }), 'was not registered by this action'],
    [
      'one whose load test failed',
      () => registry.register('EU', { ...OURS, load_test: 'failed' }),
      'failed its load test',
    ],
  ];

  test.each(cases)('%s', async (_name, make, said) => {
    const good = await registry.register('NA');
    const other = await make();
    const packages = other.startsWith('{') ? JSON.stringify({ NA: good, ...JSON.parse(other) }) : `${good}\n${other}`;
    const seen = await registry.operationsOf(async () => {
      const run = await registry.approve(packages);
      expect([run.status, run.red, run.errors[0]?.title]).toEqual(['failed', true, 'package-refused']);
      expect(run.errors[0]?.message).toContain(said);
      expect(run.errors[0]?.message).toContain('Nothing was changed.');
    });
    expect(seen).not.toContain('UpdateModelPackage');
    expect(await registry.statuses(good)).toEqual(['PendingManualApproval']);
  });

  test.each([
    ['allow-foreign', { made_by: 'hand' }],
    ['allow-failed-load-test', { ...OURS, load_test: 'failed' }],
  ])('none of these with %s: true', async (input, metadata) => {
    const arn = await registry.register('NA', metadata);
    expect((await registry.approve(arn, { [input]: 'true' })).status).toBe('approved');
  });

  test('a failed load test does not keep a package from being rejected', async () => {
    const arn = await registry.register('NA', { ...OURS, load_test: 'failed' });
    expect((await registry.approve(arn, { 'approval-status': 'Rejected' })).status).toBe('rejected');
  });
});

test('a deployment hands its packages to an approval', async () => {
  const inputs = { 'config-path': 'config.json', 'model-s3-path': 's3://bsm-models/releases/1.3.0/model.tar.gz' };
  const deployed = await registry.run(inputs);
  expect(deployed.errors).toEqual([]);
  const run = await registry.approve(deployed.outputs['model-packages'] ?? '');
  expect([run.status, run.outputs['package-sha256']]).toEqual(['approved', 'ab'.repeat(32)]);
  const again = await registry.run(inputs);
  expect([again.status, again.outputs['model-package-arns']]).toEqual(['reused', run.outputs['model-package-arns']]);
  expect(again.outputs['console-url']).toBe(run.outputs['console-url']);
});
