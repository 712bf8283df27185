import {
  createServer,
  request as send,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to AWS as it went over the wire: with the headers and the body that IAM takes its condition keys from. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RecordingProxy {
  readonly url: string;
  /** What came in since the last call. */
  take(): readonly WireRequest[];
  close(): Promise<void>;
}

/** Hands every request on to `target` and remembers it. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  let seen: WireRequest[] = [];
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method = 'GET', headers, url = '/' } = incoming;
      seen.push({ method, headers, url: new URL(url, target), body: isJson(headers) ? body.toString('utf8') : '' });
      forward(incoming, { body, target, answer });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const isJson = (headers: IncomingHttpHeaders) => headers['x-amz-target'] !== undefined;

interface Forward {
  readonly body: Buffer;
  readonly target: string;
  readonly answer: ServerResponse;
}

/** With the headers as they came, the host among them: the signature says to whom the request was addressed. */
function forward(incoming: IncomingMessage, { body, target, answer }: Forward): void {
  const { hostname, port } = new URL(target);
  const { method, url: path, headers } = incoming;
  const onward = send({ hostname, port, method, path, headers: withoutExpect(headers) }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  onward.end(body);
}

/** This server has answered `Expect: 100-continue` itself. */
function withoutExpect(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'expect'));
}
