import { DeployError, type ErrorCode } from '../core/errors.ts';
import { printableLine } from '../core/text.ts';

/** What an error of the SDK means to us. */
export type AwsErrorKind =
  | 'not-found'
  | 'already-exists'
  | 'precondition-failed'
  | 'conflict'
  | 'archived'
  | 'access-denied'
  | 'throttled'
  | 'expired-credentials'
  | 'no-credentials'
  | 'wrong-region'
  | 'unreachable'
  | 'cancelled'
  | 'server'
  | 'invalid'
  | 'other';

/** The fields of an SDK error that decide; everything is optional, since anything may be thrown. */
export interface SdkErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly httpStatus: number | undefined;
}

const BY_NAME: readonly (readonly [AwsErrorKind, RegExp])[] = [
  ['cancelled', /^RunCancelled$/],
  ['expired-credentials', /^(ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired)$/],
  ['throttled', /^(Throttling(Exception)?|TooManyRequestsException|SlowDown|RequestLimitExceeded|Throttled)$/],
  ['access-denied', /^(AccessDenied(Exception)?|Forbidden|UnauthorizedOperation|NotAuthorized)$/],
  [
    'no-credentials',
    /^(CredentialsProviderError|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|MissingAuthenticationToken(Exception)?|TokenProviderError)$/,
  ],
  ['precondition-failed', /^PreconditionFailed$/],
  // Of S3, too: it does not mean that the object is there.
  ['conflict', /^(ConflictException|ConditionalRequestConflict|OperationAborted)$/],
  ['archived', /^InvalidObjectState$/],
  // Of a job whose name is taken, in whatever words.
  ['already-exists', /^ResourceInUse(Exception)?$/],
  ['wrong-region', /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/],
  ['not-found', /^(ResourceNotFound(Exception)?|NoSuchKey|NoSuchBucket|NotFound|NoSuchVersion)$/],
  [
    'unreachable',
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ECONNRESET|EPIPE|ETIMEDOUT|TimeoutError|NetworkingError|EHOSTUNREACH)$/,
  ],
];

// SageMaker says that something is not there as a plain ValidationException, in one of these wordings.
const SAYS_INVALID = /^(ValidationException|ValidationError|InvalidRequestException|BadRequest(Exception)?)$/;
const NOT_THERE = /does not exist|(could not|cannot) find/i;

const BY_STATUS: Readonly<Record<number, AwsErrorKind>> = {
  301: 'wrong-region',
  403: 'access-denied',
  404: 'not-found',
  412: 'precondition-failed',
  429: 'throttled',
};

export function errorKind(thrown: unknown): AwsErrorKind {
  const { name, message, httpStatus } = sdkErrorFacts(thrown);
  // SageMaker says both of these with a plain ValidationException.
  if (/already exists|names must be unique/i.test(message)) return 'already-exists';
  if (SAYS_INVALID.test(name) && NOT_THERE.test(message)) return 'not-found';
  const byName = BY_NAME.find(([, pattern]) => pattern.test(name));
  if (byName !== undefined) return byName[0];
  if (name === 'ValidationException') return 'invalid';
  if (httpStatus !== undefined && httpStatus >= 500) return 'server';
  return BY_STATUS[httpStatus ?? 0] ?? 'other';
}

export function sdkErrorFacts(thrown: unknown): SdkErrorFacts {
  if (typeof thrown !== 'object' || thrown === null)
    return { name: 'Error', message: String(thrown), httpStatus: undefined };
  const name = text(thrown, 'name') ?? 'Error';
  const metadata =
    'Code' in thrown || '$metadata' in thrown
      ? (thrown as { $metadata?: { httpStatusCode?: number } }).$metadata
      : undefined;
  const code = text(thrown, 'code');
  return {
    name: name === 'Error' || name === 'AggregateError' || name === 'SystemError' ? (code ?? name) : name,
    message: text(thrown, 'message') ?? '',
    httpStatus: metadata?.httpStatusCode,
  };
}

function text(value: object, key: string): string | undefined {
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'string' ? found : undefined;
}

