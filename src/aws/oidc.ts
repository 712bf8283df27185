import { DeployError } from '../core/errors.ts';
import { printableLine } from '../core/text/printable.ts';

/** Asks GitHub for an OIDC token for this audience. */
export type GetIdToken = (audience: string) => Promise<string>;

/**
 * The token that the role's trust policy looks at.
 * @throws DeployError `credentials-missing` that tells what is missing in the workflow
 */
export async function idToken(audience: string, getIdToken: GetIdToken): Promise<string> {
  try {
    const token = await getIdToken(audience);
    if (token.split('.').length === 3) return token;
    throw new Error(`the answer is no token (${token.length} characters)`);
  } catch (thrown) {
    const said = printableLine(thrown instanceof Error ? thrown.message : String(thrown), 400);
    const missing = /ACTIONS_ID_TOKEN_REQUEST_(URL|TOKEN)/.test(said);
    const found = missing ? 'the job may not ask for one' : said;
    throw new DeployError(
      'credentials-missing',
      `Could not get an OIDC token from GitHub for role-to-assume: ${found}.`,
      {
        advice: missing
          ? 'Give the job `permissions: id-token: write` (a pull request from a fork never has it), or leave role-to-assume away and configure credentials before this step.'
          : 'Run again; githubstatus.com tells whether GitHub issues tokens at the moment.',
        cause: thrown,
      },
    );
  }
}

/** `GitHubActions-org-models-4711`: what CloudTrail shows. Letters, digits and _+=,.@-, 2 to 64 (AssumeRoleWithWebIdentity). */
export function sessionName(repository: string, runUrl: string): string {
  const run = /\/runs\/(\d+)/.exec(runUrl)?.[1] ?? 'local';
  const name = repository
    .split('/')
    .slice(-2)
    .join('-')
    .replace(/[^\w+=,.@-]+/g, '-');
  return `GitHubActions-${name.slice(0, 63 - 'GitHubActions-'.length - run.length)}-${run}`;
}
