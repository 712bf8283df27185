import { AwsError } from '../contracts.ts';

/** How a service's clients read an error: S3's XML, AWS JSON 1.1, or the query protocol's XML (STS). */
export type Protocol = 's3' | 'json' | 'query';

export type Refusal =
  | 'throttling'
  | 'conflict'
  | 'server-error'
  | 'access-denied'
  | 'expired-credentials'
  | 'missing-credentials'
  | 'unknown-credentials';

type Row = readonly [code: string, httpStatus: number, message: string];

const UNKNOWN_ERROR = 'The request processing has failed because of an unknown error, exception or failure.';
const CONFLICT = 'The conditional request cannot succeed due to a conflicting operation against this resource.';
const EXPIRED = 'The security token included in the request is expired';
const INVALID = 'The security token included in the request is invalid.';

/** What AWS answers for reasons that no single operation owns; codes and texts as the services send them. */
const REFUSALS: Readonly<Record<Protocol, Readonly<Record<Refusal, Row>>>> = {
  s3: {
    throttling: ['SlowDown', 503, 'Please reduce your request rate.'],
    conflict: ['ConditionalRequestConflict', 409, CONFLICT],
    'server-error': ['InternalError', 500, 'We encountered an internal error. Please try again.'],
    'access-denied': ['AccessDenied', 403, 'Access Denied'],
    'expired-credentials': ['ExpiredToken', 400, 'The provided token has expired.'],
    'missing-credentials': ['AccessDenied', 403, 'Access Denied'],
    'unknown-credentials': ['InvalidToken', 400, 'The provided token is malformed or otherwise invalid.'],
  },
  json: {
    throttling: ['ThrottlingException', 400, 'Rate exceeded'],
    conflict: ['ConflictException', 400, 'There was a conflict when you attempted to modify a SageMaker entity.'],
    'server-error': ['InternalFailure', 500, UNKNOWN_ERROR],
    'access-denied': ['AccessDeniedException', 400, 'Access denied'],
    'expired-credentials': ['ExpiredTokenException', 400, EXPIRED],
    'missing-credentials': ['MissingAuthenticationTokenException', 403, 'Missing Authentication Token'],
    'unknown-credentials': ['UnrecognizedClientException', 400, INVALID],
  },
  query: {
    throttling: ['Throttling', 400, 'Rate exceeded'],
    // STS knows no conflicts.
    conflict: ['InternalFailure', 500, UNKNOWN_ERROR],
    'server-error': ['InternalFailure', 500, UNKNOWN_ERROR],
    'access-denied': ['AccessDenied', 403, 'Access denied'],
    'expired-credentials': ['ExpiredToken', 403, EXPIRED],
    'missing-credentials': ['MissingAuthenticationToken', 403, 'Request is missing Authentication Token'],
    'unknown-credentials': ['InvalidClientTokenId', 403, INVALID],
  },
};

export function refusal(protocol: Protocol, reason: Refusal): AwsError {
  const [code, httpStatus, message] = REFUSALS[protocol][reason];
  return new AwsError(code, message, httpStatus);
}

/** Who tried what. `action` has the operation's name, which is not always the IAM action's. */
export interface Attempt {
  readonly callerArn: string;
  readonly action: string;
  readonly resource?: string;
}

/** The text by which AWS names caller, action and the lack of a policy. */
export function accessDenied(protocol: Protocol, attempt: Attempt): AwsError {
  const [code, httpStatus] = REFUSALS[protocol]['access-denied'];
  const { callerArn, action, resource } = attempt;
  const on = resource === undefined ? '' : ` on resource: "${resource}"`;
  const why = `no identity-based policy allows the ${action} action`;
  return new AwsError(
    code,
    `User: ${callerArn} is not authorized to perform: ${action}${on} because ${why}`,
    httpStatus,
  );
}
