import { AwsError } from '../contracts.ts';
import type { HttpRequest } from './exchange.ts';

/** What a SigV4 signature says about who signed for which region. The signature itself is not verified: */
/** the embedded AWS knows nobody's secret. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly sessionToken?: string;
  /** Only presigned addresses expire by themselves. */
  readonly expiresAtMs?: number;
}

/**
 * Reads the Authorization header, or the query of a presigned address.
 * @returns undefined where the request carries no signature
 * @throws AwsError AuthorizationHeaderMalformed, AuthorizationQueryParametersError
 */
export function readSignature(request: HttpRequest): Signature | undefined {
  const header = request.headers['authorization'];
  if (header !== undefined) return fromHeader(header, request.headers['x-amz-security-token']);
  const credential = request.query.get('X-Amz-Credential');
  return credential === null ? undefined : fromQuery(credential, request.query);
}

function fromHeader(header: string, sessionToken: string | undefined): Signature {
  const credential = /^AWS4-HMAC-SHA256\s.*?\bCredential=([^,\s]+)/.exec(header)?.[1];
  const scope = credential === undefined ? undefined : readScope(credential);
  if (scope === undefined) {
    const expected = 'expecting "AWS4-HMAC-SHA256 Credential=<key>/YYYYMMDD/REGION/SERVICE/aws4_request".';
    throw new AwsError('AuthorizationHeaderMalformed', `The authorization header is malformed; ${expected}`);
  }
  return { ...scope, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

function fromQuery(credential: string, query: URLSearchParams): Signature {
  const scope = readScope(credential);
  const signedAtMs = readBasicDate(query.get('X-Amz-Date') ?? '');
  const lifeSeconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  if (scope === undefined || Number.isNaN(signedAtMs) || Number.isNaN(lifeSeconds)) {
    throw new AwsError(
      'AuthorizationQueryParametersError',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
        'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const sessionToken = query.get('X-Amz-Security-Token');
  return {
    ...scope,
    expiresAtMs: signedAtMs + lifeSeconds * 1000,
    ...(sessionToken === null ? {} : { sessionToken }),
  };
}

function readScope(credential: string): { accessKeyId: string; region: string } | undefined {
  const parts = /^(.+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(credential);
  const accessKeyId = parts?.[1];
  const region = parts?.[3];
  return accessKeyId === undefined || region === undefined ? undefined : { accessKeyId, region };
}

/** `20260131T235959Z` to milliseconds since 1970; NaN where it is none. */
function readBasicDate(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
