import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Environment } from '../core/context.ts';
import { DeployError } from '../core/errors.ts';
import { createFiles, type Files } from '../core/files.ts';
import type { Inputs } from '../inputs/index.ts';

/** Files by which a step hands environment, path, outputs and state to the runner and to the steps after it. */
const COMMAND_FILES = ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'];

/** Where tools keep credentials below a home, their caches of them included. */
const CREDENTIALS_AT_HOME = `
  .aws .azure .cargo/credentials .cargo/credentials.toml .composer/auth.json .config .databrickscfg .docker
  .gem/credentials .git-credentials .gitconfig .gnupg .gradle/gradle.properties .gsutil .huggingface
  .cache/huggingface/token .cache/huggingface/stored_tokens .kaggle .kube .local/share/keyrings
  .m2/settings.xml .my.cnf .netrc .npmrc .nuget .oci .password-store .pgpass .pypirc .s3cfg .snowflake .ssh
  .subversion/auth .terraform.d .terraformrc .vault-token .wandb .yarnrc.yml
`
  .trim()
  .split(/\s+/);

/** Names of files that hold credentials, among others of a workflow's own: `git-credentials-0123.config`. */
const SECRETIVE = /^\.|credential|creds|secret|token|\.config$/i;
/** Scripts of the steps, which the runner writes before it runs them: `0f9e8d7c-....sh`. */
const STEP_SCRIPT = /^[0-9a-f]{8}-[0-9a-f-]{27}\.(?:sh|ps1|py|cmd)$/i;
/** What the runner keeps in its temporary folder: its home for containers, the event, what speaks to it. */
const RUNNER_FOLDERS = ['_github_home', '_github_workflow', '_runner_file_commands'];

/** What a self-hosted runner keeps in its own folder, two above its temporary one. */
const OF_RUNNER = ['.credentials', '.credentials_rsaparams', '.env', '.path', '_diag'];

/** Folders in which services leave their sockets, and how deep below them sockets are searched. */
const SOCKET_FOLDERS = ['/run', '/var/run', '/tmp', '/var/tmp'];
const SOCKET_DEPTH = 3;

/**
 * Files and folders that the code of a model has no business with: what speaks to the runner, what holds credentials, who
 * would do as Docker says. Only what is there; never a folder that holds one of `needed`.
 */
export function guardedPaths(environment: Environment, here: string, needed: readonly string[]): readonly string[] {
  const { HOME } = environment;
  const candidates = [
    ...ofRunner(environment, here),
    ...(HOME === undefined ? [] : CREDENTIALS_AT_HOME.map((name) => join(HOME, name))),
    ...sockets(environment),
  ];
  const there = candidates.filter(isHideable).map((path) => realpathSync(path));
  const open = needed.filter((path) => existsSync(path)).map((path) => realpathSync(path));
  const possible = [...new Set(there)].filter((path) => !open.some((file) => isIn(path, file)));
  return possible.filter((path) => !possible.some((other) => other !== path && isIn(other, path)));
}

function ofRunner(environment: Environment, here: string): readonly string[] {
  const { GITHUB_EVENT_PATH, GITHUB_WORKSPACE, RUNNER_TEMP } = environment;
  const commands = COMMAND_FILES.flatMap((name) => environment[name] ?? []);
  const isPrivate = (path: string) => SECRETIVE.test(basename(path)) || STEP_SCRIPT.test(basename(path));
  return [
    // A runner has a folder for them, with those of the other steps.
    ...commands.map((path) => dirname(path)).filter((folder) => basename(folder) === '_runner_file_commands'),
    ...commands,
    // actions/checkout leaves its token in the checkout, or in a file of its own among the temporary ones.
    ...[here, GITHUB_WORKSPACE].flatMap((folder) => (folder === undefined ? [] : gitFolders(folder))),
    ...filesIn(RUNNER_TEMP).filter(isPrivate),
    ...(RUNNER_TEMP === undefined ? [] : RUNNER_FOLDERS.map((name) => join(RUNNER_TEMP, name))),
    ...(RUNNER_TEMP === undefined ? [] : OF_RUNNER.map((name) => join(RUNNER_TEMP, '..', '..', name))),
    ...(GITHUB_EVENT_PATH === undefined ? [] : [GITHUB_EVENT_PATH]),
  ];
}

