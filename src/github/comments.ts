import { readFileSync } from 'node:fs';
import { HttpClient, HttpClientError } from '@actions/http-client';
import { BearerCredentialHandler } from '@actions/http-client/lib/auth';
import type { Environment } from '../core/context.ts';
import { isObject, type JsonObject, parseJsonObject, textIn } from '../core/json.ts';
import type { Comments } from '../report/comment.ts';

/** What of GitHub's REST API the comment needs. */
interface Api {
  /** `https://api.github.com/repos/org/models` */
  readonly repository: string;
  readonly root: string;
  readonly client: HttpClient;
}

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly login: string;
  readonly isBot: boolean;
}

const PAGE = 100;
const MOST_PAGES = 30;

/** Comments of the pull request of the event that started this workflow run. */
export function createComments(environment: Environment): Comments {
  return {
    async keep(marker, body, token) {
      const number = pullRequestNumber(environment);
      if (token === undefined) throw new Error('No comment: the input github-token is empty.');
      const api = openApi(environment, token);
      const found = await findOwn(api, number, marker);
      if (found?.body === body) return 'unchanged';
      const comments = `${api.repository}/issues`;
      if (found === undefined) await told(api.client.postJson(`${comments}/${number}/comments`, { body }));
      else await told(api.client.patchJson(`${comments}/comments/${found.id}`, { body }));
      return found === undefined ? 'created' : 'updated';
    },
  };
}

function openApi(environment: Environment, token: string): Api {
  const root = environment['GITHUB_API_URL'] || 'https://api.github.com';
  const options = { allowRetries: true, maxRetries: 2, socketTimeout: 15_000 };
  const client = new HttpClient('bsm-pytorch-deploy', [new BearerCredentialHandler(token)], options);
  return { root, repository: `${root}/repos/${environment['GITHUB_REPOSITORY'] ?? ''}`, client };
}

/** The newest commit of the branch of a pull request whose event this is; undefined for every other event. */
export function pullRequestHead(environment: Environment): string | undefined {
  const pullRequest = parseJsonObject(readEvent(environment['GITHUB_EVENT_PATH'] ?? ''))?.['pull_request'];
  const head = isObject(pullRequest) ? pullRequest['head'] : undefined;
  return isObject(head) && textIn(head, 'sha') !== '' ? textIn(head, 'sha') : undefined;
}

/** Of a pull request's own events, and of comments on one. */
function pullRequestNumber(environment: Environment): number {
  const event = parseJsonObject(readEvent(environment['GITHUB_EVENT_PATH'] ?? '')) ?? {};
  const issue = event['issue'];
  const commented = isObject(issue) && isObject(issue['pull_request']) ? issue : undefined;
  const number = (isObject(event['pull_request']) ? event['pull_request'] : commented)?.['number'];
  if (typeof number === 'number') return number;
  const name = environment['GITHUB_EVENT_NAME'] || 'without a name';
  throw new Error(
    `No comment: the event ${name} belongs to no pull request. Use comment: true in workflows that start on pull_request.`,
  );
}

function readEvent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The marked comment that is our own: anybody can write the marker, and whose comment it is can edit it. */
async function findOwn(api: Api, number: number, marker: string): Promise<Comment | undefined> {
  const marked: Comment[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const url = `${api.repository}/issues/${number}/comments?per_page=${PAGE}&page=${page}`;
    const comments = await told(api.client.getJson<readonly JsonObject[]>(url));
    marked.push(...comments.map(readComment).filter(({ body }) => body.startsWith(marker)));
    if (comments.length < PAGE) break;
  }
  if (marked.length === 0) return undefined;
  // A person's token tells whose it is. An app's may not ask: its comments are a bot's, and nobody else's can be.
  const me = await api.client.getJson<JsonObject>(`${api.root}/user`).catch(() => undefined);
  const login = me?.result?.['login'];
  return marked.find((comment) => (typeof login === 'string' ? comment.login === login : comment.isBot));
}

function readComment(comment: JsonObject): Comment {
  const user = isObject(comment['user']) ? comment['user'] : {};
  return {
    id: Number(comment['id']),
    body: textIn(comment, 'body'),
    login: textIn(user, 'login'),
    isBot: user['type'] === 'Bot',
  };
}

async function told<T>(request: Promise<{ readonly result: T | null }>): Promise<T> {
  try {
    const { result } = await request;
    // http-client answers null for 404.
    if (result === null) throw new HttpClientError('Not Found', 404);
    return result;
  } catch (thrown) {
    const status = thrown instanceof HttpClientError ? ` (${thrown.statusCode})` : '';
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    const allowed = /\((401|403|404)\)/.test(status)
      ? ' The token may not write comments: give the job `permissions: pull-requests: write`. Pull requests from forks get a token that can only read.'
      : '';
    throw new Error(`The plan could not be put into a comment: ${said}${status}.${allowed}`);
  }
}
