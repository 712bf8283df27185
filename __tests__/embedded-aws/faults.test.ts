import { CloudWatchLogsClient, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault, FaultKind } from '../../embedded-aws/faults.ts';
import { parseFaults } from '../../embedded-aws/faults.ts';
import { clientOptions, refusalOf, useEmbeddedAws } from './support.ts';

const running = useEmbeddedAws();
const Bucket = 'models';
const logGroupName = '/aws/sagemaker/ProcessingJobs';
beforeAll(() => {
  const context = { region: 'us-east-1', accountId: '123456789012', accessKeyId: 'AKIDEXAMPLE' };
  running().aws.logs.append(context, logGroupName, 'job/algo-1', [{ atMs: 1000, message: 'a line' }]);
});
afterEach(() => running().aws.setFaults([]));

const CALLS: Record<string, () => Promise<unknown>> = {
  ListObjectsV2: () =>
    running()
      .s3()
      .send(new ListObjectsV2Command({ Bucket: 'models' })),
  DescribeLogStreams: () =>
    new CloudWatchLogsClient(clientOptions(running().aws.url)).send(new DescribeLogStreamsCommand({ logGroupName })),
  GetCallerIdentity: () => new STSClient(clientOptions(running().aws.url)).send(new GetCallerIdentityCommand({})),
};

function call(operation: string): Promise<unknown> {
  const made = CALLS[operation];
  if (made === undefined) throw new Error(`No call for ${operation}`);
  return made();
}

describe('a fault', () => {
  test.each<[string, FaultKind, string, number]>([
    ['ListObjectsV2', 'throttling', 'SlowDown', 503],
    ['ListObjectsV2', 'server-error', 'InternalError', 500],
    ['ListObjectsV2', 'access-denied', 'AccessDenied', 403],
    ['ListObjectsV2', 'expired-credentials', 'ExpiredToken', 400],
    ['DescribeLogStreams', 'throttling', 'ThrottlingException', 400],
    ['DescribeLogStreams', 'server-error', 'InternalFailure', 500],
    ['DescribeLogStreams', 'access-denied', 'AccessDeniedException', 400],
    ['DescribeLogStreams', 'expired-credentials', 'ExpiredTokenException', 400],
    ['GetCallerIdentity', 'throttling', 'Throttling', 400],
    ['GetCallerIdentity', 'access-denied', 'AccessDenied', 403],
    ['GetCallerIdentity', 'expired-credentials', 'ExpiredToken', 403],
  ])('of %s by %s has the code %s', async (...[operation, fault, code, status]) => {
    running().aws.setFaults([{ operation, call: 1, fault }]);
    expect(await refusalOf(call(operation))).toEqual({ code, status });
    await expect(call(operation)).resolves.toBeDefined();
  });

  test.each(Object.keys(CALLS))('of %s by garbage is no answer that a client can read', async (operation) => {
    running().aws.setFaults([{ operation, call: 1, fault: 'garbage' }]);
    expect(
      await call(operation).then(
        () => 'read',
        () => 'refused',
      ),
    ).toBe('refused');
  });

  test('of access names the caller and the action', async () => {
    running().aws.setFaults([{ operation: 'ListObjectsV2', call: 1, fault: 'access-denied' }]);
    await expect(call('ListObjectsV2')).rejects.toThrow(
      'User: arn:aws:sts::123456789012:assumed-role/embedded/session is not authorized to perform: s3:ListObjectsV2 ' +
        'on resource: "arn:aws:s3:::models"',
    );
  });

  test('strikes the call of its number, counted since the faults were set', async () => {
    const faults: Fault[] = [{ service: 's3', operation: 'ListObjectsV2', call: 2, fault: 'server-error' }];
    for (const round of ['once', 'again']) {
      running().aws.setFaults(faults);
      const outcomes: string[] = [];
      for (let number = 1; number <= 3; number++) {
        outcomes.push(
          await call('ListObjectsV2').then(
            () => 'fine',
            () => 'refused',
          ),
        );
      }
      expect([round, outcomes]).toEqual([round, ['fine', 'refused', 'fine']]);
    }
  });

  test('may strike every call, and any operation', async () => {
    running().aws.setFaults([{ service: 's3', operation: '*', call: 'every', fault: 'throttling' }]);
    const codes = [await refusalOf(call('ListObjectsV2')), await refusalOf(call('ListObjectsV2'))];
    expect(codes.map(({ code }) => code)).toEqual(['SlowDown', 'SlowDown']);
    await expect(call('GetCallerIdentity')).resolves.toBeDefined();
  });

  test('is got over by a client that tries again', async () => {
    running().aws.setFaults([{ operation: 'PutObject', call: 1, fault: 'connection-reset' }]);
    const s3 = running().s3();
    const put = { Bucket, Key: 'retried', Body: 'text' };
    await expect(s3.send(new PutObjectCommand(put))).rejects.toThrow('ECONNRESET');
    expect((await refusalOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'retried' })))).status).toBe(404);
    await s3.send(new PutObjectCommand(put));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'retried' }));
    expect(await got.Body?.transformToString()).toBe('text');
  });

  test('after the operation leaves it done, and the client without knowledge of it', async () => {
    running().aws.setFaults([{ operation: 'PutObject', call: 1, fault: 'connection-reset', after: true }]);
    const s3 = running().s3();
    const put = new PutObjectCommand({ Bucket, Key: 'unknown', Body: 'done', IfNoneMatch: '*' });
    await expect(s3.send(put)).rejects.toThrow('ECONNRESET');
    expect((await refusalOf(s3.send(put))).status).toBe(412);
  });

  test('may be a late answer', async () => {
    running().aws.setFaults([{ operation: 'ListObjectsV2', call: 1, fault: 'slow', delayMs: 120 }]);
    const startedAtMs = performance.now();
    await call('ListObjectsV2');
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(115);
  });
});

describe('a list of faults', () => {
  test.each([
    ['no list', '{}', 'Faults must be a JSON list; found object.'],
    ['no operation', '[{"call": 1, "fault": "slow"}]', 'Fault 1 of the list: `operation` must be'],
    ['call 0', '[{"operation": "*", "call": 0, "fault": "slow"}]', 'Fault 1 of the list: `call` must be'],
    ['another kind', '[{"operation": "*", "call": 1, "fault": "fire"}]', 'found "fire"'],
  ])('is refused where it has %s', (_, text, message) => {
    expect(() => parseFaults(text)).toThrow(message);
  });
});
