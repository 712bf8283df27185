import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DeployError } from '../errors.ts';
import { parseJsonObject, textIn } from '../json.ts';
import { printableLine } from '../text/printable.ts';

export interface ServerOptions {
  /** The embedded AWS: a bundle of its own beside ours. */
  readonly entry: string;
  readonly accountId: string;
  /** AWS region by name. */
  readonly buckets: ReadonlyMap<string, string>;
  readonly python: string | undefined;
  readonly searchPath: string;
  /** A folder that is there: home and temporary folder of everything that runs. */
  readonly folder: string;
}

export interface Server {
  readonly url: string;
  /** Whether jobs see no process but their own. */
  readonly isolated: boolean;
  close(): Promise<void>;
}

/**
 * A process id namespace of its own with a /proc of its own: what runs in it sees no other process of the runner, and so
 * none of their environments. Needs Linux, and a kernel that lets users make namespaces.
 */
const ISOLATION = [
  'unshare',
  '--user',
  '--map-current-user',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
] as const;

/** Given so long to end by itself, then it is killed. */
const GRACE_MS = 15_000;

/**
 * Starts the embedded AWS as a process with an environment of its own: what its jobs could find of it is nothing of ours.
 * It ends with its standard input, and so never outlives us.
 * @throws DeployError `rehearsal-failed` with what it said
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const env = { PATH: options.searchPath, HOME: options.folder, TMPDIR: options.folder };
  const isolated = canIsolate(env);
  const [program, ...prefix] = isolated ? [...ISOLATION, process.execPath] : [process.execPath];
  const child = spawn(program, [...prefix, '--no-warnings', options.entry, ...argumentsOf(options)], {
    env,
    cwd: options.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C of a terminal is for us: we stop the execution first.
    detached: true,
  });
  const url = await listening(child);
  return { url, isolated, close: () => end(child) };
}

function canIsolate(env: Readonly<Record<string, string>>): boolean {
  if (process.platform !== 'linux') return false;
  const [program, ...args] = [...ISOLATION, 'true'];
  return spawnSync(program, args, { env, stdio: 'ignore', timeout: 10_000 }).status === 0;
}

function argumentsOf({ accountId, buckets, python }: ServerOptions): readonly string[] {
  return [
    '--stdin',
    '--account-id',
    accountId,
    ...[...buckets].flatMap(([name, region]) => ['--bucket', `${name}=${region}`]),
    ...(python === undefined ? [] : ['--python', python]),
  ];
}

/** Resolves with its address as soon as it listens. */
function listening(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('The child has no pipes');
  // Its end closes the pipe under us; that it ended is told by its exit.
  stdin.on('error', () => undefined);
  createInterface({ input: stderr }).on('line', (line) => said.push(line));
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => {
      const reason = said.length === 0 ? why : said.slice(0, 3).join(' ');
      const message = `The embedded AWS of the rehearsal did not start: ${printableLine(reason, 600)}`;
      reject(
        new DeployError('rehearsal-failed', message, { advice: 'Run again; if it stays, report it with this log.' }),
      );
    };
    child.once('error', (error) => failed(error.message));
    child.once('close', (code, signal) => failed(`it ended with ${code ?? signal ?? 'nothing'}`));
    createInterface({ input: stdout }).once('line', (line) => {
      const url = textIn(parseJsonObject(line) ?? {}, 'url');
      if (url === '') failed(`it said ${line}`);
      else resolve(url);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await closed;
  clearTimeout(timer);
}
