import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { DeployError } from '../../core/errors.ts';
import { formatDuration } from '../../core/text.ts';

type S3Module = typeof import('./modules/s3.ts');
/** The module and one client of it, loaded at first use. */
export type S3 = () => Promise<{
  readonly sdk: S3Module;
  readonly client: S3Client;
  /** Buckets that are known to be an account's: every call to them says so (`expectOwners`). */
  readonly owners: Map<string, string>;
}>;

/** Every call to a bucket whose owner is known is refused where somebody else has that name by now. */
export function expectOwners(client: S3Client, owners: ReadonlyMap<string, string>): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const input: object = args.input;
      const bucket: unknown = Reflect.get(input, 'Bucket');
      const owner = typeof bucket === 'string' ? owners.get(bucket) : undefined;
      const source: unknown = Reflect.get(input, 'CopySource');
      const sourceOwner = typeof source === 'string' ? owners.get(source.split('/', 1)[0] ?? '') : undefined;
      const expected = {
        ...(owner === undefined ? {} : { ExpectedBucketOwner: owner }),
        ...(sourceOwner === undefined ? {} : { ExpectedSourceBucketOwner: sourceOwner }),
      };
      return next({ ...args, input: { ...args.input, ...expected } });
    },
    { step: 'initialize', name: 'expectOwners' },
  );
}

type SageMakerModule = typeof import('./modules/sagemaker.ts');
/** The module and the client of one region, loaded at first use. */
export type SageMaker = () => Promise<{ readonly sdk: SageMakerModule; readonly client: SageMakerClient }>;

/**
 * What every client is made with. Seconds are short: a hung connection is noticed and the call made again.
 * @throws DeployError `endpoint-unreachable` where the environment names a proxy that cannot be one
 */
export function clientSettings(region: string) {
  const proxyEnv = proxyOf(process.env);
  const agent = proxyEnv === undefined ? {} : { httpAgent: { proxyEnv }, httpsAgent: { proxyEnv } };
  return { region, maxAttempts: 4, requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000, ...agent } };
}

/**
 * The variables that Node's own agents read a proxy from: https://nodejs.org/api/http.html#built-in-proxy-support, since
 * Node 22.21 and 24.5; older ones ignore them and connect directly.
 */
export interface ProxyEnvironment {
  readonly HTTP_PROXY?: string;
  readonly HTTPS_PROXY?: string;
  readonly NO_PROXY: string;
}

/** No proxy can reach this machine itself, where a rehearsal has its AWS. */
const HERE = ['localhost', '127.0.0.1', '::1', '[::1]'];

/** undefined: the environment names no proxy. The lower-case variable comes first, as it does for curl and for Node. */
export function proxyOf(environment: Readonly<Record<string, string | undefined>>): ProxyEnvironment | undefined {
  const http = proxyUrl('HTTP_PROXY', environment);
  const https = proxyUrl('HTTPS_PROXY', environment);
  if (http === undefined && https === undefined) return undefined;
  const except = variable('NO_PROXY', environment);
  return {
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    NO_PROXY: [...(except === undefined ? [] : [except]), ...HERE].join(','),
  };
}

function variable(name: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return environment[name.toLowerCase()] || environment[name] || undefined;
}

