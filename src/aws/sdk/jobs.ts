import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Jobs } from '../types.ts';
import { required, requiredText, withAwsErrors } from './call.ts';
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
          exitMessage: answer.ExitMessage,
          failureReason: answer.FailureReason,
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
    logTail: (jobName, lines) => logTail(logs, jobName, lines),
  };
}

async function logTail(logs: Logs, jobName: string, lines: number): Promise<readonly string[]> {
  const { sdk, client } = await logs();
  return withAwsErrors(`read the log of ${jobName}`, async () => {
    const answer = await client.send(
      new sdk.DescribeLogStreamsCommand({ logGroupName: LOG_GROUP, logStreamNamePrefix: `${jobName}/` }),
    );
    const streams = (answer.logStreams ?? []).map((stream) => required(stream.logStreamName, 'logStreamName'));
    const tails = await Promise.all(streams.map((stream) => streamTail({ sdk, client }, stream, lines)));
    // A job of several instances has a container each: their lines are told apart by the stream's name.
    if (tails.length < 2) return tails.flat();
    return tails.flatMap((tail, index) => [`--- ${streams[index]?.slice(jobName.length + 1) ?? ''}`, ...tail]);
  });
}

async function streamTail(
  { sdk, client }: Awaited<ReturnType<Logs>>,
  stream: string,
  lines: number,
): Promise<readonly string[]> {
  // GetLogEvents answers at most 10,000 events; without startFromHead the newest come, oldest of them first.
  const limit = Math.min(lines, 10_000);
  const answer = await client.send(
    new sdk.GetLogEventsCommand({ logGroupName: LOG_GROUP, logStreamName: stream, limit, startFromHead: false }),
  );
  return (answer.events ?? []).map((event) => event.message ?? '').slice(-lines);
}
