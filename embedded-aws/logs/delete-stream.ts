import type { JsonObject, RequestContext } from '../contracts.ts';
import { notFound, requiredText } from './input.ts';
import type { LogBook } from './log-book.ts';

/**
 * The group stays, also without a stream.
 * @throws AwsError ResourceNotFoundException, InvalidParameterException
 */
export function deleteLogStream(book: LogBook, input: JsonObject, context: RequestContext): JsonObject {
  const group = requiredText(input, 'logGroupName');
  const stream = requiredText(input, 'logStreamName');
  const streams = book.streams(context.region, group);
  if (streams === undefined) throw notFound('group');
  if (!streams.some(({ name }) => name === stream)) throw notFound('stream');
  book.remove({ region: context.region, group, stream });
  return {};
}