/** What listens on this machine for whoever speaks to it: Docker, agents, the login session. */
function sockets({ DOCKER_HOST, RUNNER_TEMP, SSH_AUTH_SOCK, TMPDIR, XDG_RUNTIME_DIR }: Environment): readonly string[] {
  const docker = DOCKER_HOST?.startsWith('unix://') === true ? DOCKER_HOST.slice('unix://'.length) : undefined;
  const named = [docker, SSH_AUTH_SOCK, XDG_RUNTIME_DIR, '/run/user', '/var/run/docker.sock'];
  const folders = [...SOCKET_FOLDERS, RUNNER_TEMP, TMPDIR].filter((path) => path !== undefined);
  const found = folders.flatMap((folder) => socketsBelow(folder, SOCKET_DEPTH));
  return [...named.filter((path) => path !== undefined), ...found];
}

function socketsBelow(folder: string, depth: number): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isSocket()) return [path];
      return entry.isDirectory() && depth > 1 ? socketsBelow(path, depth - 1) : [];
    });
  } catch {
    // A folder that is not there, or that we may not read: then the jobs may not either.
    return [];
  }
}

/** A file, a folder or a socket; a device such as /dev/null, which may stand for a file, is none. */
function isHideable(path: string): boolean {
  if (!path.startsWith(sep) || !existsSync(path)) return false;
  const found = statSync(path);
  return found.isFile() || found.isDirectory() || found.isSocket();
}

/** Whether a path is this one or below it; both real. */
function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** `.git` here and in every folder above. */
function gitFolders(folder: string): readonly string[] {
  const above = dirname(folder);
  return [join(folder, '.git'), ...(above === folder ? [] : gitFolders(above))];
}

function filesIn(folder: string | undefined): readonly string[] {
  if (folder === undefined || !existsSync(folder)) return [];
  const paths = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  return paths.filter((path) => existsSync(path) && statSync(path).isFile());
}

/** Where the system shows processes and devices, our own environment included. */
const SYSTEM = ['/proc', '/sys', '/dev'];

/**
 * The disk without what is hidden from the jobs of a rehearsal: what is read here is handed to them. A checkout that is not
 * trusted may hold links, and its configuration names folders.
 */
export function guardFiles(files: Files, guarded: readonly string[]): Files {
  const places = [...SYSTEM, ...guarded];
  const refuse = (path: string): void => {
    const real = existsSync(path) ? realpathSync(path) : path;
    if (!places.some((place) => isIn(place, real))) return;
    throw new DeployError(
      'source-missing',
      `${path === real ? path : `${path} is a link to ${real}, which`} is hidden from the code of a model: a rehearsal does not read it.`,
      { advice: 'Name a file or folder of the repository itself.' },
    );
  };
  const allowed = (path: string): string => {
    refuse(files.resolve(path));
    return path;
  };
  return {
    resolve: (path) => files.resolve(allowed(path)),
    kind: (path) => files.kind(allowed(path)),
    readText: async (path, as) => files.readText(allowed(path), as),
    list: (folder) => files.list(allowed(folder)),
    leftOut: async (folder) => files.leftOut(allowed(folder)),
    async tree(folder) {
      const tree = await files.tree(allowed(folder));
      for (const { origin } of tree) if (origin.kind === 'file') refuse(origin.path);
      return tree;
    },
  };
}

interface FilesRequest {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What relative working directories start from. */
  readonly workspace: string;
  /** The current folder. */
  readonly here: string;
}

/** The disk as a run in this mode may see it. */
export type OpenFiles = (inputs: Pick<Inputs, 'mode' | 'workingDirectory'>) => Files;

/** The disk of a run, and of a rehearsal's what its jobs may have of it. */
export function createOpenFiles({ environment, here, workspace }: FilesRequest): OpenFiles {
  return ({ mode, workingDirectory }) => {
    const files = createFiles(resolve(workspace, workingDirectory ?? ''));
    return mode === 'rehearse' ? guardFiles(files, guardedPaths(environment, here, [workspace, here])) : files;
  };
}
