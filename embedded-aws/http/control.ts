import type { FaultPlan } from '../faults.ts';
import { parseFaults } from '../faults.ts';
import type { HttpRequest, Reply } from './exchange.ts';
import { readSmallBody } from './exchange.ts';
import type { Recorder } from './recorder.ts';

const PREFIX = '/_embedded/';

export function isControl(request: HttpRequest): boolean {
  return request.rawPath.startsWith(PREFIX);
}

/** What tests in another process ask the server itself. No bucket can be called `_embedded`. */
export async function control(request: HttpRequest, parts: { faults: FaultPlan; recorder: Recorder }): Promise<Reply> {
  switch (`${request.method} ${request.rawPath.slice(PREFIX.length)}`) {
    case 'GET health':
      return json(200, { status: 'ok', pid: process.pid });
    case 'GET requests':
      return json(200, parts.recorder.requests());
    case 'PUT faults':
      return setFaults(request, parts.faults);
    default:
      return json(404, { error: 'Expected GET health, GET requests or PUT faults.' });
  }
}

async function setFaults(request: HttpRequest, plan: FaultPlan): Promise<Reply> {
  try {
    const faults = parseFaults((await readSmallBody(request)).toString('utf8'));
    plan.set(faults);
    return json(200, { faults: faults.length });
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function json(status: number, value: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}
