import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface StateFolder {
  readonly path: string;
  /** Gives the folder free; removes it where it was a temporary one. */
  release(): void;
}

/** @param wanted a folder to keep; a temporary one is made where it is left out */
export function openStateFolder(wanted: string | undefined): StateFolder {
  if (wanted === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'embedded-aws-'));
    return { path, release: () => rmSync(path, { recursive: true, force: true }) };
  }
  const path = resolve(wanted);
  mkdirSync(path, { recursive: true });
  const lock = join(path, 'server.pid');
  const owner = livingOwner(lock);
  if (owner !== undefined) {
    throw new Error(
      `The state folder ${path} is in use by the process ${owner}. Two servers would spoil it: end that process, or ` +
        'give another folder.',
    );
  }
  writeFileSync(lock, `${process.pid} ${startOf(process.pid)}`);
  return { path, release: () => rmSync(lock, { force: true }) };
}

function livingOwner(lock: string): number | undefined {
  try {
    const [pid, start] = readFileSync(lock, 'utf8').split(' ');
    process.kill(Number(pid), 0);
    return startOf(Number(pid)) === start ? Number(pid) : undefined;
  } catch (error) {
    // A process of another user lives, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? -1 : undefined;
  }
}

/** Process numbers come again, in containers nearly always; with the time of their start they do not. Linux only. */
function startOf(pid: number): string {
  try {
    // The fields of proc(5) after the name, which may hold blanks; the 22nd of all is the start in clock ticks.
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    );
  } catch {
    return '';
  }
}
