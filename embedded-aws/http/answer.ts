import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, RequestContext } from '../contracts.ts';
import { AwsError } from '../contracts.ts';
import type { Fault, FaultPlan } from '../faults.ts';
import type { CallerBook } from '../sts/callers.ts';
import type { Call } from './call.ts';
import { faultReply } from './fault-reply.ts';
import type { HttpRequest, Reply } from './exchange.ts';
import { discardReply } from './exchange.ts';
import type { Recorder } from './recorder.ts';
import { refusal } from './refusals.ts';
import type { Signature } from './signature.ts';
import { readSignature } from './signature.ts';

export interface AnswerDependencies {
  readonly faults: FaultPlan;
  readonly recorder: Recorder;
  readonly callers: CallerBook;
  readonly clock: Clock;
}

/** `reset`: the connection is to be cut instead of an answer. */
export type Answer = { readonly kind: 'reply'; readonly reply: Reply } | { readonly kind: 'reset' };

const DEFAULT_DELAY_MS = 1000;
const ANONYMOUS: Signature = { accessKeyId: '', region: 'us-east-1' };

/** Carries a call out, or lets the ordered fault happen, and records what came of it. */
export async function answerCall(call: Call, request: HttpRequest, parts: AnswerDependencies): Promise<Answer> {
  const { callNumber, fault } = parts.faults.next(call.service, call.operation);
  const signature = signatureOf(request);
  const region = signature?.region ?? '';
  const userAgent = request.headers['x-amz-user-agent'] ?? request.headers['user-agent'] ?? '';
  const entry = parts.recorder.begin(call, { region, userAgent, callNumber });
  const answer = await withFault(fault, call, {
    carryOut: () => carryOut(call, request, parts),
    callerArn: () => parts.callers.caller(signature?.accessKeyId ?? '').arn,
  });
  entry.end(answer.kind === 'reply' ? answer.reply.status : 0);
  return answer;
}

async function carryOut(call: Call, request: HttpRequest, parts: AnswerDependencies): Promise<Reply> {
  try {
    return await call.run(identify(call, request, parts));
  } catch (error) {
    if (error instanceof AwsError) return call.refuse(error);
    // The client went away in the middle of its body: nobody is left to answer.
    if (request.body().errored !== null) return call.refuse(refusal(call.protocol, 'server-error'));
    process.stderr.write(`embedded AWS: ${call.service} ${call.operation}: ${describe(error)}\n`);
    return call.refuse(refusal(call.protocol, 'server-error'));
  }
}

/** @throws AwsError where the credentials are missing, expired or not those that were issued */
function identify(call: Call, request: HttpRequest, parts: AnswerDependencies): RequestContext {
  const signature = readSignature(request) ?? (call.anonymous === true ? ANONYMOUS : undefined);
  if (signature === undefined) throw refusal(call.protocol, 'missing-credentials');
  if (signature.expiresAtMs !== undefined && signature.expiresAtMs < parts.clock.nowMs()) {
    throw new AwsError('AccessDenied', 'Request has expired', 403);
  }
  const standing = parts.callers.standing(signature);
  if (standing !== 'valid') {
    throw refusal(call.protocol, standing === 'expired' ? 'expired-credentials' : 'unknown-credentials');
  }
  return {
    region: signature.region,
    accessKeyId: signature.accessKeyId,
    accountId: parts.callers.caller(signature.accessKeyId).accountId,
  };
}

async function withFault(
  fault: Fault | undefined,
  call: Call,
  actions: { carryOut: () => Promise<Reply>; callerArn: () => string },
): Promise<Answer> {
  if (fault === undefined) return { kind: 'reply', reply: await actions.carryOut() };
  if (fault.fault === 'slow') {
    const reply = await actions.carryOut();
    await sleep(fault.delayMs ?? DEFAULT_DELAY_MS, undefined, { ref: false });
    return { kind: 'reply', reply };
  }
  if (fault.after === true) discardReply(await actions.carryOut());
  if (fault.fault === 'connection-reset') return { kind: 'reset' };
  return { kind: 'reply', reply: faultReply(fault.fault, call, actions.callerArn()) };
}

/** For the record and for messages, where a malformed signature counts as none. */
function signatureOf(request: HttpRequest): Signature | undefined {
  try {
    return readSignature(request);
  } catch {
    return undefined;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
