/** A proxy in front of an AWS that hands everything on, and switches the answers it is told to: another AWS. */
import { createServer, type IncomingHttpHeaders, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Asked {
  readonly path: string;
  readonly body: string;
  /** Its number among the calls of its operation. */
  readonly call: number;
}

export interface Switch {
  /** `DescribeModel` of a JSON service; of S3 the method, `COPY` for a put with a source: `PUT`, `HEAD`. */
  readonly operation: string;
  /** Where left out: every request. */
  readonly when?: (asked: Asked) => boolean;
  /** Where it needs no answer of the server, that is not asked. */
  readonly answer:
    | ((real: Exchange, asked: Asked) => Exchange)
    | { readonly instead: Exchange | ((asked: Asked) => Exchange) };
}

export interface Switchboard {
  readonly url: string;
  /** How often a switch was used. */
  used(): number;
  close(): Promise<void>;
}

export async function openSwitchboard(target: string, switches: readonly Switch[]): Promise<Switchboard> {
  const calls = new Map<string, number>();
  let used = 0;
  const server = createServer((asked, reply) => {
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      const operation = operationOf(asked.method ?? '', asked.headers);
      const call = (calls.get(operation) ?? 0) + 1;
      calls.set(operation, call);
      const body = Buffer.concat(chunks);
      const seen = { path: asked.url ?? '', body: body.length > 200_000 ? '' : body.toString('utf8'), call };
      const found = switches.find((one) => one.operation === operation && (one.when?.(seen) ?? true));
      if (found !== undefined) used += 1;
      const finish = ({ status, headers, body: answer }: Exchange) => {
        // The checksum is that of the real answer.
        const { 'transfer-encoding': _chunked, 'x-amz-checksum-crc32': _checksum, ...kept } = headers;
        const length = asked.method === 'HEAD' ? (kept['content-length'] ?? '0') : String(answer.length);
        reply.writeHead(status, { ...kept, ...(status === 204 ? {} : { 'content-length': length }) });
        reply.end(answer);
      };
      if (found !== undefined && 'instead' in found.answer) {
        const { instead } = found.answer;
        finish(typeof instead === 'function' ? instead(seen) : instead);
        return;
      }
      const change = found?.answer;
      forward(target, { method: asked.method ?? '', path: asked.url ?? '', headers: asked.headers, body }).then(
        (real) => finish(typeof change === 'function' ? change(real, seen) : real),
        (error: Error) => reply.destroy(error),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    used: () => used,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function operationOf(method: string, headers: IncomingHttpHeaders): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  return headers['x-amz-copy-source'] === undefined ? method : 'COPY';
}

function forward(
  target: string,
  asked: { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer },
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const { 'transfer-encoding': _chunked, ...kept } = asked.headers;
    const headers = { ...kept, ...(asked.body.length > 0 ? { 'content-length': String(asked.body.length) } : {}) };
    const request = send(`${target}${asked.path}`, { method: asked.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
    request.end(asked.body);
  });
}

type JsonObject = Readonly<Record<string, unknown>>;

const JSON_HEADERS = { 'content-type': 'application/x-amz-json-1.1' };

export function accepts(answer: JsonObject = {}): Switch['answer'] {
  return { instead: { status: 200, headers: JSON_HEADERS, body: Buffer.from(JSON.stringify(answer)) } };
}

export function refuses(code: string, message = 'In other words.'): Switch['answer'] {
  const body = Buffer.from(JSON.stringify({ __type: code, message }));
  return { instead: { status: 400, headers: JSON_HEADERS, body } };
}

/** The real answer, changed. */
export function says(change: (answer: Record<string, unknown>) => JsonObject): Switch['answer'] {
  return (real) => {
    if (real.status !== 200) return real;
    const answer = change(JSON.parse(real.body.toString('utf8')) as Record<string, unknown>);
    return { ...real, body: Buffer.from(JSON.stringify(answer)) };
  };
}

/** Every step of ListPipelineExecutionSteps, changed. */
export function steps(change: (step: Record<string, unknown>) => JsonObject): Switch {
  return {
    operation: 'ListPipelineExecutionSteps',
    answer: says((answer) => ({
      ...answer,
      PipelineExecutionSteps: (answer['PipelineExecutionSteps'] as Record<string, unknown>[]).map(change),
    })),
  };
}

/** S3: a status instead of the real one, with nothing in it. */
export function status(code: number, headers: IncomingHttpHeaders = {}): Switch['answer'] {
  return { instead: { status: code, headers, body: Buffer.alloc(0) } };
}

export function xml(text: string, code = 200): Switch['answer'] {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
  return { instead: { status: code, headers: { 'content-type': 'application/xml' }, body } };
}
