import { describe, expect, test } from '@jest/globals';
import type { RecordedRequest } from '../../embedded-aws/http/recorder.ts';
import { type InProcessRun, runInProcess } from '../harness/in-process.ts';
import { openWorld, type World } from '../matrix/world.ts';

/** NA is registered; the run that is walked approves it and registers EU. */
const FIRST = { 'config-path': 'config.json', 'model-s3-path': 's3://bsm-models/releases/1.3.0/model.tar.gz' };
const WALKED = { ...FIRST, regions: 'NA, EU', 'approval-status': 'Approved' };

/** Every output that action.yml promises on failure too, or as soon as it is known. */
const ALWAYS = ['status', 'model-package-arns', 'model-package-arn', 'model-packages', 'model-package-versions'];

async function inWorld<T>(work: (world: World) => Promise<T>): Promise<T> {
  const world = await openWorld();
  try {
    const first = await runInProcess({ ...world, url: world.aws.url, inputs: FIRST });
    if (first.status !== 'succeeded') throw new Error(first.errors.map(({ message }) => message).join('\n'));
    return await work(world);
  } finally {
    await world.close();
  }
}

interface Walked {
  readonly run: InProcessRun;
  /** What was answered well. */
  readonly answered: readonly RecordedRequest[];
}

async function walk(world: World, faults: Parameters<World['aws']['setFaults']>[0]): Promise<Walked> {
  const before = world.aws.requests().length;
  world.aws.setFaults(faults);
  const run = await runInProcess({ ...world, url: world.aws.url, inputs: WALKED });
  return {
    run,
    answered: world.aws
      .requests()
      .slice(before)
      .filter(({ httpStatus }) => httpStatus < 300),
  };
}

const isAction = ({ userAgent }: RecordedRequest) => !/boto/i.test(userAgent);

/** How often the run polls is a matter of time: each operation's first calls stand for all. */
const points = await inWorld(async (world) => {
  const before = world.aws.requests().length;
  const { run } = await walk(world, []);
  if (run.status !== 'succeeded') throw new Error(run.errors.map(({ message }) => message).join('\n'));
  const seen = world.aws.requests().slice(before).filter(isAction);
  const first = seen
    .map(({ service, operation, call }) => ({ service, operation, call }))
    .filter(({ call }) => call <= 2);
  return first.filter(
    (at, index) => first.findIndex((other) => other.operation === at.operation && other.call === at.call) === index,
  );
});

describe('at every point where a run can fail', () => {
  test.each(points.map((at) => [`${at.operation} ${at.call}`, at] as const))(
    'everything known by then stands in the outputs: %s is denied',
    async (_name, at) => {
      const { run, answered } = await inWorld((world) => walk(world, [{ ...at, fault: 'access-denied' }]));
      const { outputs } = run;
      expect(ALWAYS.filter((name) => outputs[name] === undefined)).toEqual([]);
      expect(outputs['status']).toBe(run.status);
      expect(run.red).toBe(!['succeeded', 'reused', 'started'].includes(run.status));
      expect(run.red).toBe(run.errors.length > 0);
      const packages = JSON.parse(outputs['model-package-arns'] ?? '{}') as Record<string, string>;
      for (const [region, awsRegion] of [
        ['NA', 'us-east-1'],
        ['EU', 'eu-west-1'],
      ] as const) {
        const confirmed = answered
          .filter(isAction)
          .some(({ operation, region: where }) => operation === 'DescribeModelPackage' && where === awsRegion);
        if (confirmed) expect([region, packages[region]]).toEqual([region, expect.stringContaining(`:${awsRegion}:`)]);
      }
      const did = (operation: string) => answered.some((request) => request.operation === operation);
      if (did('StartPipelineExecution')) expect(outputs['pipeline-execution-arn']).toContain('/execution/');
      if (did('UpdatePipeline')) expect(outputs['pipeline-arn']).toContain(':pipeline/');
      if (run.lines.some((line) => line.startsWith('Fingerprint'))) {
        expect(outputs).toMatchObject({
          'plan-path': expect.stringMatching(/plan\.json$/),
          fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
      }
      expect(run.summary).toContain('##');
    },
  );
});
