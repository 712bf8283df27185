import { randomBytes } from 'node:crypto';
import type { Clock } from '../contracts.ts';
import type { Signature } from '../http/signature.ts';

export interface Caller {
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
}

export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

/** Who is behind an access key. Keys that nobody issued here are accepted as the account's own. */
export interface CallerBook {
  caller(accessKeyId: string): Caller;
  standing(signature: Signature): 'valid' | 'expired' | 'unknown';
  issue(role: { accountId: string; name: string; session: string }, seconds: number): IssuedCredentials & Caller;
}

interface Issued extends IssuedCredentials {
  readonly caller: Caller;
}

export function createCallerBook(accountId: string, clock: Clock): CallerBook {
  const issuedByKey = new Map<string, Issued>();
  const standard: Caller = {
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/embedded/session`,
    userId: 'AROAEMBEDDEDAWS000000:session',
  };
  return {
    caller: (accessKeyId) => issuedByKey.get(accessKeyId)?.caller ?? standard,
    standing({ accessKeyId, sessionToken }) {
      const issued = issuedByKey.get(accessKeyId);
      if (issued === undefined) return 'valid';
      if (issued.sessionToken !== sessionToken) return 'unknown';
      return issued.expiresAtMs <= clock.nowMs() ? 'expired' : 'valid';
    },
    issue(role, seconds) {
      const roleId = `AROA${identifier(17)}`;
      const caller: Caller = {
        accountId: role.accountId,
        arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${role.session}`,
        userId: `${roleId}:${role.session}`,
      };
      const credentials: IssuedCredentials = {
        accessKeyId: `ASIA${identifier(16)}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(120).toString('base64'),
        expiresAtMs: clock.nowMs() + seconds * 1000,
      };
      issuedByKey.set(credentials.accessKeyId, { ...credentials, caller });
      return { ...credentials, ...caller };
    },
  };
}

/** Letters and digits as AWS's identifiers have them. */
function identifier(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('');
}
