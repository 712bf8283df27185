import { describe, expect, test } from '@jest/globals';
import type { Aws, ExecutionStatus } from '../../src/aws/types.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Runner } from '../../src/core/runner.ts';
import { cleanUp } from '../../src/run/cleanup.ts';

const INTENT = JSON.stringify({ pipeline: 'p', displayName: 'abc-def-1', onCancel: 'stop', wait: true });
const NAMED = 'arn:aws:sagemaker:us-east-1:1:pipeline/p/execution/byname';
const SAVED = 'arn:aws:sagemaker:us-east-1:1:pipeline/p/execution/saved';

interface Given {
  readonly state: Readonly<Record<string, string>>;
  readonly status?: ExecutionStatus;
  readonly fails?: boolean;
}

async function post({ state, status = 'Executing', fails = false }: Given) {
  const happened: string[] = [];
  const openAws = () => {
    happened.push('open');
    return {
      pipelines: {
        recent: () =>
          fails
            ? Promise.reject(new Error('ExpiredToken'))
            : Promise.resolve([{ arn: NAMED, displayName: 'abc-def-1', description: '', status }]),
        execution: () => Promise.resolve({ status, failureReason: undefined, displayName: 'abc-def-1' }),
        stop: (arn: string) => Promise.resolve(void happened.push(`stop ${arn}`)),
      },
    } as unknown as Aws;
  };
  const runner = {
    info: () => happened.push('info'),
    annotate: (severity: string) => happened.push(severity),
  } as unknown as Runner;
  await cleanUp({ state: (name) => state[name] ?? '', openAws, runner, clock: systemClock });
  return happened;
}

describe('post', () => {
  test.each([
    ['nothing was about to be started', {}],
    ['main came to its end', { intent: INTENT, executionArn: SAVED, done: 'true' }],
    ['on-cancel is leave', { intent: INTENT.replace('stop', 'leave'), executionArn: SAVED }],
    ['wait is false', { intent: INTENT.replace('true', 'false'), executionArn: SAVED }],
    ['the state is garbled', { intent: '{', executionArn: SAVED }],
  ])('is silent and calls nothing where %s', async (_why, state) => {
    expect(await post({ state })).toEqual([]);
  });

  test('stops the execution that main saved', async () => {
    expect(await post({ state: { intent: INTENT, executionArn: SAVED } })).toEqual(['open', `stop ${SAVED}`, 'info']);
  });

  test('finds by its display name what main did not live to save', async () => {
    expect(await post({ state: { intent: INTENT } })).toEqual(['open', `stop ${NAMED}`, 'info']);
  });

  test.each(['Stopping', 'Stopped', 'Succeeded', 'Failed'] as const)('leaves one that is %s', async (status) => {
    expect(await post({ state: { intent: INTENT, executionArn: SAVED }, status })).toEqual(['open']);
  });

  test('warns where it could not look, and does not fail', async () => {
    expect(await post({ state: { intent: INTENT }, fails: true })).toEqual(['open', 'warning']);
  });
});
