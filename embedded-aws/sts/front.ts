import { randomUUID } from 'node:crypto';
import type { Clock, RequestContext } from '../contracts.ts';
import { AwsError } from '../contracts.ts';
import type { Call, Front } from '../http/call.ts';
import type { HttpRequest, Reply } from '../http/exchange.ts';
import { readSmallBody } from '../http/exchange.ts';
import type { XmlTree } from '../xml.ts';
import { writeXml } from '../xml.ts';
import { assumeRole, assumeRoleWithWebIdentity } from './assume-role.ts';
import type { CallerBook } from './callers.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const FORM = 'application/x-www-form-urlencoded';

/** STS speaks the query protocol: a form with `Action`, XML back. */
export function createStsFront(callers: CallerBook, clock: Clock): Front {
  return {
    isMine: (request) =>
      request.rawPath === '/' &&
      (request.method === 'POST'
        ? request.headers['content-type']?.startsWith(FORM) === true
        : request.method === 'GET' && request.query.has('Action')),
    async open(request) {
      const form = request.method === 'GET' ? request.query : await readForm(request);
      return openCall(form, { callers, clock });
    },
  };
}

async function readForm(request: HttpRequest): Promise<URLSearchParams> {
  return new URLSearchParams((await readSmallBody(request)).toString('utf8'));
}

function openCall(form: URLSearchParams, parts: { callers: CallerBook; clock: Clock }): Call {
  const operation = form.get('Action') ?? '';
  return {
    service: 'sts',
    operation,
    protocol: 'query',
    anonymous: operation === 'AssumeRoleWithWebIdentity',
    run: async (context) => resultReply(operation, perform(form, context, parts)),
    refuse: errorReply,
  };
}

function perform(
  form: URLSearchParams,
  context: RequestContext,
  { callers, clock }: { callers: CallerBook; clock: Clock },
): XmlTree {
  const operation = form.get('Action') ?? '';
  switch (operation) {
    case 'GetCallerIdentity': {
      const { arn, userId, accountId } = callers.caller(context.accessKeyId);
      return { Arn: arn, UserId: userId, Account: accountId };
    }
    case 'AssumeRole':
      return assumeRole(form, callers);
    case 'AssumeRoleWithWebIdentity':
      return assumeRoleWithWebIdentity(form, callers, clock);
    default:
      throw new AwsError('InvalidAction', `Could not find operation ${operation} for version ${form.get('Version')}`);
  }
}

function resultReply(operation: string, result: XmlTree): Reply {
  const requestId = randomUUID();
  const content = { [`${operation}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return xmlReply(200, writeXml(`${operation}Response`, content, NAMESPACE), requestId);
}

function errorReply(error: AwsError): Reply {
  const requestId = randomUUID();
  const Type = error.httpStatus < 500 ? 'Sender' : 'Receiver';
  const content = { Error: { Type, Code: error.code, Message: error.message }, RequestId: requestId };
  return xmlReply(error.httpStatus, writeXml('ErrorResponse', content, NAMESPACE), requestId);
}

function xmlReply(status: number, body: string, requestId: string): Reply {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}
