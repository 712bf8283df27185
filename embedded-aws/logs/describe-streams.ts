import type { JsonObject, RequestContext } from '../contracts.ts';
import {
  groupName,
  invalidParameter,
  notFound,
  optionalNumber,
  optionalText,
  readLimit,
  readToken,
  writeToken,
} from './input.ts';
import type { LogBook, LogStream } from './log-book.ts';

const PAGE_LIMIT = 50;

/** @throws AwsError ResourceNotFoundException, InvalidParameterException */
export function describeLogStreams(book: LogBook, input: JsonObject, context: RequestContext): JsonObject {
  const group = groupName(input);
  const prefix = optionalText(input, 'logStreamNamePrefix');
  const byTime = optionalText(input, 'orderBy') === 'LastEventTime';
  if (byTime && prefix !== undefined) {
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  }
  const limit = readLimit(input, PAGE_LIMIT);
  const all = book.streams(context.region, group);
  if (all === undefined) throw notFound('group');
  const found = all.filter(({ name }) => prefix === undefined || name.startsWith(prefix));
  if (byTime) found.sort((a, b) => lastEventMs(a) - lastEventMs(b));
  if (input['descending'] === true) found.reverse();
  const token = readToken(optionalText(input, 'nextToken'));
  const from = token === undefined ? 0 : (optionalNumber(token, 'from') ?? 0);
  const to = from + limit;
  return {
    logStreams: found.slice(from, to).map((stream) => describe(stream, group, context)),
    ...(to < found.length ? { nextToken: writeToken({ from: to }) } : {}),
  };
}

function lastEventMs({ events, createdAtMs }: LogStream): number {
  return events.at(-1)?.timestampMs ?? createdAtMs;
}

function describe({ name, createdAtMs, events }: LogStream, group: string, context: RequestContext): JsonObject {
  const first = events[0];
  const last = events.at(-1);
  return {
    logStreamName: name,
    creationTime: createdAtMs,
    arn: `arn:aws:logs:${context.region}:${context.accountId}:log-group:${group}:log-stream:${name}`,
    storedBytes: 0,
    ...(first === undefined || last === undefined
      ? {}
      : {
          firstEventTimestamp: first.timestampMs,
          lastEventTimestamp: last.timestampMs,
          lastIngestionTime: last.ingestedMs,
        }),
  };
}
