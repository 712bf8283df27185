import { formatDuration } from '../../core/text/format.ts';

/** With all repetitions: an answer that comes by drops, or not at all, is given up. */
const REQUEST_MS = 100_000;
/** What carries a part of a file, up to 16 MiB; anything slower is not worth waiting for. */
const TRANSFER_MS = 600_000;
/** What is asked after the deadline of the run, to tell how it ended, has this long; so does what is under way then. */
const ENDING_MS = 30_000;

interface Sender {
  send(...args: never[]): unknown;
}

type Send = (command: { readonly input: object }, options?: object) => Promise<unknown>;

/** Every request of the client ends: within its own limit, and soon after the deadline of the run. */
export function limitTime<C extends Sender>(client: C, deadlineMs: number | undefined): C {
  const send = client.send.bind(client) as unknown as Send;
  const limited: Send = async (command, options = {}) => {
    const limitMs = requestLimitMs(command.input, (deadlineMs ?? Number.POSITIVE_INFINITY) - Date.now());
    const signal = AbortSignal.timeout(limitMs);
    const late = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new NoAnswer(limitMs)), { once: true });
    });
    // The signal lives on: it also ends a body that is read later.
    return Promise.race([send(command, { abortSignal: signal, ...options }), late]);
  };
  Reflect.set(client, 'send', limited);
  return client;
}

export function requestLimitMs(input: object, leftMs: number): number {
  const ownMs = ['Range', 'Body', 'CopySource'].some((member) => member in input) ? TRANSFER_MS : REQUEST_MS;
  return Math.min(ownMs, Math.max(leftMs, ENDING_MS));
}

/** By its name this is what a hung connection is. */
class NoAnswer extends Error {
  override readonly name = 'TimeoutError';

  constructor(limitMs: number) {
    super(`there was no whole answer within ${formatDuration(limitMs)}`);
  }
}
