"""Measures the packager against the plain approach and the limits (`gzip -dc`, `cp`), in one run, as ratios of medians.

    python bench/packaging/run.py [--quick] [--runs N] [--case NAME]

Needs PyTorch for the weights. `--quick` takes a twentieth of the sizes. Wall and CPU seconds, peak memory of the
largest process, and what lay on disk besides the output. The plain approach is run once at gzip level 9 (Python's own)
and once at level 1: it takes minutes. `--container FOLDER` measures another version of the packager, to compare two in
one session.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import cases  # noqa: E402


def run(command, folder, environment=None):
    """Wall s, CPU s, peak MB of the command, and the most MB that `folder` held while it ran."""
    watch = DiskWatch(folder)
    started = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, shell=isinstance(command, str))
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit("{} ended with {}".format(command, status))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, watch.stop()


class DiskWatch:
    def __init__(self, folder):
        self.folder, self.most, self.running = folder, 0, True
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while self.running:
            self.most = max(self.most, disk(self.folder))
            time.sleep(0.25)

    def stop(self):
        self.running = False
        self.thread.join()
        return self.most


def disk(folder):
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_size
            except OSError:
                pass
    return total / 1e6


def packager(root, container):
    environment = dict(os.environ, BSM_CONTAINER_ROOT=root, VERIFY="false", SAGEMAKER_PROGRAM="inference.py")
    return [sys.executable, os.path.join(container, "package_model.py")], environment


def lay_out(root, archive, code):
    work = os.path.join(root, "opt", "ml", "processing")
    for name in ("input/model", "output"):
        os.makedirs(os.path.join(work, name))
    os.link(archive, os.path.join(work, "input/model/model.tar.gz"))
    shutil.copytree(code, os.path.join(work, "input/script"))
    return os.path.join(work, "output")


def with_old_code(archive, folder):
    """The same model with a `code/` of its own, which makes splicing impossible."""
    path, old = os.path.join(folder, "with-code.tar.gz"), os.path.join(folder, "old")
    os.makedirs(os.path.join(old, "code"))
    with open(os.path.join(old, "code", "inference.py"), "w"):
        pass
    for command in (
        "gunzip -c {0} > {1}/model.tar",
        "tar rf {1}/model.tar -C {1} code",
        "gzip -1 -c {1}/model.tar > {2}",
        "rm {1}/model.tar",
    ):
        subprocess.run(command.format(archive, old, path), shell=True, check=True)
    return path


def measure(name, options):
    with tempfile.TemporaryDirectory(prefix="packaging-") as folder:
        code = os.path.join(folder, "code")
        os.makedirs(code)
        with open(os.path.join(code, "inference.py"), "w") as file:
            file.write("def model_fn(model_dir):\n    return None\n")
        # In a process of its own: PyTorch here would count as peak memory of every child.
        make = [sys.executable, os.path.join(HERE, "cases.py"), name, os.path.join(folder, "case"), str(options.scale)]
        subprocess.run(make, check=True)
        archive = os.path.join(folder, "case", "model.tar.gz")
        plain = plainly(archive, code, 9)
        # The honest alternative: who does not care for the size need not wait for level 9.
        rows = {"plain, level 1": plainly(archive, code, 1), "spliced": repeated(archive, code, options)}
        again = with_old_code(archive, folder)
        rows["recompressed"] = repeated(again, code, options, 1 if options.scale == 1 else options.runs)
        limits = {
            "gzip -dc": median([run("gzip -dc {} >/dev/null".format(archive), folder) for _ in range(options.runs)]),
            "cp": median([run(["cp", archive, folder + "/copy"], folder + "/none") for _ in range(options.runs)]),
        }
        tell(name, archive, plain, {**rows, **limits})


def plainly(archive, code, level):
    with tempfile.TemporaryDirectory(prefix="plain-") as output:
        command = [sys.executable, os.path.join(HERE, "plain.py"), archive, code, output, str(level)]
        wall, cpu, memory, most = run(command, output)
        return wall, cpu, memory, most - disk(output)


def repeated(archive, code, options, runs=None):
    results = []
    for _ in range(runs or options.runs):
        with tempfile.TemporaryDirectory(prefix="job-") as root:
            output = lay_out(root, archive, code)
            command, environment = packager(root, options.container)
            wall, cpu, memory, most = run(command, output, environment)
            results.append((wall, cpu, memory, most - disk(output)))
    return median(results)


def median(results):
    return tuple(statistics.median(column) for column in zip(*results))


def tell(name, archive, plain, rows):
    print("\n{} ({:.1f} MB packed)".format(name, os.path.getsize(archive) / 1e6))
    print("{:<16}{:>9}{:>9}{:>10}{:>14}{:>16}".format("", "wall s", "CPU s", "peak MB", "extra disk MB", "times plain"))
    for what, (wall, cpu, memory, extra) in {"plain": plain, **rows}.items():
        line = "{:<16}{:>9.2f}{:>9.2f}{:>10.0f}{:>14.0f}{:>16.1f}"
        print(line.format(what, wall, cpu, memory, max(extra, 0), plain[0] / wall), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a twentieth of the sizes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--container", default=os.path.join(HERE, "..", "..", "container"))
    parser.add_argument("--case", choices=list(cases.CASES), action="append")
    options = parser.parse_args()
    options.scale = 0.05 if options.quick else 1
    for name in options.case or cases.CASES:
        measure(name, options)


if __name__ == "__main__":
    main()
