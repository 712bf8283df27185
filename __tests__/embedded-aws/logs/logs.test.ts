import {
  CloudWatchLogsClient,
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  paginateDescribeLogStreams,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientOptions, refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const logGroupName = '/aws/sagemaker/ProcessingJobs';
const context = { region: 'us-east-1', accountId: '123456789012', accessKeyId: 'AKIDEXAMPLE' };
let logs: CloudWatchLogsClient;

beforeAll(() => {
  logs = new CloudWatchLogsClient(clientOptions(running().aws.url));
  const sink = running().aws.logs;
  const line = (atMs: number, message: string) => ({ atMs, message });
  sink.append(context, logGroupName, 'job-a/algo-1', [line(1000, 'a one'), line(2000, 'a two')]);
  sink.append(context, logGroupName, 'job-b/algo-1', [line(1500, 'b ERROR one'), line(2500, 'b warn "two"')]);
  sink.append(context, logGroupName, 'job-a/algo-1', [
    line(3000, 'a three'),
    line(4000, 'a four'),
    line(5000, 'a five'),
  ]);
});
afterAll(() => logs.destroy());

describe('streams', () => {
  test('are found by the beginning of their name', async () => {
    const command = { logGroupName, logStreamNamePrefix: 'job-a' };
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand(command));
    expect(
      logStreams?.map((stream) => [stream.logStreamName, stream.firstEventTimestamp, stream.lastEventTimestamp]),
    ).toEqual([['job-a/algo-1', 1000, 5000]]);
  });

  test('come by their last event, a page at a time', async () => {
    const names: (string | undefined)[] = [];
    const options = { logGroupName, orderBy: 'LastEventTime', descending: true } as const;
    for await (const page of paginateDescribeLogStreams({ client: logs, pageSize: 1 }, options)) {
      names.push(...(page.logStreams ?? []).map(({ logStreamName }) => logStreamName));
    }
    expect(names).toEqual(['job-a/algo-1', 'job-b/algo-1']);
  });

  test('of another region are others', async () => {
    const eu = new CloudWatchLogsClient(clientOptions(running().aws.url, 'eu-west-1'));
    const found = await refusalOf(eu.send(new DescribeLogStreamsCommand({ logGroupName })));
    eu.destroy();
    expect(found).toEqual({ code: 'ResourceNotFoundException', status: 400 });
  });

  test.each([
    ['a group that is not there', { logGroupName: '/nothing' }, 'ResourceNotFoundException'],
    ['a limit beyond 50', { logGroupName, limit: 51 }, 'InvalidParameterException'],
    [
      'time order and a prefix',
      { logGroupName, orderBy: 'LastEventTime', logStreamNamePrefix: 'x' } as const,
      'InvalidParameterException',
    ],
  ])('are refused with %s', async (_, options, code) => {
    expect(await refusalOf(logs.send(new DescribeLogStreamsCommand(options)))).toEqual({ code, status: 400 });
  });
});

describe('events of a stream', () => {
  const logStreamName = 'job-a/algo-1';
  const get = async (options: {
    startFromHead?: boolean;
    limit?: number;
    nextToken?: string | undefined;
    startTime?: number;
    endTime?: number;
  }) => {
    const page = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, ...options }));
    return { texts: page.events?.map(({ message }) => message), page };
  };

  test('are the latest ones unless asked from the head', async () => {
    expect([(await get({ limit: 2 })).texts, (await get({ limit: 2, startFromHead: true })).texts]).toEqual([
      ['a four', 'a five'],
      ['a one', 'a two'],
    ]);
  });

  test('are read on by the forward token, which stays the same at the end', async () => {
    const first = await get({ limit: 3, startFromHead: true });
    const second = await get({ limit: 3, nextToken: first.page.nextForwardToken });
    const third = await get({ limit: 3, nextToken: second.page.nextForwardToken });
    expect([second.texts, third.texts, third.page.nextForwardToken]).toEqual([
      ['a four', 'a five'],
      [],
      second.page.nextForwardToken,
    ]);
  });

  test('are read back by the backward token', async () => {
    const last = await get({ limit: 2 });
    const before = await get({ limit: 2, nextToken: last.page.nextBackwardToken });
    expect(before.texts).toEqual(['a two', 'a three']);
  });

  test('lie from the start time to before the end time', async () => {
    expect((await get({ startFromHead: true, startTime: 2000, endTime: 4000 })).texts).toEqual(['a two', 'a three']);
  });

  test('that are not there are said to be missing', async () => {
    const command = new GetLogEventsCommand({ logGroupName, logStreamName: 'job-c' });
    const error = await logs.send(command).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    });
  });
});

describe('a stream that is deleted', () => {
  const group = '/aws/sagemaker/Deleted';
  const remove = (logStreamName: string, logGroupName = group) =>
    logs.send(new DeleteLogStreamCommand({ logGroupName, logStreamName }));
  const streams = async () => {
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: group }));
    return logStreams?.map(({ logStreamName }) => logStreamName);
  };

  test('is gone with its events, and the group stays', async () => {
    running().aws.logs.append(context, group, 'one', [{ atMs: 1, message: 'x' }]);
    running().aws.logs.append(context, group, 'two', [{ atMs: 1, message: 'x' }]);
    await remove('one');
    expect(await streams()).toEqual(['two']);
    await remove('two');
    expect(await streams()).toEqual([]);
  });

  test('begins afresh when something is written to it again', async () => {
    running().aws.logs.append(context, group, 'again', [{ atMs: 1, message: 'before' }]);
    await remove('again');
    running().aws.logs.append(context, group, 'again', [{ atMs: 2, message: 'after' }]);
    const command = new GetLogEventsCommand({ logGroupName: group, logStreamName: 'again' });
    expect((await logs.send(command)).events?.map(({ message }) => message)).toEqual(['after']);
  });

  test.each([
    ['a stream', 'nothing', logGroupName],
    ['a group', 'one', '/nothing'],
  ])('has to be one: %s that is not there is refused', async (what, stream, of) => {
    const error = await remove(stream, of).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({
      name: 'ResourceNotFoundException',
      message: `The specified log ${what.slice(2)} does not exist.`,
    });
  });
});
