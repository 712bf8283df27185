import type { JsonObject, RequestContext } from '../contracts.ts';
import {
  groupName,
  invalidParameter,
  notFound,
  optionalNumber,
  optionalText,
  readLimit,
  requiredText,
} from './input.ts';
import type { LogBook, LogEvent } from './log-book.ts';

/** 10,000 events, or as many as fit into 1 MiB counting 26 bytes for each: the service's documented page. */
const EVENT_LIMIT = 10_000;
const PAGE_BYTES = 1024 * 1024;
const EVENT_OVERHEAD_BYTES = 26;

/**
 * One page of a stream. Tokens name a place between two events, `f/` to read on from there and `b/` to read what is
 * before; at an end, the token that comes back is the one that was sent.
 * @throws AwsError ResourceNotFoundException, InvalidParameterException
 */
export function getLogEvents(book: LogBook, input: JsonObject, context: RequestContext): JsonObject {
  const streams = book.streams(context.region, groupName(input));
  if (streams === undefined) throw notFound('group');
  const wanted = requiredText(input, 'logStreamName');
  const stream = streams.find(({ name }) => name === wanted);
  if (stream === undefined) throw notFound('stream');
  const events = inTimeRange(stream.events, input);
  const { forward, place } = readPlace(input, events.length);
  const limit = readLimit(input, EVENT_LIMIT);
  const page = forward ? pageFrom(events, place, limit) : pageBefore(events, place, limit);
  return {
    events: events.slice(page.from, page.to).map(eventJson),
    nextForwardToken: `f/${page.to}/s`,
    nextBackwardToken: `b/${page.from}/s`,
  };
}

function eventJson({ timestampMs, message, ingestedMs }: LogEvent): JsonObject {
  return { timestamp: timestampMs, message, ingestionTime: ingestedMs };
}

/** From `startTime`, which counts, to `endTime`, which does not. */
function inTimeRange(events: readonly LogEvent[], input: JsonObject): readonly LogEvent[] {
  const startMs = optionalNumber(input, 'startTime') ?? 0;
  const endMs = optionalNumber(input, 'endTime') ?? Number.POSITIVE_INFINITY;
  return events.filter(({ timestampMs }) => timestampMs >= startMs && timestampMs < endMs);
}

function readPlace(input: JsonObject, eventCount: number): { forward: boolean; place: number } {
  const token = optionalText(input, 'nextToken');
  if (token === undefined) {
    const forward = input['startFromHead'] === true;
    return { forward, place: forward ? 0 : eventCount };
  }
  const [, direction, place] = /^([fb])\/(\d+)\/s$/.exec(token) ?? [];
  if (place === undefined) throw invalidParameter('The specified nextToken is invalid.');
  return { forward: direction === 'f', place: Math.min(Number(place), eventCount) };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function pageFrom(events: readonly LogEvent[], from: number, limit: number): Span {
  let to = from;
  let leftBytes = PAGE_BYTES;
  while (to < events.length && to - from < limit) {
    leftBytes -= sizeBytes(events[to]);
    if (leftBytes < 0) break;
    to++;
  }
  return { from, to };
}

function pageBefore(events: readonly LogEvent[], to: number, limit: number): Span {
  let from = to;
  let leftBytes = PAGE_BYTES;
  while (from > 0 && to - from < limit) {
    leftBytes -= sizeBytes(events[from - 1]);
    if (leftBytes < 0) break;
    from--;
  }
  return { from, to };
}

function sizeBytes(event: LogEvent | undefined): number {
  return Buffer.byteLength(event?.message ?? '') + EVENT_OVERHEAD_BYTES;
}
