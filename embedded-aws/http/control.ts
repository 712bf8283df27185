import type { AnswerBook } from '../answers.ts';
import { parseAnswers } from '../answers.ts';
import type { FaultPlan } from '../faults.ts';
import { parseFaults } from '../faults.ts';
import type { HttpRequest, Reply } from './exchange.ts';
import { readSmallBody } from './exchange.ts';
import type { Recorder } from './recorder.ts';

const PREFIX = '/_embedded/';

export function isControl(request: HttpRequest): boolean {
  return request.rawPath.startsWith(PREFIX);
}

interface ControlledParts {
  readonly faults: FaultPlan;
  readonly answers: AnswerBook;
  readonly recorder: Recorder;
}

/** What tests in another process ask the server itself. No bucket can be called `_embedded`. */
export async function control(request: HttpRequest, parts: ControlledParts): Promise<Reply> {
  switch (`${request.method} ${request.rawPath.slice(PREFIX.length)}`) {
    case 'GET health':
      return json(200, { status: 'ok', pid: process.pid });
    case 'GET requests':
      return json(200, parts.recorder.requests());
    case 'PUT faults':
      return change(request, (text) => {
        const faults = parseFaults(text);
        parts.faults.set(faults);
        return { faults: faults.length };
      });
    case 'GET answers':
      return json(200, parts.answers.switched());
    case 'PUT answers':
      return change(request, (text) => {
        parts.answers.set(parseAnswers(text));
        return parts.answers.switched();
      });
    default:
      return json(404, { error: 'Expected GET health, GET requests, PUT faults, GET answers or PUT answers.' });
  }
}

async function change(request: HttpRequest, apply: (text: string) => unknown): Promise<Reply> {
  try {
    return json(200, apply((await readSmallBody(request)).toString('utf8')));
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function json(status: number, value: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}
