import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A file of events, one JSON value a line, that is only ever appended to. It survives the death of the process (the
 * system has the bytes), not of the machine: nothing here is worth an fsync per request.
 */
export interface Journal<Event> {
  append(event: Event): void;
  close(): void;
}

export interface JournalOptions<Event> {
  /** Called for each event that the file holds, in order. */
  readonly replay: (event: Event) => void;
  /** The fewest events that lead to the present state: what the file is rewritten to at start. */
  readonly snapshot: () => Iterable<Event>;
}

export function openJournal<Event>(path: string, options: JournalOptions<Event>): Journal<Event> {
  mkdirSync(dirname(path), { recursive: true });
  for (const event of readEvents<Event>(path)) options.replay(event);
  const lines = Array.from(options.snapshot(), (event) => `${JSON.stringify(event)}\n`);
  writeFileSync(`${path}.new`, lines.join(''));
  renameSync(`${path}.new`, path);
  const file = openSync(path, 'a');
  let open = true;
  return {
    append(event) {
      // The number of a closed file may be another file's by now.
      if (!open) throw new Error(`${path} is closed.`);
      appendFileSync(file, `${JSON.stringify(event)}\n`);
    },
    close() {
      open = false;
      closeSync(file);
    },
  };
}

function readEvents<Event>(path: string): Event[] {
  const lines = readIfThere(path).split('\n');
  // What follows the last newline was being written when the process died: it never was confirmed to anyone.
  lines.pop();
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as Event;
    } catch {
      throw new Error(`${path}, line ${index + 1}: no JSON; remove the state folder to start afresh.`);
    }
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
