import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Jobs } from '../types.ts';
import { optionalText, required, requiredText, withAwsErrors } from './call.ts';
import type { SageMaker } from './clients.ts';

type LogsModule = typeof import('./modules/logs.ts');
export type Logs = () => Promise<{ readonly sdk: LogsModule; readonly client: CloudWatchLogsClient }>;

/** Where SageMaker writes what processing containers print; a job's streams begin with its name. */
const LOG_GROUP = '/aws/sagemaker/ProcessingJobs';

export function createJobs(sageMaker: SageMaker, logs: Logs): Jobs {
  return {
    async describe(name) {
      const { sdk, client } = await sageMaker();
      return withAwsErrors(`describe the processing job ${name}`, async () => {
        const answer = await client.send(new sdk.DescribeProcessingJobCommand({ ProcessingJobName: name }));
        return {
          name: requiredText(answer.ProcessingJobName, 'ProcessingJobName'),
          exitMessage: optionalText(answer.ExitMessage, 'ExitMessage'),
          failureReason: optionalText(answer.FailureReason, 'FailureReason'),
        };
      });
    },
    async modelName(name) {
      const { sdk, client } = await sageMaker();
      return withAwsErrors(`describe the model ${name}`, async () => {
        const answer = await client.send(new sdk.DescribeModelCommand({ ModelName: name }));
        return requiredText(answer.ModelName, 'ModelName');
      });
    },
    logTail: (jobName, lines) => logTail(logs, { group: LOG_GROUP, prefix: `${jobName}/`, lines }),
  };
}

/** Which log: the group, how its streams begin, and how many lines of each. */
interface LogPlace {
  readonly group: string;
  readonly prefix: string;
  readonly lines: number;
}

/** The last lines of every stream that begins with the prefix, oldest first; several streams get a headline each. */
export async function logTail(logs: Logs, place: LogPlace): Promise<readonly string[]> {
  const { sdk, client } = await logs();
  const { group, prefix } = place;
  return withAwsErrors(`read the log of ${prefix.replace(/\/$/, '')}`, async () => {
    const answer = await client.send(
      new sdk.DescribeLogStreamsCommand({ logGroupName: group, logStreamNamePrefix: prefix }),
    );
    const streams = (answer.logStreams ?? []).map((stream) => required(stream.logStreamName, 'logStreamName'));
    const tails = await Promise.all(streams.map((stream) => streamTail({ sdk, client }, stream, place)));
    // A job of several instances has a container each: the name of the stream distinguishes their lines.
    if (tails.length < 2) return tails.flat();
    return tails.flatMap((tail, index) => [`--- ${streams[index]?.slice(prefix.length) ?? ''}`, ...tail]);
  });
}

async function streamTail(
  { sdk, client }: Awaited<ReturnType<Logs>>,
  stream: string,
  { group, lines }: LogPlace,
): Promise<readonly string[]> {
  // GetLogEvents answers at most 10,000 events; without startFromHead the newest come, oldest of them first.
  const limit = Math.min(lines, 10_000);
  const answer = await client.send(
    new sdk.GetLogEventsCommand({ logGroupName: group, logStreamName: stream, limit, startFromHead: false }),
  );
  return (answer.events ?? []).map((event) => optionalText(event.message, 'a line') ?? '').slice(-lines);
}
