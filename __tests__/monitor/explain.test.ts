import { describe, expect, test } from '@jest/globals';
import type { Aws, Jobs } from '../../src/aws/types.ts';
import type { StepState } from '../../src/core/runner.ts';
import { explainFailures, failureSentence } from '../../src/monitor/outcome.ts';

const FAILED: StepState = {
  name: 'PackagingStep',
  status: 'Failed',
  startedAtMs: 0,
  endedAtMs: 1,
  failureReason: 'ClientError: AlgorithmError: , exit code: 1',
  attempts: 2,
  cachedFrom: undefined,
  modelArn: undefined,
  jobArn: 'arn:aws:sagemaker:us-east-1:1:processing-job/job-1',
  packageArn: undefined,
};

async function explain(jobs: Partial<Jobs>, lines = 50) {
  const works: Jobs = {
    describe: () =>
      Promise.resolve({ name: 'job-1', exitMessage: ' model.tar.gz holds ../x\n', failureReason: 'reason' }),
    modelName: () => Promise.resolve('model'),
    logTail: () => Promise.resolve(['one', 'two']),
  };
  const aws = { jobs: { ...works, ...jobs } } as unknown as Aws;
  const [found] = await explainFailures([FAILED, { ...FAILED, status: 'Succeeded' }], aws, lines);
  if (found === undefined) throw new Error('expected an explanation');
  return found;
}

describe('explainFailures', () => {
  test('tells the sentence of the container, the attempts and the last lines of its log', async () => {
    const found = await explain({});
    expect(failureSentence(found)).toBe('PackagingStep failed after 2 attempts: model.tar.gz holds ../x');
    expect([found.logTail, found.logProblem, found.jobName]).toEqual([['one', 'two'], undefined, 'job-1']);
  });

  test.each([
    [
      'the job',
      { describe: () => Promise.reject(new Error('denied')) },
      'What the job itself says could not be read: denied',
    ],
    ['the log', { logTail: () => Promise.reject(new Error('denied')) }, 'The container log could not be read: denied'],
    ['an empty log', { logTail: () => Promise.resolve([]) }, 'The container wrote no log, or it is still on its way.'],
  ])('says that %s could not be read, and goes on', async (_what, jobs, problem) => {
    const found = await explain(jobs);
    expect([found.logProblem, failureSentence(found).startsWith('PackagingStep failed')]).toEqual([problem, true]);
  });

  test('reads no log where none is asked for', async () => {
    const found = await explain({ logTail: () => Promise.reject(new Error('not asked for')) }, 0);
    expect([found.logTail, found.logProblem]).toEqual([[], undefined]);
  });
});
