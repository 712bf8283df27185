import type { AwsError } from '../contracts.ts';
import type { Fault, FaultKind } from '../faults.ts';
import type { Call } from './call.ts';
import type { Reply } from './exchange.ts';
import type { Attempt, Protocol } from './refusals.ts';
import { accessDenied, refusal } from './refusals.ts';

/** The faults that are an answer: not the cut connection, not the late one. */
type AnsweredFault = Exclude<FaultKind, 'connection-reset' | 'slow' | 'drip'>;

/** What comes from something in between, and is no error of AWS. */
type Senseless = 'garbage' | 'empty';

const GARBAGE = '<html><<{{ this is no answer of AWS';

export function faultReply(fault: AnsweredFault, call: Call, callerArn: string): Reply {
  if (fault === 'empty') return { status: 200, headers: {}, body: '' };
  if (fault === 'garbage') return { status: 200, headers: { 'content-type': 'text/html' }, body: GARBAGE };
  const action = `${call.service}:${call.operation}`;
  const place = [call.bucket, call.key].filter((part) => part !== undefined).join('/');
  const resource = place === '' ? {} : { resource: `arn:aws:s3:::${place}` };
  return call.refuse(faultError(fault, call.protocol, { action, callerArn, ...resource }));
}

/** A fault of a call that a step makes. What cannot happen inside one process is a server error there. */
export function stepError(fault: Fault | undefined): AwsError | undefined {
  if (fault === undefined) return undefined;
  const answered = ['throttling', 'conflict', 'access-denied', 'expired-credentials'].includes(fault.fault);
  const kind = answered ? (fault.fault as Exclude<AnsweredFault, Senseless>) : 'server-error';
  const callerArn = 'arn:aws:sts::123456789012:assumed-role/pipeline/SageMaker';
  return faultError(kind, 'json', { action: `sagemaker:${fault.operation}`, callerArn });
}

function faultError(fault: Exclude<AnsweredFault, Senseless>, protocol: Protocol, attempt: Attempt): AwsError {
  return fault === 'access-denied' ? accessDenied(protocol, attempt) : refusal(protocol, fault);
}
