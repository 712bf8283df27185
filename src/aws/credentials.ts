import { DeployError } from '../core/errors.ts';
import { printableLine } from '../core/text.ts';
import { awsError, errorKind, isTransient, sdkErrorFacts } from './errors.ts';

/** Which role to assume by GitHub OIDC, and how. */
export interface RoleSession {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly audience: string;
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface CredentialSources {
  readonly getIdToken: GetIdToken;
  /** AssumeRoleWithWebIdentity. */
  readonly assume: (session: RoleSession, token: string) => Promise<RoleCredentials>;
  readonly nowMs: () => number;
  /** Told every secret before it is used. */
  readonly mask: (secret: string) => void;
}

/** Renewed this long before they end: a call that begins with them also ends with them. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** A renewal that failed is tried again after this, while the old credentials hold. */
const TRY_AGAIN_MS = 30_000;

/**
 * Credentials of the role, renewed for as long as the run lasts; one renewal at a time serves all clients. Each takes a
 * new OIDC token: GitHub's end after minutes.
 */
export function roleCredentials(session: RoleSession, sources: CredentialSources): () => Promise<RoleCredentials> {
  let held: RoleCredentials | undefined;
  let renewal: Promise<RoleCredentials> | undefined;
  let notBeforeMs = 0;
  const renew = async (): Promise<RoleCredentials> => {
    try {
      return (held = await assumeRole(session, sources));
    } catch (thrown) {
      if (held === undefined || held.expiration.getTime() <= sources.nowMs()) throw thrown;
      notBeforeMs = sources.nowMs() + TRY_AGAIN_MS;
      return held;
    } finally {
      renewal = undefined;
    }
  };
  return () => {
    const leftMs = (held?.expiration.getTime() ?? 0) - sources.nowMs();
    const waits = leftMs > 0 && sources.nowMs() < notBeforeMs;
    if (held !== undefined && (leftMs > RENEW_BEFORE_MS || waits)) return Promise.resolve(held);
    return (renewal ??= renew());
  };
}

async function assumeRole(session: RoleSession, { assume, getIdToken, mask }: CredentialSources) {
  const token = await idToken(session.audience, getIdToken);
  mask(token);
  try {
    const credentials = await assume(session, token);
    mask(credentials.secretAccessKey);
    mask(credentials.sessionToken);
    return credentials;
  } catch (thrown) {
    throw roleError(thrown, session);
  }
}

// What STS calls the three ways in which a trust can fail, and what each usually comes from.
const TRUST: readonly (readonly [RegExp, string])[] = [
  [
    /^AccessDenied/,
    "The role's trust policy does not take this token: compare its `sub` condition (repo:owner/name:...) and `aud` condition with this repository, ref, environment and the input audience.",
  ],
  [
    /^InvalidIdentityToken/,
    'The account has no identity provider for token.actions.githubusercontent.com, or it does not list the input audience.',
  ],
  [/^IDPCommunicationError/, 'AWS could not reach GitHub to verify the token. Run again.'],
  [/^ExpiredToken/, "GitHub's token had expired when AWS checked it: the runner's clock may be wrong."],
  [
    /^ValidationError/,
    "role-duration-seconds must not be above the role's maximum session duration; role-to-assume must be an existing role.",
  ],
];

function roleError(thrown: unknown, { roleArn, audience }: RoleSession): DeployError {
  const doing = `assume ${roleArn} by GitHub OIDC (audience ${audience})`;
  if (isTransient(thrown) || errorKind(thrown) === 'unreachable') return awsError(thrown, doing);
  const { name, message } = sdkErrorFacts(thrown);
  const advice = TRUST.find(([pattern]) => pattern.test(name))?.[1] ?? '';
  const said = printableLine(`${name}: ${message}`, 600);
  return new DeployError('credentials-missing', `Could not ${doing}: ${said}${/[.!?]$/.test(said) ? '' : '.'}`, {
    advice,
    cause: thrown,
  });
}

/** Asks GitHub for an OIDC token for this audience. */
type GetIdToken = (audience: string) => Promise<string>;

/**
 * The token that the role's trust policy checks.
 * @throws DeployError `credentials-missing` that says what is missing in the workflow
 */
async function idToken(audience: string, getIdToken: GetIdToken): Promise<string> {
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
          : 'Run again; githubstatus.com says whether GitHub issues tokens at the moment.',
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
