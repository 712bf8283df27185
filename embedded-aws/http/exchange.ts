import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { AwsError } from '../contracts.ts';

/** A request as services see it: no sockets, and a body that is asked for only when it is wanted. */
export interface HttpRequest {
  readonly method: string;
  /** Percent-encoded as it came, without the query; S3 keys such as `a//b` and `a/../b` must not be normalised. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body, once. A client that waits for it (`Expect: 100-continue`) is told to go on. */
  body(): Readable;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

/** @param options.waits the client sent `Expect: 100-continue` and has not been answered yet */
export function readRequest(
  message: IncomingMessage,
  response: ServerResponse,
  options: { waits: boolean },
): HttpRequest {
  const target = message.url ?? '/';
  const queryAt = target.indexOf('?');
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  let waits = options.waits;
  return {
    method: message.method ?? 'GET',
    rawPath: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt + 1)),
    headers,
    body: () => {
      if (waits) {
        waits = false;
        response.writeContinue();
      }
      return message;
    },
  };
}

/**
 * @param limitBytes what is longer is refused: only small documents are read into memory
 * @throws AwsError RequestEntityTooLarge
 */
export async function readSmallBody(request: HttpRequest, limitBytes = 8 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body() as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) {
      throw new AwsError('RequestEntityTooLarge', `The request body is longer than ${limitBytes} bytes.`, 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

/** A stream that nobody will read still holds an open file. */
export function discardReply(reply: Reply): void {
  if (reply.body instanceof Readable) reply.body.destroy();
}