const CODES: Readonly<Partial<Record<AwsErrorKind, ErrorCode>>> = {
  'access-denied': 'access-denied',
  'expired-credentials': 'credentials-expired',
  'no-credentials': 'credentials-missing',
  unreachable: 'endpoint-unreachable',
  cancelled: 'cancelled',
  'wrong-region': 'bucket-region',
  archived: 'object-archived',
};

const ADVICE: Readonly<Partial<Record<AwsErrorKind, string>>> = {
  'access-denied':
    'Allow this action in the policy of the role that these credentials belong to; docs/permissions.md lists what each mode needs.',
  'expired-credentials':
    'In a workflow, let the credentials live longer than the run, or give role-to-assume, which renews them; in a terminal, sign in again.',
  'no-credentials':
    'In a workflow, run aws-actions/configure-aws-credentials before this step (with id-token: write), or give role-to-assume; in a terminal, run aws sso login and set AWS_PROFILE.',
  unreachable:
    'Check the network of this machine, HTTPS_PROXY and NO_PROXY (heeded from Node 22.21 and 24.5 on), and AWS_ENDPOINT_URL.',
  'wrong-region': 'The bucket must be in us-east-1, where the pipeline runs.',
  throttled: 'AWS was asked too often, also after retries. Run again later.',
  cancelled: 'Run again when it may go on: what is done already is not done twice.',
  archived: 'Restore it, or copy it into the storage class STANDARD: jobs cannot read GLACIER and DEEP_ARCHIVE.',
  conflict: 'Something else was changing the same thing, also after retries. Run again.',
  server: 'AWS answered with a fault of its own, also after retries. Run again later.',
};

/** An AWS call that failed, as an error for the reader. `doing` completes "Could not ...". */
export function awsError(thrown: unknown, doing: string): DeployError {
  if (thrown instanceof DeployError) return thrown;
  const kind = errorKind(thrown);
  const said = printableLine(isGarbled(thrown) ? garbledText(thrown) : saidBy(thrown), 600);
  return new DeployError(CODES[kind] ?? 'aws-error', `Could not ${doing}: ${said}${/[.!?]$/.test(said) ? '' : '.'}`, {
    advice: ADVICE[kind] ?? (isGarbled(thrown) ? GARBLED_ADVICE : ''),
    cause: thrown,
  });
}

function saidBy(thrown: unknown): string {
  const { name, message } = sdkErrorFacts(thrown);
  if (errorKind(thrown) === 'cancelled') return message;
  return message === '' ? name : `${name}: ${message}`;
}

const GARBLED_ADVICE =
  'Something between this machine and AWS may answer in its place (a proxy, a gateway): check HTTPS_PROXY and AWS_ENDPOINT_URL.';

/** The SDK adds where a programmer finds the rest, which no reader of a log can follow. */
function garbledText(thrown: unknown): string {
  const { httpStatus, message, name } = sdkErrorFacts(thrown);
  const said = message.replace(/\s*Deserialization error: to see the raw response.*$/s, '');
  if (thrown instanceof GarbledAnswer) return said;
  const status = httpStatus === undefined ? '' : ` (HTTP ${httpStatus})`;
  return `the answer is none of AWS${status}: ${name}: ${said}`;
}

/** An answer that is not one of AWS: a proxy's page, a cut document, a member missing that is always there. */
export class GarbledAnswer extends Error {
  override readonly name = 'GarbledAnswer';
}

export function isGarbled(thrown: unknown): boolean {
  return (
    thrown instanceof GarbledAnswer ||
    thrown instanceof SyntaxError ||
    thrown instanceof TypeError ||
    /deserializ|unexpected token|is not valid JSON|XML parse error/i.test(sdkErrorFacts(thrown).message)
  );
}

const TRANSIENT: ReadonlySet<AwsErrorKind> = new Set(['conflict', 'throttled', 'server', 'unreachable', 'cancelled']);

/** Whether a call that failed like this may simply be made again later: what it was to do may have been done, or not. */
export function isTransient(thrown: unknown): boolean {
  return TRANSIENT.has(errorKind(thrown)) || isGarbled(thrown);
}
