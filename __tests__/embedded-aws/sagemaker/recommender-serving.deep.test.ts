/** What a load test meets behind its endpoint: models that are slow, that fail beside one another, that leak. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { object, objects } from '../../../embedded-aws/sagemaker/json.ts';
import { type Bench, openBench } from './harness.ts';
import { ECHO, jobEnded, register, request } from './recommender-fixture.ts';

const toolkitPython = process.env['BSM_TOOLKIT_PYTHON'] ?? '';
if (toolkitPython === '') console.warn('SKIPPED: level server needs BSM_TOOLKIT_PYTHON.');

const levels: readonly [string, Readonly<{ python?: string }>][] = [
  ['built-in', {}],
  ...(toolkitPython === '' ? [] : [['server', { python: toolkitPython }] as [string, { python: string }]]),
];

/** Waits beside another worker that answers, and ends itself when there is one. */
const ALONE = ECHO.replace(
  "    return {'said'",
  `    import time
    mine = 'busy-%d' % os.getpid()
    open(os.path.join(BUSY, mine), 'w').close()
    for _ in range(20):
        if set(os.listdir(BUSY)) - {mine}:
            print('two at once', flush=True)
            os.unlink(os.path.join(BUSY, mine))
            os._exit(3)
        time.sleep(0.01)
    os.unlink(os.path.join(BUSY, mine))
    return {'said'`,
).replace(
  'def model_fn(model_dir):',
  "BUSY = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'busy')\nos.makedirs(BUSY, exist_ok=True)\ndef model_fn(model_dir):",
);

/** Keeps a megabyte of every request, and is killed, as the kernel does, when that is too much. */
const LEAKING = ECHO.replace(
  "    return {'said'",
  `    import signal
    KEPT.append(b'x' * 1000000)
    if len(KEPT) > 15:
        print('out of memory', flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    return {'said'`,
).replace('def model_fn', 'KEPT = []\ndef model_fn');

const SLOW = ECHO.replace('    return {', '    import time; time.sleep(0.2)\n    return {');

let bench: Bench;
afterEach(async () => await bench.close());

const said = () => bench.lines.map(({ message }) => message).join('\n');
const metricsOf = (job: JsonObject) => object(objects(job, 'InferenceRecommendations')[0] ?? {}, 'Metrics') ?? {};
const loaders = () => new Set([...said().matchAll(/loaded by (\d+)/g)].map(([, pid]) => Number(pid)));

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function begin(handler: string, options: Parameters<typeof openBench>[0], stop: JsonObject): Promise<void> {
  bench = await openBench(options);
  await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
  const phase = { InitialNumberOfUsers: 3, DurationInSeconds: 3600 };
  await bench.call('CreateInferenceRecommendationsJob', request(await register(bench, handler), { stop, phase }));
}

describe.each(levels)('at level %s', (level, python) => {
  test('two workers answer, and end with the job', async () => {
    await begin(ECHO, { ...python, loadTimeScale: 100 }, { MaxInvocations: 1, FlatInvocations: 'Continue' });
    const job = await jobEnded(bench);
    expect([job['Status'], job['FailureReason']]).toEqual(['COMPLETED', undefined]);
    expect(said()).toContain(`Serving by ${level}`);
    expect(loaders().size).toBe(2);
    while ([...loaders()].some(isRunning)) await sleep(20);
  });

  test('a model that is too slow is measured as slow as it is', async () => {
    const stop = {
      ModelLatencyThresholds: [{ Percentile: 'P95', ValueInMilliseconds: 50 }],
      FlatInvocations: 'Continue',
    };
    await begin(SLOW, { ...python, loadTimeScale: 30 }, stop);
    const metrics = metricsOf(await jobEnded(bench));
    expect(metrics['ModelLatency']).toBeGreaterThanOrEqual(200);
  });

  test.each([
    ['breaks when two are asked at once', ALONE, 'two at once'],
    ['leaks until it is killed', LEAKING, 'out of memory'],
  ])('a model that %s loses its workers, which are started again', async (_, handler, last) => {
    await begin(handler, { ...python, loadTimeScale: 1 }, { FlatInvocations: 'Continue' });
    // The first two, and two in the places of those that ended.
    while (loaders().size < 4) await sleep(20);
    await bench.call('StopInferenceRecommendationsJob', { JobName: 'load' });
    const job = await jobEnded(bench);
    expect([job['Status'], job['FailureReason'], said()]).toEqual([
      'STOPPED',
      undefined,
      expect.stringContaining(last),
    ]);
    while ([...loaders()].some(isRunning)) await sleep(20);
  });
});
