import type { JsonObject, JsonService, RequestContext } from '../contracts.ts';
import { AwsError } from '../contracts.ts';
import { deleteLogStream } from './delete-stream.ts';
import { describeLogStreams } from './describe-streams.ts';
import { getLogEvents } from './get-events.ts';
import type { LogBook } from './log-book.ts';

type LogsOperation = (book: LogBook, input: JsonObject, context: RequestContext) => JsonObject;

const OPERATIONS: Readonly<Record<string, LogsOperation>> = {
  DescribeLogStreams: describeLogStreams,
  GetLogEvents: getLogEvents,
  DeleteLogStream: deleteLogStream,
};

export function createLogsService(book: LogBook): JsonService {
  return {
    targetPrefix: 'Logs_20140328',
    async handle(operation, input, context) {
      const perform = OPERATIONS[operation];
      if (perform === undefined)
        throw new AwsError('UnknownOperationException', `The embedded CloudWatch Logs has no ${operation}.`);
      return perform(book, input, context);
    },
  };
}
