import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Json, JsonObject } from '../../embedded-aws/contracts.ts';

/** PyPI's `moto[server]`: an AWS that other people wrote, as a process of its own. */
export interface Moto {
  readonly url: string;
  /** One call by the JSON protocol, for example `SageMaker.CreateModel`. @throws Error with what moto answered */
  call(target: string, input: Json, region?: string): Promise<JsonObject>;
  s3(method: 'GET' | 'PUT', path: string, body?: Uint8Array): Promise<Buffer>;
  close(): Promise<void>;
}

/** Where the other programs of `.ci/run` are installed; undefined where moto is not. */
export function motoServer(): string | undefined {
  const folder = process.env['BSM_TOOLS_BIN'];
  return folder ? `${folder}/moto_server` : undefined;
}

export async function startMoto(program: string): Promise<Moto> {
  const child = spawn(program, ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await listening(child);
  return {
    url,
    async call(target, input, region = 'us-east-1') {
      const [service = ''] = target.toLowerCase().split(/[._]/);
      const headers = {
        ...signed(service, region),
        'x-amz-target': target,
        'content-type': 'application/x-amz-json-1.1',
      };
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${target}: ${answer.status} ${text}`);
      return text === '' ? {} : (JSON.parse(text) as JsonObject);
    },
    async s3(method, path, body) {
      const init = { method, headers: signed('s3', 'us-east-1'), ...(body === undefined ? {} : { body }) };
      const answer = await fetch(`${url}/${path}`, init as RequestInit);
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${bytes.toString()}`);
      return bytes;
    },
    async close() {
      const closed = once(child, 'close');
      child.kill();
      await closed;
    },
  };
}

/** moto checks no signature, but tells service and region from its scope. */
function signed(service: string, region: string): Record<string, string> {
  const scope = `AKIADRIVER/20260101/${region}/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}

/** Port 0 takes any free one; moto prints which. */
function listening(child: ChildProcess): Promise<string> {
  let printed = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`moto_server ended with ${code}: ${printed}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
  });
}