/** The value may hold a password, so an error does not repeat it. */
function proxyUrl(name: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = variable(name, environment);
  if (value === undefined) return undefined;
  if (/^https?:\/\//i.test(value) && URL.canParse(value)) return value;
  throw new DeployError('endpoint-unreachable', `${name} is not the URL of a proxy; expected http://host:port.`, {
    advice: 'Correct it, or unset it where there is a direct route.',
  });
}

/** With all repetitions: an answer that comes by drops, or not at all, is given up. */
const REQUEST_MS = 100_000;
/** What carries a part of a file, up to 16 MiB; anything slower is not worth waiting for. */
const TRANSFER_MS = 600_000;
/** What is asked after the deadline of the run, to report how it ended, has this long; so does what is under way then. */
const ENDING_MS = 30_000;
/** And all of it together this long: pages that come slowly are no reason to go on. */
const ENDINGS_MS = 90_000;

interface Sender {
  send(...args: never[]): unknown;
  readonly middlewareStack: object;
}

type Next = (args: object) => Promise<object>;

/** What the stacks of all clients have in common. */
interface MiddlewareStack {
  add(middleware: (next: Next) => Next, options: { readonly step: 'deserialize'; readonly name: string }): void;
}

/** Tells of every request that goes out, of those too that the SDK makes again. */
export function countRequests<C extends Sender>(client: C, onRequest: () => void): C {
  const counting = (next: Next): Next => {
    return (args) => {
      onRequest();
      return next(args);
    };
  };
  const stack = client.middlewareStack as unknown as MiddlewareStack;
  stack.add(counting, { step: 'deserialize', name: 'countRequests' });
  return client;
}

type Send = (command: { readonly input: object }, options?: object) => Promise<unknown>;

/** When the requests of a run have to end, whatever AWS does. */
export interface TimeLimits {
  /** Milliseconds since 1970 at which the run gives up: what is under way then is given up soon after. */
  readonly deadlineMs?: number | undefined;
  /** Aborts when the run is cancelled: GitHub kills it ten seconds later, and by then it has to have said how it ended. */
  readonly cancelled?: AbortSignal | undefined;
}

/** What is under way when the run is cancelled may take so much longer. */
const CANCELLED_MS = 4_000;
/** What is asked after that (to stop what runs, to see what is registered) has to have ended by then. */
const CANCELLED_END_MS = 7_500;

/** Every request of the client ends: within its own limit, and soon after the deadline of the run or its cancelling. */
export function limitTime<C extends Sender>(client: C, { deadlineMs, cancelled }: TimeLimits): C {
  const send = client.send.bind(client) as unknown as Send;
  const giveUps = cancelled === undefined ? undefined : givingUp(cancelled);
  const limited: Send = async (command, options = {}) => {
    const limitMs = requestLimitMs(command.input, (deadlineMs ?? Number.POSITIVE_INFINITY) - Date.now());
    const limit = AbortSignal.timeout(limitMs);
    const endsRun = cancelled?.aborted === true && !isTransfer(command.input);
    const giveUp = endsRun ? giveUps?.late : giveUps?.underWay;
    giveUp?.throwIfAborted();
    const signal = giveUp === undefined ? limit : AbortSignal.any([limit, giveUp]);
    const whenGivenUp = (end: (why: Error) => void) => {
      const why = () => (giveUp?.aborted === true ? new Cancelled() : new NoAnswer(limitMs));
      signal.addEventListener('abort', () => end(why()), { once: true });
    };
    const late = new Promise<never>((_resolve, reject) => whenGivenUp(reject));
    const answer = await Promise.race([send(command, { abortSignal: signal, ...options }), late]);
    const body: unknown = Reflect.get(Object(answer), 'Body');
    // The signal lives on: it also ends a body that is read later, which by itself would say no more than that it broke off.
    if (body instanceof Readable) whenGivenUp((why) => body.on('error', () => undefined).destroy(why));
    return answer;
  };
  Reflect.set(client, 'send', limited);
  return client;
}

/** Nobody needs a part of a file any more when the run is cancelled; what of it lies in S3 has to be removed in time. */
function isTransfer(input: object): boolean {
  return 'Range' in input || 'PartNumber' in input;
}

interface GiveUps {
  readonly underWay: AbortSignal;
  readonly late: AbortSignal;
}

/** One clock for all clients of a run, also for those that are made after it was cancelled. */
const BY_RUN = new WeakMap<AbortSignal, GiveUps>();

/** Signals that abort so long after the run was cancelled. */
function givingUp(cancelled: AbortSignal): GiveUps {
  const known = BY_RUN.get(cancelled);
  if (known !== undefined) return known;
  const [underWay, late] = [new AbortController(), new AbortController()];
  const begin = () => {
    for (const [controller, afterMs] of [
      [underWay, CANCELLED_MS],
      [late, CANCELLED_END_MS],
    ] as const)
      setTimeout(() => controller.abort(new Cancelled()), afterMs).unref();
  };
  if (cancelled.aborted) begin();
  else cancelled.addEventListener('abort', begin, { once: true });
  const giveUps = { underWay: underWay.signal, late: late.signal };
  BY_RUN.set(cancelled, giveUps);
  return giveUps;
}

/** By its name this is what a cancelled run did not wait for. */
class Cancelled extends Error {
  override readonly name = 'RunCancelled';

  constructor() {
    super('the run was cancelled before AWS answered');
  }
}

/** By these a page asks for the one that follows: after the deadline nothing is paged through any more. */
const PAGE_TOKENS = ['NextToken', 'ContinuationToken'];

export function requestLimitMs(input: object, leftMs: number): number {
  const isFurtherPage = PAGE_TOKENS.some((token) => Reflect.get(input, token) !== undefined);
  if (isFurtherPage) return Math.ceil(Math.min(REQUEST_MS, Math.max(leftMs, 0)));
  const ownMs = ['Range', 'Body', 'CopySource'].some((member) => member in input) ? TRANSFER_MS : REQUEST_MS;
  return Math.ceil(Math.min(ownMs, Math.max(leftMs, Math.min(ENDING_MS, leftMs + ENDINGS_MS), 0)));
}

/** By its name this is what a hung connection is. */
class NoAnswer extends Error {
  override readonly name = 'TimeoutError';

  constructor(limitMs: number) {
    super(
      limitMs === 0 ? 'the time of the run is over' : `there was no whole answer within ${formatDuration(limitMs)}`,
    );
  }
}
