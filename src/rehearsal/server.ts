import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Environment } from '../core/context.ts';
import { DeployError } from '../core/errors.ts';
import { parseJsonObject, textIn } from '../core/json.ts';
import { printableLine } from '../core/text.ts';
import { findSandbox, type Sandbox, type UserIds } from './sandbox.ts';

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
  /** Whether sudo may be tried: it is what GitHub's runners have, and nobody expects it on a machine of their own. */
  readonly mayAskRoot: boolean;
  /** Whom root can become for the jobs. */
  readonly otherUser: UserIds | undefined;
  /** Files and folders of this machine that neither it nor its jobs need. */
  readonly guarded: readonly string[];
  /** Told where it ends before it is closed. */
  readonly onDeath: (message: string) => void;
}

export interface Server {
  readonly url: string;
  /** How jobs are kept from the rest of this machine. */
  readonly sandbox: Sandbox;
  close(): Promise<void>;
}

/** Given so long to listen. */
const START_MS = 30_000;
/** Given so long to end by itself, then it is killed. */
const GRACE_MS = 15_000;

/**
 * Starts the embedded AWS as a process with an environment of its own: what its jobs could find of it is nothing of ours.
 * It ends with its standard input, and so never outlives us.
 * @throws DeployError `rehearsal-failed` with what it said
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const env = { PATH: options.searchPath, HOME: options.folder, TMPDIR: options.folder };
  const needed = [process.execPath, ...(options.python === undefined ? [] : [options.python])];
  const sandbox = findSandbox({ ...options, env, program: options.entry, needed });
  const [program, ...prefix] = [...sandbox.prefix, process.execPath];
  const child = spawn(program, [...prefix, '--no-warnings', options.entry, ...argumentsOf(options)], {
    env,
    cwd: options.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C of a terminal is for us: we stop the execution first.
    detached: true,
  });
  const said = lastLines(child);
  const url = await listening(child, said).catch(async (thrown: unknown) => {
    kill(child);
    await end(child);
    throw thrown;
  });
  const close = { begun: false };
  child.once('close', () => {
    if (!close.begun) options.onDeath(`The embedded AWS of the rehearsal ended too early: ${saying(said)}`);
  });
  return {
    url,
    sandbox,
    close: () => {
      close.begun = true;
      return end(child);
    },
  };
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

/** The last that it wrote to standard error. */
function lastLines({ stderr }: ChildProcess): readonly string[] {
  const lines: string[] = [];
  if (stderr === null) return lines;
  createInterface({ input: stderr }).on('line', (line) => {
    lines.push(line);
    if (lines.length > 20) lines.shift();
  });
  return lines;
}

function saying(said: readonly string[], otherwise = 'it said nothing'): string {
  // Of a stack the line with the error says most.
  const cause = said.find((line) => /error/i.test(line)) ?? said.slice(-3).join(' ');
  return printableLine(cause === '' ? otherwise : cause, 600);
}

/** Resolves with its address as soon as it listens. */
function listening(child: ChildProcess, said: readonly string[]): Promise<string> {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('The child has no pipes');
  // Its end closes the pipe under us; its exit event reports that it ended.
  stdin.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => {
      clearTimeout(timer);
      const message = `The embedded AWS of the rehearsal did not start: ${saying(said, why)}`;
      reject(
        new DeployError('rehearsal-failed', message, { advice: 'Run again; if it stays, report it with this log.' }),
      );
    };
    const timer = setTimeout(() => failed(`it did not listen within ${START_MS / 1000} s`), START_MS);
    child.once('error', (error) => failed(error.message));
    child.once('close', (code, signal) => failed(`it ended with ${code ?? signal ?? 'nothing'}`));
    createInterface({ input: stdout }).once('line', (line) => {
      clearTimeout(timer);
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
  const timer = setTimeout(() => kill(child), GRACE_MS);
  await closed;
  clearTimeout(timer);
}

/** The whole group: sudo takes no signal from us, being root, but what it started for us does, and ends all of it. */
function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already, which is what was wanted.
  }
}

/** Where the embedded AWS of a rehearsal is, and a file that holds nothing. */
export interface RehearsalAws {
  readonly url: string;
  /** For the SDK's configuration and credentials files: no profile, role or endpoint of the caller's comes in by them. */
  readonly emptyFile: string;
}

/** Credentials for the embedded AWS alone: they are worth nothing anywhere else. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIAREHEARSAL0000000', AWS_SECRET_ACCESS_KEY: 'rehearsal' };

/** What has to change in an environment so that every client reaches the embedded AWS and nothing else. */
export function rehearsalChanges(
  environment: Environment,
  { url, emptyFile }: RehearsalAws,
): Readonly<Record<string, string | undefined>> {
  // Endpoints by service, profiles, FIPS and dual-stack switches, container and web identity credentials: all of it.
  const foreign = Object.keys(environment).filter((name) => /^AWS_/i.test(name));
  return {
    ...Object.fromEntries(foreign.map((name) => [name, undefined])),
    ...CREDENTIALS,
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: emptyFile,
    AWS_SHARED_CREDENTIALS_FILE: emptyFile,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Makes the changes, and gives back what undoes them. undefined: the variable is removed. */
export function applyChanges(
  environment: Record<string, string | undefined>,
  changes: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, environment[name]]));
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete environment[name];
    else environment[name] = value;
  }
  return before;
}
