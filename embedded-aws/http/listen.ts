import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './answer.ts';
import type { HttpRequest, Reply } from './exchange.ts';
import { discardReply, readRequest } from './exchange.ts';

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Idle connections stay open far longer than any client's pool keeps them, so that none is reused just as it closes. */
const KEEP_ALIVE_MS = 10 * 60_000;

/** Serves on loopback only. The embedded AWS runs whatever a caller sends it: it must never be reachable from outside. */
export async function listen(port: number, answer: (request: HttpRequest) => Promise<Answer>): Promise<Listener> {
  const onRequest = (options: { waits: boolean }) => (message: IncomingMessage, response: ServerResponse) => {
    const request = readRequest(message, response, options);
    respond(request, { message, response, answer, waits: options.waits }).catch(() => message.socket.destroy());
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, onRequest({ waits: false }));
  server.on('checkContinue', onRequest({ waits: true }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Connection {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: (request: HttpRequest) => Promise<Answer>;
  readonly waits: boolean;
}

async function respond(request: HttpRequest, connection: Connection): Promise<void> {
  const answer = await connection.answer(request);
  if (answer.kind === 'reset') {
    connection.message.socket.resetAndDestroy();
    return;
  }
  await send(answer.reply, connection);
}

async function send(reply: Reply, { message, response, waits }: Connection): Promise<void> {
  if (response.destroyed) return discardReply(reply);
  // A client that was never told to go on may send its body or not: this connection cannot be used again.
  if (waits && !message.complete) response.setHeader('connection', 'close');
  response.writeHead(reply.status, reply.headers);
  if (message.method === 'HEAD' || reply.body === undefined) {
    discardReply(reply);
    response.end();
  } else if (reply.body instanceof Readable) {
    await pipeline(reply.body, response);
  } else {
    response.end(reply.body);
  }
}
