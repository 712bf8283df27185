import type { Comments } from '../report/comment.ts';

type GitHub = typeof import('@actions/github');
type Octokit = ReturnType<GitHub['getOctokit']>;

/** The pull request whose comments are meant. */
interface PullRequest {
  readonly owner: string;
  readonly repo: string;
  readonly issue_number: number;
}

/** All requests for one comment have to be answered within this. */
const TIMEOUT_MS = 60_000;

/** Comments of the pull request of the event that started this workflow run. */
export function createComments(): Comments {
  return {
    async headCommit() {
      const { context } = await import('@actions/github');
      const head: unknown = context.payload.pull_request?.['head'];
      const sha: unknown = Reflect.get(Object(head), 'sha');
      return typeof sha === 'string' && sha !== '' ? sha : undefined;
    },
    async keep(marker, body, token) {
      // Loaded here: most runs comment on nothing, and their first AWS request must not wait for it.
      const github = await import('@actions/github');
      const { defaults } = await import('@actions/github/lib/utils');
      const pullRequest = pullRequestOf(github.context);
      if (token === undefined) throw new Error('No comment: the input github-token is empty.');
      const octokit = github.getOctokit(token, {
        baseUrl: github.context.apiUrl,
        // Without its own, which go through a proxy, the options of a request would be ours alone.
        request: { ...defaults.request, signal: AbortSignal.timeout(TIMEOUT_MS) },
      });
      try {
        return await keepComment(octokit, pullRequest, { marker, body });
      } catch (thrown) {
        throw new Error(explain(thrown), { cause: thrown });
      }
    },
  };
}

async function keepComment(
  octokit: Octokit,
  pullRequest: PullRequest,
  { marker, body }: { readonly marker: string; readonly body: string },
): Promise<'created' | 'updated' | 'unchanged'> {
  const { owner, repo } = pullRequest;
  const found = await findOwn(octokit, pullRequest, marker);
  if (found?.body === body) return 'unchanged';
  if (found === undefined)
    await octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...pullRequest, body });
  else
    await octokit.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      owner,
      repo,
      comment_id: found.id,
      body,
    });
  return found === undefined ? 'created' : 'updated';
}

/** Of a pull request's own events, and of comments on one. */
function pullRequestOf(context: GitHub['context']): PullRequest {
  const { payload, eventName } = context;
  const commented = payload.issue?.['pull_request'] === undefined ? undefined : payload.issue;
  const number = (payload.pull_request ?? commented)?.number;
  if (number !== undefined) return { ...context.repo, issue_number: number };
  throw new Error(
    `No comment: the event ${eventName || 'without a name'} belongs to no pull request. Use comment: true in workflows that start on pull_request.`,
  );
}

/** The marked comment that is our own: anybody can write the marker, and whose comment it is can edit it. */
async function findOwn(octokit: Octokit, pullRequest: PullRequest, marker: string) {
  const all = await octokit.paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...pullRequest,
    per_page: 100,
  });
  const marked = all.filter((comment) => comment.body?.startsWith(marker) === true);
  if (marked.length === 0) return undefined;
  // A token of a person shows whose it is. An app's may not ask: its comments are a bot's, and nobody else's can be.
  const login = await octokit.request('GET /user').then(
    ({ data }) => data.login,
    () => undefined,
  );
  return marked.find(({ user }) => (login === undefined ? user?.type === 'Bot' : user?.login === login));
}

function explain(thrown: unknown): string {
  const status: unknown = Reflect.get(Object(thrown), 'status');
  const text =
    thrown instanceof Error ? thrown.message.replace(/ - https:\/\/docs\.github\.com\S*/, '') : String(thrown);
  const allowed =
    status === 401 || status === 403 || status === 404
      ? ' The token may not write comments: give the job `permissions: pull-requests: write`. Pull requests from forks get a token that can only read.'
      : '';
  return `The plan could not be put into a comment: ${text}${typeof status === 'number' ? ` (${status})` : ''}.${allowed}`;
}
