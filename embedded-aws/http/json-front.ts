import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonService } from '../contracts.ts';
import { AwsError } from '../contracts.ts';
import type { Call, Front } from './call.ts';
import type { HttpRequest, Reply } from './exchange.ts';
import { readSmallBody } from './exchange.ts';

/** The services of AWS JSON 1.1: told apart by `X-Amz-Target: <prefix>.<operation>`. */
export function createJsonFront(services: readonly JsonService[]): Front {
  const byPrefix = new Map(services.map((service) => [service.targetPrefix, service]));
  return {
    isMine: (request) => request.headers['x-amz-target'] !== undefined,
    open: async (request) => openCall(byPrefix, request),
  };
}

function openCall(services: ReadonlyMap<string, JsonService>, request: HttpRequest): Call {
  const target = request.headers['x-amz-target'] ?? '';
  const dot = target.indexOf('.');
  const prefix = target.slice(0, Math.max(0, dot));
  const operation = target.slice(dot + 1);
  return {
    service: serviceName(prefix),
    operation,
    protocol: 'json',
    async run(context) {
      const input = await readInput(request);
      const service = services.get(prefix);
      if (service === undefined) throw new AwsError('UnknownOperationException', `The embedded AWS has no ${target}.`);
      return jsonReply(200, await service.handle(operation, input, context));
    },
    refuse: (error) => jsonReply(error.httpStatus, { __type: error.code, message: error.message }),
  };
}

/** `Logs_20140328` is the service that signatures and policies call `logs`. */
function serviceName(prefix: string): string {
  return prefix.replace(/_\d+$/, '').toLowerCase();
}

async function readInput(request: HttpRequest): Promise<JsonObject> {
  const text = (await readSmallBody(request)).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'Start of structure or map found where not expected.');
  }
  return value as JsonObject;
}

function jsonReply(status: number, body: JsonObject): Reply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(body),
  };
}
