import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';

export interface IsolationRequest {
  /** Everything that the command gets of an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The one folder that the command may write to. */
  readonly folder: string;
  /** The program, which runs again when the command has ended: proven to be beyond its reach. */
  readonly program: string;
  /** Files and folders that the command must not see. Absolute, and there. */
  readonly guarded: readonly string[];
  /** Whether sudo may be tried: it is what GitHub's runners have, and nobody expects it on a machine of their own. */
  readonly mayAskRoot: boolean;
}

/**
 * Leaves the first argument writable and the rest of the disk not, above all the second; puts nothing over each argument up
 * to `--`; then becomes the command behind that. Not every mount can be changed by everybody; the one that matters is tried.
 */
const WALL_OFF = `set -e
own=$1 program=$2
shift 2
mount --bind "$own" "$own"
cd "$own"
while read -r _ point _; do
  point=$(printf %b "$point")
  case "$point/" in "$own"/* | /proc/* | /dev/* | /sys/*) continue ;; esac
  mount -o remount,bind,ro "$point" 2> /dev/null || continue
done < /proc/self/mounts
[ ! -w "$program" ]
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mount -t tmpfs -o size=4k,mode=555 none "$1"; else mount --bind /dev/null "$1"; fi
  shift
done
shift
exec "$@"`;

/** Namespaces of its own for processes, with a /proc that shows no other, and for mounts. All of it ends with it. */
const UNSHARE = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'] as const;

/**
 * What a command has to begin with so that it sees no other process of this machine, and so none of their environments, nor
 * what is to be guarded, and changes nothing outside its folder. The first way that works; empty where none does. Needs
 * Linux, and a kernel that lets users make namespaces, or root.
 */
export function findIsolation(request: IsolationRequest): readonly string[] {
  if (process.platform !== 'linux') return [];
  const ways = request.mayAskRoot ? [asUser(request), asRoot(request)] : [asUser(request)];
  const works = ([program = '', ...args]: readonly string[]) =>
    spawnSync(program, [...args, 'true'], { env: request.env, stdio: 'ignore', timeout: 10_000 }).status === 0;
  return ways.find(works) ?? [];
}

/**
 * As root of a namespace where only this user is: enough to mount. Then as the user again, in namespaces below that one,
 * where nobody can take away what was mounted above.
 */
function asUser(request: IsolationRequest): readonly string[] {
  const [user, group] = ids();
  const back = ['unshare', '--user', '--mount', `--map-user=${user}`, `--map-group=${group}`];
  return [...UNSHARE, '--user', '--map-root-user', ...sandboxCommand(request), ...back];
}

/**
 * The same made by root, for whoever may become that without a password (GitHub's runners), and back to the user, without
 * the groups by which that is more than a user: who may use Docker's socket is root.
 */
function asRoot(request: IsolationRequest): readonly string[] {
  const [user, group] = ids();
  const powerless = ['--clear-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
  const back = ['setpriv', `--reuid=${user}`, `--regid=${group}`, ...powerless];
  const variables = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
  const clean = ['env', '--ignore-environment', ...variables];
  return ['sudo', '--non-interactive', ...UNSHARE, ...sandboxCommand(request), ...back, ...clean];
}

function sandboxCommand({ folder, program, guarded }: IsolationRequest): readonly string[] {
  return ['sh', '-c', WALL_OFF, 'wall-off', realpathSync(folder), program, ...guarded, '--'];
}

function ids(): readonly [number, number] {
  return [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
}
