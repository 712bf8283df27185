"""Runs a command so that whatever it starts ends with it, and all of it ends with the packager, however that ends.

The packager starts this file as a program and holds the other end of its standard input. When that closes, because the
packager is done or was killed, everything below is killed. Processes that leave their parent
or their session are found all the same: orphans become children of this process (PR_SET_CHILD_SUBREAPER).

The first argument is a folder to show as /opt/ml, in a mount namespace of the command's own; empty for none. Where the
system allows none, the command sees the folder where it lies.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

SERVING_BASE = "/opt/ml"
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 0x1000, 0x2000, 0x4000, 0x40000


class ContainedProcess:
    """A command that ends with the packager, as the packager sees it."""

    def __init__(self, command, base="", **options):
        command = [sys.executable, "-I", "-S", os.path.abspath(__file__), base] + list(command)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, **options)

    def poll(self):
        return self.process.poll()

    def wait(self, seconds):
        """The command's exit code (negative: a signal), or None where it still runs after that time."""
        try:
            code = self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return None
        return code - 256 if code >= 192 else code

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def main(base, command):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    environment, folder = dict(os.environ), os.getcwd()
    if base and show_as_serving_base(libc, base):
        command = [part.replace(base, SERVING_BASE) for part in command]
        environment = {name: value.replace(base, SERVING_BASE) for name, value in environment.items()}
        environment.pop("SAGEMAKER_BASE_DIR", None)
        folder = folder.replace(base, SERVING_BASE)
    group = start_group(libc)
    # A pipe that stays silent, as the model server gives it to its worker.
    reading, _writing = os.pipe()
    child = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=reading,
        preexec_fn=lambda: join(libc, group),
    )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: leave(143))
    threading.Thread(target=end_with_the_packager, daemon=True).start()
    code = child.wait()
    # Signals as 256 minus their number: a program's own exit codes are seldom that high.
    leave(code if code >= 0 else 256 + code)


def start_group(libc):
    """A process that does nothing but lead a group: no worker of a model server leads one, and may end its group."""
    ours = os.getpid()
    leader = os.fork()
    if leader == 0:
        os.setpgid(0, 0)
        end_with_parent(libc)
        while os.getppid() == ours:
            signal.pause()
        os._exit(0)
    os.setpgid(leader, leader)
    return leader


def join(libc, group):
    os.setpgid(0, group)
    end_with_parent(libc)


def end_with_parent(libc):
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end_with_the_packager():
    while os.read(0, 4096):
        pass
    leave(137)


def leave(code):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        family = descendants(os.getpid())
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        reap()
        if not family:
            break
        time.sleep(0.01)
    os._exit(code)


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except OSError:
        pass


def descendants(root):
    """Living processes below `root`; zombies wait for whoever reaps them and hold nothing."""
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/{}/stat".format(name), encoding="latin-1") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        children.setdefault(int(parent), []).append((int(name), state))
    found, open_ends = [], [root]
    while open_ends:
        for pid, state in children.get(open_ends.pop(), []):
            open_ends.append(pid)
            if state not in "ZX":
                found.append(pid)
    return found


def show_as_serving_base(libc, base):
    """Whether `base` is now /opt/ml for this process and what it starts; nobody else sees a difference."""
    outer_user, outer_group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNS) != 0:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
            return False
        try:
            write("/proc/self/setgroups", "deny")
            write("/proc/self/uid_map", "{0} {0} 1".format(outer_user))
            write("/proc/self/gid_map", "{0} {0} 1".format(outer_group))
        except OSError:
            return False
    mount = lambda *given: libc.mount(*given, None) == 0  # noqa: E731
    if not mount(None, b"/", None, MS_REC | MS_PRIVATE):
        return False
    source, target = base.encode(), SERVING_BASE.encode()
    if os.path.isdir(SERVING_BASE):
        return mount(source, target, None, MS_BIND | MS_REC)
    # /opt may not be written to: a copy of it that has the folder takes its place, with all else that it holds.
    stage = os.path.join(os.path.dirname(base), "opt").encode()
    try:
        os.makedirs(stage, exist_ok=True)
        if not mount(b"packager", stage, b"tmpfs", 0):
            return False
        for name in os.listdir("/opt") if os.path.isdir("/opt") else []:
            copy_entry(mount, b"/opt/" + name.encode(), stage + b"/" + name.encode())
        os.mkdir(stage + b"/ml")
    except OSError:
        return False
    return mount(source, stage + b"/ml", None, MS_BIND) and mount(stage, b"/opt", None, MS_MOVE)


def copy_entry(mount, source, target):
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
        return
    if os.path.isdir(source):
        os.mkdir(target)
    else:
        write(target, "")
    if not mount(source, target, None, MS_BIND | MS_REC):
        raise OSError("cannot bind")


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
