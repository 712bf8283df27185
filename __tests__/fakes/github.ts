import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string; readonly type: 'Bot' | 'User' };
}

/** Who a token belongs to, and whether it may write. */
const TOKENS: Readonly<Record<string, { login: string; type: 'Bot' | 'User'; writes: boolean }>> = {
  ghs_token: { login: 'github-actions[bot]', type: 'Bot', writes: true },
  ghp_person: { login: 'octocat', type: 'User', writes: true },
  ghs_readonly: { login: 'github-actions[bot]', type: 'Bot', writes: false },
};

const LONGEST_BODY = 65_536;

/** GitHub's API for the comments of pull request 7 of org/models: refuses what GitHub refuses. */
export async function startGitHub() {
  const comments: FakeComment[] = [];
  let lastId = 0;
  const add = (body: string, user: FakeComment['user']) => {
    lastId += 1;
    comments.push({ id: lastId, body, user });
  };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const [status, answer] = route(request, body, { comments, add });
      response.writeHead(status, { 'content-type': 'application/json', ...nextPage(request, answer) });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'event-'));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    comments,
    add,
    /** The environment of a workflow run that this event started. */
    environment(event: object, name = 'pull_request') {
      const path = join(folder, 'event.json');
      writeFileSync(path, JSON.stringify(event));
      return {
        GITHUB_API_URL: url,
        GITHUB_REPOSITORY: 'org/models',
        GITHUB_EVENT_PATH: path,
        GITHUB_EVENT_NAME: name,
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

export type FakeGitHub = Awaited<ReturnType<typeof startGitHub>>;

interface Store {
  readonly comments: FakeComment[];
  readonly add: (body: string, user: FakeComment['user']) => void;
}

function route(request: IncomingMessage, body: string, { comments, add }: Store): readonly [number, unknown] {
  const who = TOKENS[(request.headers.authorization ?? '').replace(/^(Bearer|token) /i, '')];
  if (who === undefined) return [401, { message: 'Bad credentials' }];
  const url = new URL(request.url ?? '', 'http://x');
  const call = `${request.method} ${url.pathname}`;
  if (call === 'GET /user') {
    return who.type === 'Bot' ? [403, { message: 'Resource not accessible by integration' }] : [200, who];
  }
  if (call === 'GET /repos/org/models/issues/7/comments') {
    const [page, size] = [Number(url.searchParams.get('page') ?? 1), Number(url.searchParams.get('per_page') ?? 30)];
    return [200, comments.slice((page - 1) * size, page * size)];
  }
  const edited = /^PATCH \/repos\/org\/models\/issues\/comments\/(\d+)$/.exec(call)?.[1];
  if (call !== 'POST /repos/org/models/issues/7/comments' && edited === undefined)
    return [404, { message: 'Not Found' }];
  if (!who.writes) return [403, { message: 'Resource not accessible by integration' }];
  const text = String((JSON.parse(body) as { body: unknown }).body);
  if (text.length > LONGEST_BODY) return [422, { message: 'Body is too long (maximum is 65536 characters)' }];
  if (edited === undefined) {
    add(text, { login: who.login, type: who.type });
    return [201, comments.at(-1)];
  }
  const comment = comments.find(({ id }) => id === Number(edited));
  if (comment === undefined) return [404, { message: 'Not Found' }];
  comment.body = text;
  return [200, comment];
}

/** GitHub tells the next page of a full one in a Link header. */
function nextPage(request: IncomingMessage, answer: unknown): Readonly<Record<string, string>> {
  const url = new URL(request.url ?? '', `http://${request.headers.host}`);
  const size = Number(url.searchParams.get('per_page') ?? 30);
  if (!Array.isArray(answer) || answer.length < size) return {};
  url.searchParams.set('page', String(Number(url.searchParams.get('page') ?? 1) + 1));
  return { link: `<${url.href}>; rel="next"` };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
