import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

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
export function hiddenPaths(environment: Environment, here: string, needed: readonly string[]): readonly string[] {
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
export function isIn(folder: string, path: string): boolean {
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
