"""Jobs whose processes are forked from one that has loaded PyTorch already: many handlers are tried in little time.

All else is the packager's own: only the start of a Python for the packager and for the handler is replaced by a fork.
"""

import os
import runpy
import signal
import sys
import time

from job import ROOT, SCRIPT, Job

CONTAINER = os.path.join(ROOT, "container")
OURS = ("package_", "job", "preloaded", "serving_cases")


def preload(level):
    os.environ["OMP_NUM_THREADS"] = "1"
    import numpy  # noqa: F401
    import torch  # noqa: F401

    if level == "toolkit":
        import sagemaker_pytorch_serving_container.default_pytorch_inference_handler  # noqa: F401
        import ts.metrics.metric_cache_yaml_impl  # noqa: F401
        import ts.model_loader  # noqa: F401


class PreloadedJob(Job):
    def run(self, python, env):
        paths = [os.path.join(self.root, name) for name in ("stdout", "stderr")]
        pid = os.fork()
        if pid == 0:
            redirect(paths)
            packager(env)
        _, status = os.waitpid(pid, 0)
        return (code_of(status), *(read(path) for path in paths))


def packager(env):
    os.environ.clear()
    os.environ.update(env)
    sys.path.insert(0, CONTAINER)
    try:
        import package_model
        import package_worker

        package_worker.ContainedProcess = ForkedWorker
        code = package_model.run()
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 99
    leave(code)


class ForkedWorker:
    """What package_process.ContainedProcess is to the packager, without a new Python."""

    def __init__(self, command, _base, env, cwd):
        self.pid, self.code = os.fork(), None
        if self.pid == 0:
            os.setsid()
            worker(command[command.index("-u") + 1 :], env, cwd)

    def wait(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = code_of(status)
                return self.code
            time.sleep(0.01)
        return None

    def stop(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def worker(arguments, env, cwd):
    code = 1
    try:
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        os.dup2(os.pipe()[0], 0)
        for name in [name for name in sys.modules if name.startswith(OURS)]:
            del sys.modules[name]
        ours = (CONTAINER, os.path.dirname(os.path.abspath(__file__)))
        sys.path[:] = env["PYTHONPATH"].split(os.pathsep) + [entry for entry in sys.path if entry not in ours]
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        leave(code)


def leave(code):
    for stream in (sys.__stdout__, sys.__stderr__):
        stream.flush()
    os._exit(code)


def redirect(paths):
    for number, path in enumerate(paths, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def code_of(status):
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


assert os.path.exists(SCRIPT)
