import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Environment } from '../core/context.ts';
import { DeployError } from '../core/errors.ts';
import { createFiles, type Files } from '../core/files.ts';
import type { Inputs } from '../inputs/index.ts';

/** Files by which a step hands environment, path, outputs and state to the runner and to the steps after it. */
const COMMAND_FILES = ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'];

/** Where tools keep credentials below a home. */
const CREDENTIAL_FOLDERS = ['.aws', '.azure', '.config', '.docker', '.gnupg', '.kube', '.ssh'];
const CREDENTIAL_FILES = ['.git-credentials', '.gitconfig', '.netrc', '.npmrc', '.pypirc'];

/** Names of files that hold credentials, among others of a workflow's own: `git-credentials-0123.config`. */
const SECRETIVE = /^\.|credential|creds|secret|token|\.config$/i;

/** What a self-hosted runner keeps in its own folder, two above its temporary one. */
const OF_RUNNER = ['.credentials', '.credentials_rsaparams', '.env'];

/**
 * Files and folders that the code of a model has no business with: what speaks to the runner, what holds credentials, who
 * would do as Docker says. Only what is there; never a folder that holds one of `needed`.
 */
export function guardedPaths(environment: Environment, here: string, needed: readonly string[]): readonly string[] {
  const { GITHUB_WORKSPACE, HOME, RUNNER_TEMP, SSH_AUTH_SOCK, XDG_RUNTIME_DIR } = environment;
  const commands = COMMAND_FILES.flatMap((name) => environment[name] ?? []);
  const candidates = [
    // A runner has a folder for them, with those of the other steps.
    ...commands.map((path) => dirname(path)).filter((folder) => basename(folder) === '_runner_file_commands'),
    ...commands,
    // actions/checkout leaves its token in the checkout, or in a file of its own among the temporary ones.
    ...[here, GITHUB_WORKSPACE].flatMap((folder) => (folder === undefined ? [] : gitFolders(folder))),
    ...filesIn(RUNNER_TEMP).filter((path) => SECRETIVE.test(basename(path))),
    ...(RUNNER_TEMP === undefined ? [] : OF_RUNNER.map((name) => join(RUNNER_TEMP, '..', '..', name))),
    ...(HOME === undefined ? [] : [...CREDENTIAL_FOLDERS, ...CREDENTIAL_FILES].map((name) => join(HOME, name))),
    ...[SSH_AUTH_SOCK, XDG_RUNTIME_DIR, '/var/run/docker.sock'].filter((path) => path !== undefined),
  ];
  const there = candidates.filter(isHideable).map((path) => realpathSync(path));
  const open = needed.filter((path) => existsSync(path)).map((path) => realpathSync(path));
  const possible = [...new Set(there)].filter((path) => !open.some((file) => isIn(path, file)));
  return possible.filter((path) => !possible.some((other) => other !== path && isIn(other, path)));
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
    readText: async (path) => files.readText(allowed(path)),
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
