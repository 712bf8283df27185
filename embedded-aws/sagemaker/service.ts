/** What every operation of the embedded SageMaker works with. */
import type { AnswerBook } from '../answers.ts';
import type { AwsError, Clock, JsonObject, LogSink, ObjectStore, RequestContext } from '../contracts.ts';
import { conflict } from './errors.ts';
import { digest, text } from './json.ts';
import type { RegionState, State } from './state.ts';

export type Service = {
  readonly store: ObjectStore;
  readonly logs: LogSink;
  readonly clock: Clock;
  readonly answers: AnswerBook;
  readonly state: State;
  readonly options: Options;
};

type Options = {
  /** The interpreter for entry points that begin with `python3` or `python`. */
  readonly python: string;
  /** Parent folder of the work folders of jobs. */
  readonly workFolder: string;
  /** Where processes of jobs reach the embedded AWS; undefined when nothing listens. */
  readonly endpointUrl: () => string | undefined;
  /** Intervals of retry policies are divided by this. */
  readonly retryTimeScale: number;
  /** Phases of load tests last this many times shorter. */
  readonly loadTimeScale: number;
  /** How long a model server may take until it answers pings. */
  readonly loadStartSeconds: number;
  /** Between SIGTERM and SIGKILL when a job is stopped. */
  readonly killGraceMs: number;
  /** Asked before a step calls the API; an error is what the call then answers. For tests of retries. */
  readonly stepFault: (operation: string) => AwsError | undefined;
};

/** One request: the service, who asks, and the region's state. */
export type Call = {
  readonly service: Service;
  readonly context: RequestContext;
  readonly region: RegionState;
  readonly nowMs: number;
};

export type Operation = (input: JsonObject, call: Call) => JsonObject | Promise<JsonObject>;

export function callFor(service: Service, context: RequestContext): Call {
  return { service, context, region: service.state.region(context.region), nowMs: service.clock.nowMs() };
}

export function save(call: Call): void {
  call.service.state.save(call.context.region);
}

/** `CreatedBy` of answers. */
export function callerIdentity(context: RequestContext): JsonObject {
  return {
    IamIdentity: { Arn: `arn:aws:iam::${context.accountId}:user/embedded`, PrincipalId: context.accessKeyId },
  };
}

/**
 * Answers a repeated call by its token: the same token with the same request gives the same ARN, with another request
 * a ConflictException. What has been deleted since is made anew.
 */
export function once(
  input: JsonObject,
  call: Call,
  request: { operation: string; token: string; exists: (arn: string) => boolean; make: () => string },
): string {
  const token = text(input, request.token);
  if (token === undefined || call.service.answers.is('request-token', 'ignored')) return request.make();
  const key = `${call.context.accountId}:${request.operation}:${token}`;
  const requestDigest = digest(input);
  const earlier = Object.hasOwn(call.region.tokens, key) ? call.region.tokens[key] : undefined;
  if (earlier !== undefined && request.exists(earlier.arn)) {
    if (earlier.requestDigest === requestDigest) return earlier.arn;
    throw conflict(
      `The ${request.token} '${token}' was used before in a ${request.operation} call with other parameters ` +
        `(it made ${earlier.arn}). Use a new token, or repeat the call exactly.`,
    );
  }
  const arn = request.make();
  call.region.tokens[key] = { requestDigest, arn };
  return arn;
}
