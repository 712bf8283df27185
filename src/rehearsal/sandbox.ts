import { spawnSync } from 'node:child_process';
import { chownSync, realpathSync } from 'node:fs';

/** A user and group by their numbers. */
export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

export interface SandboxRequest {
  /** Everything that the command gets of an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The one folder that the command may write to. */
  readonly folder: string;
  /** The program, which runs again when the command has ended: proven to be beyond its reach. */
  readonly program: string;
  /** What the command starts: whoever it runs as must be able to read them. */
  readonly needed: readonly string[];
  /** Files and folders that the command must not see. Absolute, and there. */
  readonly guarded: readonly string[];
  /** Whether sudo may be tried: it is what GitHub's runners have, and nobody expects it on a machine of their own. */
  readonly mayAskRoot: boolean;
  /** Whom root can become: who called sudo, or whose checkout this is. */
  readonly otherUser: UserIds | undefined;
}

/** How a command is kept from the rest of the machine. */
export interface Sandbox {
  /** What the command has to begin with; empty where no namespaces can be had. */
  readonly prefix: readonly string[];
  /** false: what runs could still read or change more than its own folder. */
  readonly isolated: boolean;
  /** What keeps it from being isolated; undefined where it is. */
  readonly problem?: 'no-namespaces' | 'root';
}

/**
 * Leaves the first argument writable and the rest of the disk not, above all the second; what the kernel offers to be
 * changed (/proc/sys, /sys, /dev) read-only; puts nothing over each argument up to `--`; then becomes the command behind
 * that. Not every mount can be changed by everybody: the ones that matter are tested. Devices such as /dev/null can be
 * written to all the same, and shared memory (/dev/shm) stays writable, which PyTorch needs.
 */
const CLOSE_OFF = `set -e
own=$1 program=$2
shift 2
mount --bind "$own" "$own"
cd "$own"
for tree in sys irq bus fs sysrq-trigger; do
  [ ! -e "/proc/$tree" ] || mount --bind "/proc/$tree" "/proc/$tree" 2> /dev/null || true
done
while read -r _ point _; do
  point=$(printf %b "$point")
  case "$point/" in "$own"/* | /proc/ | /dev/shm/* | /dev/pts/*) continue ;; esac
  mount -o remount,bind,ro "$point" 2> /dev/null || continue
done < /proc/self/mounts
[ ! -w "$program" ]
for place in /proc/sys/kernel /proc/sys/kernel/core_pattern /sys /dev; do
  [ ! -w "$place" ] || [ ! -O "$place" ]
done
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mount -t tmpfs -o size=4k,mode=555 none "$1"; else mount --bind /dev/null "$1"; fi
  shift
done
shift
exec "$@"`;

const READABLE = 'for file; do [ -r "$file" ] || exit 1; done';

/** Namespaces of its own for processes, with a /proc that shows no other, and for mounts. All of it ends with it. */
const UNSHARE = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'] as const;

/**
 * What a command has to begin with so that it sees no other process of this machine, and so none of their environments, nor
 * what is guarded, and changes nothing outside its folder. The first way that works. Needs Linux, and a kernel that lets
 * users make namespaces, or root. Root becomes another user where there is one; root that stays root is not isolated.
 */
export function findSandbox(request: SandboxRequest): Sandbox {
  const works = ([program = '', ...args]: readonly string[]) =>
    spawnSync(program, [...args, 'sh', '-c', READABLE, 'sh', request.program, ...request.needed], {
      env: request.env,
      stdio: 'ignore',
      timeout: 10_000,
    }).status === 0;
  const found = process.platform === 'linux' ? waysOf(request).find(({ prefix }) => works(prefix)) : undefined;
  return found ?? { prefix: [], isolated: false, problem: 'no-namespaces' };
}

function waysOf(request: SandboxRequest): readonly Sandbox[] {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  if (own.uid !== 0) {
    const ways = [asUser(request, own), ...(request.mayAskRoot ? [asRoot(request, own)] : [])];
    return ways.map((prefix) => ({ prefix, isolated: true }));
  }
  const { otherUser } = request;
  const asRootItself: Sandbox = { prefix: asUser(request, own), isolated: false, problem: 'root' };
  if (otherUser === undefined || otherUser.uid === 0) return [asRootItself];
  chownSync(request.folder, otherUser.uid, otherUser.gid);
  return [{ prefix: becoming(request, otherUser), isolated: true }, asRootItself];
}

/**
 * As root of a namespace where only this user is: enough to mount. Then as the user again, in namespaces below that one,
 * where nobody can take away what was mounted above.
 */
function asUser(request: SandboxRequest, { uid, gid }: UserIds): readonly string[] {
  const back = ['unshare', '--user', '--mount', `--map-user=${uid}`, `--map-group=${gid}`];
  return [...UNSHARE, '--user', '--map-root-user', ...closingOff(request), ...back];
}

/** The same made by root, for whoever may become that without a password (GitHub's runners), and back to the user. */
function asRoot(request: SandboxRequest, user: UserIds): readonly string[] {
  return ['sudo', '--non-interactive', ...becoming(request, user)];
}

/** By root, who becomes the user without the groups by which that is more than a user: who may use Docker's socket is root. */
function becoming(request: SandboxRequest, { uid, gid }: UserIds): readonly string[] {
  const powerless = ['--clear-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
  const back = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, ...powerless];
  const variables = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
  return [...UNSHARE, ...closingOff(request), ...back, 'env', '--ignore-environment', ...variables];
}

function closingOff({ folder, program, guarded }: SandboxRequest): readonly string[] {
  return ['sh', '-c', CLOSE_OFF, 'close-off', realpathSync(folder), program, ...guarded, '--'];
}
