import { join } from 'node:path';
import type { Clock, LogSink } from '../contracts.ts';
import { openJournal } from '../state/journal.ts';

export interface LogEvent {
  readonly timestampMs: number;
  readonly message: string;
  readonly ingestedMs: number;
}

export interface LogStream {
  readonly name: string;
  readonly createdAtMs: number;
  /** By time; what came first stands first where times are equal. */
  readonly events: LogEvent[];
}

/** Log groups of all regions, on disk. */
export interface LogBook extends LogSink {
  /** Undefined where there is no such group; sorted by name. */
  streams(region: string, group: string): LogStream[] | undefined;
  /** A stream with its events; the group stays. */
  remove(at: StreamPlace): void;
  close(): void;
}

interface StreamPlace {
  readonly region: string;
  readonly group: string;
  readonly stream: string;
}

interface Lines extends StreamPlace {
  readonly createdAtMs: number;
  readonly events: readonly LogEvent[];
}

/** `stream` is no more, whether it was there before or not: so a group without streams is kept, too. */
interface Removal extends StreamPlace {
  readonly removed: true;
}

type Entry = Lines | Removal;

export function openLogBook(folder: string, clock: Clock): LogBook {
  const groups = new Map<string, Map<string, LogStream>>();
  const place = (region: string, group: string) => `${region}/${group}`;
  const apply = (entry: Entry) => applyEntry(groups, place(entry.region, entry.group), entry);
  const journal = openJournal<Entry>(join(folder, 'journal.jsonl'), {
    replay: apply,
    snapshot: () => Array.from(groups).flatMap(([at, streams]) => entriesOf(at, streams)),
  });
  const commit = (entry: Entry) => {
    journal.append(entry);
    apply(entry);
  };
  return {
    append(...[context, group, stream, lines]: Parameters<LogSink['append']>) {
      const ingestedMs = clock.nowMs();
      const events = lines.map(({ atMs, message }) => ({ timestampMs: atMs, message, ingestedMs }));
      commit({ region: context.region, group, stream, createdAtMs: ingestedMs, events });
    },
    streams(region, group) {
      const streams = groups.get(place(region, group));
      return streams && Array.from(streams.values()).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    remove: (at) => commit({ ...at, removed: true }),
    close: () => journal.close(),
  };
}

function applyEntry(groups: Map<string, Map<string, LogStream>>, at: string, entry: Entry): void {
  const streams = groups.get(at) ?? new Map<string, LogStream>();
  groups.set(at, streams);
  if ('removed' in entry) {
    streams.delete(entry.stream);
    return;
  }
  const known = streams.get(entry.stream);
  const stream = known ?? { name: entry.stream, createdAtMs: entry.createdAtMs, events: [] };
  streams.set(entry.stream, stream);
  for (const event of entry.events) insertByTime(stream.events, event);
}

/** Nearly always at the end. */
function insertByTime(events: LogEvent[], event: LogEvent): void {
  let at = events.length;
  while (at > 0 && (events[at - 1]?.timestampMs ?? 0) > event.timestampMs) at--;
  if (at === events.length) events.push(event);
  else events.splice(at, 0, event);
}

function entriesOf(at: string, streams: ReadonlyMap<string, LogStream>): Entry[] {
  const slash = at.indexOf('/');
  const where = { region: at.slice(0, slash), group: at.slice(slash + 1) };
  if (streams.size === 0) return [{ ...where, stream: '', removed: true }];
  return Array.from(streams.values(), ({ name, createdAtMs, events }) => ({
    ...where,
    stream: name,
    createdAtMs,
    events,
  }));
}
