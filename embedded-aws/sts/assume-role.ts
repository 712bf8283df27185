import type { Clock } from '../contracts.ts';
import { AwsError } from '../contracts.ts';
import type { XmlTree } from '../xml.ts';
import type { Caller, CallerBook, IssuedCredentials } from './callers.ts';

const DURATION_SECONDS = { least: 900, most: 43_200, standard: 3600 };

/** What a conformance run asks for to see how a role is bound, and who owns another account in a test. */
export function assumeRole(form: URLSearchParams, callers: CallerBook): XmlTree {
  return rolesTree(issue(form, callers));
}

/** @throws AwsError InvalidIdentityToken, ExpiredTokenException, ValidationError */
export function assumeRoleWithWebIdentity(form: URLSearchParams, callers: CallerBook, clock: Clock): XmlTree {
  const claims = readToken(required(form, 'WebIdentityToken', { least: 4, most: 20_000 }), clock);
  return {
    ...rolesTree(issue(form, callers)),
    SubjectFromWebIdentityToken: claims.sub,
    Audience: claims.aud,
    Provider: claims.iss,
  };
}

function issue(form: URLSearchParams, callers: CallerBook): IssuedCredentials & Caller {
  const roleArn = required(form, 'RoleArn', { least: 20, most: 2048 });
  const session = required(form, 'RoleSessionName', { least: 2, most: 64 });
  const [, accountId, path] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/([\w+=,.@/-]{1,512})$/.exec(roleArn) ?? [];
  const name = path?.split('/').at(-1);
  if (accountId === undefined || name === undefined || name === '') {
    throw new AwsError('ValidationError', `${roleArn} is invalid`);
  }
  if (!/^[\w+=,.@-]+$/.test(session)) {
    throw invalid(session, 'roleSessionName', 'Member must satisfy regular expression pattern: [\\w+=,.@-]*');
  }
  return callers.issue({ accountId, name, session }, readDuration(form.get('DurationSeconds')));
}

function readDuration(text: string | null): number {
  const { least, most, standard } = DURATION_SECONDS;
  if (text === null || text === '') return standard;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return seconds;
  const bound = seconds < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
  throw invalid(text, 'durationSeconds', `Member must have value ${bound}`);
}

function required(form: URLSearchParams, name: string, length: { least: number; most: number }): string {
  const value = form.get(name);
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  if (value === null)
    throw new AwsError('ValidationError', validation(`Value null at '${member}'`, 'Member must not be null'));
  if (value.length < length.least) {
    throw invalid(value, member, `Member must have length greater than or equal to ${length.least}`);
  }
  if (value.length > length.most) {
    throw invalid(value, member, `Member must have length less than or equal to ${length.most}`);
  }
  return value;
}

function invalid(value: string, member: string, constraint: string): AwsError {
  return new AwsError('ValidationError', validation(`Value '${value}' at '${member}'`, constraint));
}

function validation(subject: string, constraint: string): string {
  return `1 validation error detected: ${subject} failed to satisfy constraint: ${constraint}`;
}

interface Claims {
  readonly sub: string;
  readonly aud: string;
  readonly iss: string;
}

/** Looks at shape and expiry; nobody's signing keys are known here. */
function readToken(token: string, clock: Clock): Claims {
  const claims = decodeClaims(token);
  if (claims === undefined) {
    const hint = '(You may see this error if you sent an Access Token)';
    throw new AwsError('InvalidIdentityToken', `The ID Token provided is not a valid JWT. ${hint}`);
  }
  const { sub, aud, iss, exp } = claims;
  if (typeof exp === 'number' && exp * 1000 <= clock.nowMs()) {
    const now = Math.floor(clock.nowMs() / 1000);
    const message = `Token expired: current date/time ${now} must be before the expiration date/time ${exp}`;
    throw new AwsError('ExpiredTokenException', message);
  }
  return {
    sub: text(sub, 'embedded'),
    aud: text(Array.isArray(aud) ? aud[0] : aud, 'sts.amazonaws.com'),
    iss: text(iss, ''),
  };
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function decodeClaims(token: string): Record<string, unknown> | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || parts.some((part) => !/^[\w-]+$/.test(part))) return undefined;
  try {
    const [header, payload] = parts
      .slice(0, 2)
      .map((part): unknown => JSON.parse(Buffer.from(part, 'base64url').toString()));
    const bothObjects =
      typeof header === 'object' && header !== null && typeof payload === 'object' && payload !== null;
    return bothObjects ? (payload as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function rolesTree(issued: IssuedCredentials & Caller): XmlTree {
  return {
    AssumedRoleUser: { Arn: issued.arn, AssumedRoleId: issued.userId },
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: new Date(issued.expiresAtMs).toISOString(),
    },
  };
}
