import type { Clock } from '../contracts.ts';
import type { Call } from './call.ts';

/** What a test wants to know of a request that came in. */
export interface RecordedRequest {
  /** 1-based, in order of arrival, over all services. */
  readonly index: number;
  readonly service: string;
  readonly operation: string;
  /** 1-based number of this operation since the faults were last set: what `Fault.call` counts. */
  readonly call: number;
  readonly region: string;
  readonly bucket?: string;
  readonly key?: string;
  readonly userAgent: string;
  readonly startedAtMs: number;
  /** When the answer was ready to be sent; undefined until then. */
  readonly endedAtMs?: number;
  /** 0 while it runs, and where the connection was cut before an answer. */
  readonly httpStatus: number;
}

export interface Recorder {
  begin(call: Call, facts: { region: string; userAgent: string; callNumber: number }): { end(status: number): void };
  requests(): readonly RecordedRequest[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function createRecorder(clock: Clock): Recorder {
  const requests: Mutable<RecordedRequest>[] = [];
  return {
    begin(call, facts) {
      const entry: Mutable<RecordedRequest> = {
        index: requests.length + 1,
        service: call.service,
        operation: call.operation,
        call: facts.callNumber,
        region: facts.region,
        ...(call.bucket === undefined ? {} : { bucket: call.bucket }),
        ...(call.key === undefined ? {} : { key: call.key }),
        userAgent: facts.userAgent,
        startedAtMs: clock.nowMs(),
        httpStatus: 0,
      };
      requests.push(entry);
      return {
        end(status) {
          entry.httpStatus = status;
          entry.endedAtMs = clock.nowMs();
        },
      };
    },
    requests: () => requests.map((entry) => ({ ...entry })),
  };
}
