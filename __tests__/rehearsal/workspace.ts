import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { testPython } from '../e2e/world.ts';
import { ROOT, runAction, type ActionOptions, type ActionRun } from '../harness/run-action.ts';

/** The example in a folder of its own, and the action to rehearse it: no AWS variable is set. */
export function openWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'rehearse-'));
  cpSync(join(ROOT, 'examples', 'bsm'), folder, { recursive: true });
  const temp = join(folder, 'temp');
  mkdirSync(temp);
  return {
    folder,
    temp,
    rehearse: (inputs: Readonly<Record<string, string>> = {}, more: Partial<ActionOptions> = {}): Promise<ActionRun> =>
      runAction({
        workspace: folder,
        ...more,
        inputs: { 'config-path': 'config.json', 'model-s3-path': 'model.tar.gz', mode: 'rehearse', ...inputs },
        env: { RUNNER_TEMP: temp, PATH: pathWithPython(), ...more.env },
      }),
    /** A packager of the workspace's own. */
    packager(script: string) {
      writeFileSync(join(folder, 'scripts', 'mims_package.py'), script);
    },
    /** Folders that rehearsals have left behind. */
    left: () => readdirSync(temp).filter((name) => name.startsWith('rehearsal-')),
    close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

export type Workspace = ReturnType<typeof openWorkspace>;

function pathWithPython(): string {
  return [dirname(testPython()), process.env['PATH'] ?? ''].join(delimiter);
}

/** Processes, other than our own, whose command line or environment tells of this text. Linux only. */
export function processesWith(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => read(`/proc/${pid}/${file}`).includes(text)));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
