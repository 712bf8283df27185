import { randomBytes } from 'node:crypto';
import { AwsError } from '../contracts.ts';
import type { Call, Front } from '../http/call.ts';
import type { HttpRequest, Reply } from '../http/exchange.ts';
import { errorReply, S3Error } from './errors.ts';
import { guard } from './guard.ts';
import { OPERATIONS } from './operations.ts';
import type { S3Address } from './request.ts';
import { operationOf, readAddress } from './request.ts';
import type { S3Store } from './store.ts';

/** S3 takes every request that no other service knows as its own, and says in its XML what is wrong with it. */
export function createS3Front(store: S3Store): Front {
  return {
    isMine: () => true,
    open: async (request) => openCall(store, request),
  };
}

function openCall(store: S3Store, request: HttpRequest): Call {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const refuse = (error: AwsError) => withIds(errorReply(error, request.rawPath, requestId), requestId);
  const common = { service: 's3', protocol: 's3', refuse } as const;
  let address: S3Address;
  try {
    address = readAddress(request);
  } catch (error) {
    return { ...common, operation: 'Unknown', run: () => Promise.reject(error) };
  }
  const operation = operationOf(request, address);
  return {
    ...common,
    ...address,
    operation: operation ?? 'Unknown',
    run: async (context) => {
      if (operation === undefined) throw unknownOperation(request);
      const call = { store, request, context, bucket: address.bucket ?? '', key: address.key ?? '' };
      guard(operation, call);
      return withIds(await OPERATIONS[operation](call), requestId);
    },
  };
}

function unknownOperation(request: HttpRequest): AwsError {
  if (['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(request.method)) {
    const message = 'A header or query you provided implies functionality that is not implemented';
    return new S3Error('NotImplemented', message, { status: 501 });
  }
  return new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', { status: 405 });
}

function withIds(reply: Reply, requestId: string): Reply {
  const ids = { 'x-amz-request-id': requestId, 'x-amz-id-2': 'embedded-aws', server: 'AmazonS3' };
  return { ...reply, headers: { ...ids, ...reply.headers } };
}
