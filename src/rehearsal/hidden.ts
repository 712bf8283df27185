import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Files by which a step hands environment, path, outputs and state to the runner and to the steps after it. */
const FILE_COMMANDS = ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'];

/** Where tools keep credentials below a home. */
const CREDENTIAL_FOLDERS = ['.aws', '.azure', '.config', '.docker', '.gnupg', '.kube', '.ssh'];
const CREDENTIAL_FILES = ['.git-credentials', '.gitconfig', '.netrc', '.npmrc', '.pypirc'];

/** What a self-hosted runner keeps in its own folder, two above its temporary one. */
const OF_RUNNER = ['.credentials', '.credentials_rsaparams', '.env'];

/**
 * Files and folders that the code of a model has no business with: what speaks to the runner, what holds credentials, who
 * would do as Docker says. Only what is there; never a folder that holds one of `needed`.
 */
export function hiddenPaths(environment: Environment, here: string, needed: readonly string[]): readonly string[] {
  const { GITHUB_WORKSPACE, HOME, RUNNER_TEMP, SSH_AUTH_SOCK, XDG_RUNTIME_DIR } = environment;
  const commands = FILE_COMMANDS.flatMap((name) => environment[name] ?? []);
  const candidates = [
    ...commands.map((path) => dirname(path)),
    // actions/checkout leaves its token in the checkout, or in a file of its own among the temporary ones.
    ...[here, GITHUB_WORKSPACE].flatMap((folder) => (folder === undefined ? [] : gitFolders(folder))),
    ...filesIn(RUNNER_TEMP),
    ...(RUNNER_TEMP === undefined ? [] : OF_RUNNER.map((name) => join(RUNNER_TEMP, '..', '..', name))),
    ...(HOME === undefined ? [] : [...CREDENTIAL_FOLDERS, ...CREDENTIAL_FILES].map((name) => join(HOME, name))),
    ...[SSH_AUTH_SOCK, XDG_RUNTIME_DIR, '/var/run/docker.sock'].filter((path) => path !== undefined),
    // The folder that they lie in may be one that is needed.
    ...commands,
  ];
  const there = candidates.filter((path) => path.startsWith(sep) && existsSync(path)).map((path) => realpathSync(path));
  const open = needed.filter((path) => existsSync(path)).map((path) => realpathSync(path));
  const possible = [...new Set(there)].filter((path) => !open.some((file) => isIn(path, file)));
  return possible.filter((path) => !possible.some((other) => other !== path && isIn(other, path)));
}

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
  const paths = readdirSync(folder).map((name) => join(folder, name));
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
