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
import { eventJson, inTimeRange } from './get-events.ts';
import type { LogBook, LogStream } from './log-book.ts';

const EVENT_LIMIT = 10_000;

/**
 * Events of several streams, by time. Of filter patterns, the plain ones are known: terms that all must occur,
 * `"quoted terms"`, `-term` that must not, `?term` of which one must.
 * @throws AwsError ResourceNotFoundException, InvalidParameterException
 */
export function filterLogEvents(book: LogBook, input: JsonObject, context: RequestContext): JsonObject {
  const streams = book.streams(context.region, groupName(input));
  if (streams === undefined) throw notFound('group');
  const limit = readLimit(input, EVENT_LIMIT);
  const matches = compilePattern(optionalText(input, 'filterPattern') ?? '');
  const found = chooseStreams(streams, input)
    .flatMap(({ name, events }) =>
      inTimeRange(events, input).map((event, index) => ({ name, event, id: `${name}/${index}` })),
    )
    .filter(({ event }) => matches(event.message))
    .sort((a, b) => a.event.timestampMs - b.event.timestampMs);
  const token = readToken(optionalText(input, 'nextToken'));
  const from = token === undefined ? 0 : (optionalNumber(token, 'from') ?? 0);
  const to = from + limit;
  return {
    events: found.slice(from, to).map(({ name, event, id }) => ({
      logStreamName: name,
      ...eventJson(event),
      eventId: Buffer.from(id).toString('base64url'),
    })),
    searchedLogStreams: [],
    ...(to < found.length ? { nextToken: writeToken({ from: to }) } : {}),
  };
}

function chooseStreams(streams: readonly LogStream[], input: JsonObject): LogStream[] {
  const names = input['logStreamNames'];
  const prefix = optionalText(input, 'logStreamNamePrefix');
  if (Array.isArray(names) && prefix !== undefined) {
    throw invalidParameter('Cannot specify both logStreamNames and logStreamNamePrefix in the same request.');
  }
  if (!Array.isArray(names)) return streams.filter(({ name }) => prefix === undefined || name.startsWith(prefix));
  const chosen = streams.filter(({ name }) => names.includes(name));
  if (chosen.length < new Set(names).size) throw notFound('stream');
  return chosen;
}

function compilePattern(pattern: string): (message: string) => boolean {
  const trimmed = pattern.trim();
  if (/^[{[%]/.test(trimmed)) {
    throw invalidParameter(`Invalid filter pattern: the embedded AWS knows plain terms only; found ${trimmed}`);
  }
  const terms = trimmed.match(/[?-]?"[^"]*"|\S+/g) ?? [];
  const word = (term: string) => term.replace(/^[?-]/, '').replace(/^"(.*)"$/s, '$1');
  const excluded = terms.filter((term) => term.startsWith('-')).map(word);
  const anyOf = terms.filter((term) => term.startsWith('?')).map(word);
  const allOf = terms.filter((term) => !/^[?-]/.test(term)).map(word);
  return (message) =>
    allOf.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (anyOf.length === 0 || anyOf.some((term) => message.includes(term)));
}
