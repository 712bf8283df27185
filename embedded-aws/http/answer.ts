import { Readable } from 'node:stream';
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
  if (answer.kind === 'reset') return answer;
  // The same clock as in Last-Modified and CreationTime: clients hold one against the other.
  const date = new Date(parts.clock.nowMs()).toUTCString();
  return { kind: 'reply', reply: { ...answer.reply, headers: { ...answer.reply.headers, date } } };
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
  if (fault.fault === 'drip') {
    const reply = await actions.carryOut();
    return { kind: 'reply', reply: dripping(reply, fault.delayMs ?? DEFAULT_DELAY_MS) };
  }
  if (fault.after === true) discardReply(await actions.carryOut());
  if (fault.fault === 'connection-reset') return { kind: 'reset' };
  return { kind: 'reply', reply: faultReply(fault.fault, call, actions.callerArn()) };
}

/** The whole answer, a byte at a time: no client that only watches for silence ever ends it. */
function dripping(reply: Reply, delayMs: number): Reply {
  if (reply.body === undefined) return reply;
  const body = reply.body instanceof Readable ? reply.body : Readable.from([Buffer.from(reply.body)]);
  return { ...reply, body: Readable.from(drip(body, delayMs)) };
}

async function* drip(body: AsyncIterable<Buffer>, delayMs: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += 1) {
      await sleep(delayMs, undefined, { ref: false });
      yield chunk.subarray(at, at + 1);
    }
  }
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
