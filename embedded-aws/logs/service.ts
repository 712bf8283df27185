import type { JsonObject, JsonService, RequestContext } from '../contracts.ts';
import { AwsError } from '../contracts.ts';
import { describeLogStreams } from './describe-streams.ts';
import { filterLogEvents } from './filter-events.ts';
import { getLogEvents } from './get-events.ts';
import { notFound, requiredText } from './input.ts';
import type { LogBook } from './log-book.ts';

type LogsOperation = (book: LogBook, input: JsonObject, context: RequestContext) => JsonObject;

const OPERATIONS: Readonly<Record<string, LogsOperation>> = {
  CreateLogGroup: createLogGroup,
  CreateLogStream: createLogStream,
  PutLogEvents: putLogEvents,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  GetLogEvents: getLogEvents,
  FilterLogEvents: filterLogEvents,
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

function createLogGroup(book: LogBook, input: JsonObject, { region }: RequestContext): JsonObject {
  const group = requiredText(input, 'logGroupName');
  if (book.hasGroup(region, group)) throw alreadyExists('group');
  book.createGroup(region, group);
  return {};
}

function createLogStream(book: LogBook, input: JsonObject, { region }: RequestContext): JsonObject {
  const group = requiredText(input, 'logGroupName');
  const stream = requiredText(input, 'logStreamName');
  const streams = book.streams(region, group);
  if (streams === undefined) throw notFound('group');
  if (streams.some(({ name }) => name === stream)) throw alreadyExists('stream');
  book.createStream(region, group, stream);
  return {};
}

function alreadyExists(what: 'group' | 'stream'): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified log ${what} already exists`);
}

function putLogEvents(book: LogBook, input: JsonObject, context: RequestContext): JsonObject {
  const group = requiredText(input, 'logGroupName');
  const stream = requiredText(input, 'logStreamName');
  const streams = book.streams(context.region, group);
  if (streams === undefined) throw notFound('group');
  if (!streams.some(({ name }) => name === stream)) throw notFound('stream');
  const events = (Array.isArray(input['logEvents']) ? input['logEvents'] : []) as JsonObject[];
  const lines = events.map(({ timestamp, message }) => ({
    atMs: Number(timestamp),
    message: typeof message === 'string' ? message : '',
  }));
  book.append(context, group, stream, lines);
  return { nextSequenceToken: '0' };
}

function describeLogGroups(book: LogBook, input: JsonObject, { region, accountId }: RequestContext): JsonObject {
  const prefix = input['logGroupNamePrefix'];
  const names = book.groups(region).filter((name) => typeof prefix !== 'string' || name.startsWith(prefix));
  return {
    logGroups: names.map((name) => ({
      logGroupName: name,
      arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}:*`,
    })),
  };
}
