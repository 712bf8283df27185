/** The account under test, as probes see it: clients, names that belong to this run, and what several probes share. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from './clients.ts';
import type { Options } from './options.ts';

/** Names of what may have been made, noted before it is: who cannot be asked for lists is cleaned up all the same. */
export interface Made {
  readonly pipelines: Set<string>;
  readonly groups: Set<string>;
}

export interface Account extends Clients {
  readonly made: Made;
  readonly options: Options;
  /** The one name that begins everything this run makes. */
  readonly run: string;
  readonly signal: AbortSignal;
  readonly pollMs: number;
  /** A name for what one probe makes: pipelines, groups, jobs. */
  nameOf(what: string): string;
  /** Object key below the run's prefix. */
  keyOf(what: string): string;
  uriOf(what: string): string;
  /** Made by the first probe that asks, shared by all. */
  once<T>(key: string, make: () => Promise<T>): Promise<T>;
  /** A page of the AWS console, to be looked at by a person. */
  link(what: string, url: string): void;
  pause(milliseconds?: number): Promise<void>;
}

export function createAccount(parts: {
  options: Options;
  clients: Clients;
  signal: AbortSignal;
  pollMs: number;
  made: Made;
  onLink: (what: string, url: string) => void;
}): Account {
  const { options, clients, signal, pollMs, made } = parts;
  const shared = new Map<string, Promise<unknown>>();
  const keyOf = (what: string) => `${options.keyPrefix}${options.run}/${what}`;
  return {
    ...clients,
    made,
    options,
    run: options.run,
    signal,
    pollMs,
    nameOf: (what) => `${options.run}-${what}`,
    keyOf,
    uriOf: (what) => `s3://${options.bucket}/${keyOf(what)}`,
    once<T>(key: string, make: () => Promise<T>) {
      const known = shared.get(key) ?? make();
      shared.set(key, known);
      return known as Promise<T>;
    },
    link: parts.onLink,
    pause: (milliseconds = pollMs) => sleep(milliseconds, undefined, { signal }),
  };
}
