"""Runs the packager as SageMaker would, in a container root of its own, and reads archives with other programs."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
SCRIPT = os.path.join(ROOT, "container", "package_model.py")
HANDLER = b"def model_fn(model_dir):\n    return None\n"


class Job:
    """One run: `code` (path -> bytes) and an archive in, exit code, message, output and report out."""

    def __init__(
        self, archive, code=None, name="model.tar.gz", script=SCRIPT, payload=None, document=None, **environment
    ):
        self.script = script
        self.root = tempfile.mkdtemp(prefix="packager-")
        self.write("input/model/" + name, archive)
        for path, content in (code or {"inference.py": HANDLER}).items():
            self.write("input/script/" + path, content)
        if payload is not None:
            self.write("mims_payload/payload.tar.gz", payload)
        if document is not None:
            self.write("config/config", json.dumps(document).encode())
        env = {
            "PATH": os.environ["PATH"],
            "HOME": self.root,
            "BSM_CONTAINER_ROOT": self.root,
            "VERIFY": "false",
            "MODEL_ARCHIVE_NAME": name,
            "TMPDIR": self.root + "/opt/ml/processing/tmp",
        }
        env.update(environment)
        python = env.pop("PYTHON", sys.executable)
        self.exit_code, self.stdout, self.stderr = self.run(python, env)

    def run(self, python, env):
        done = subprocess.run([python, self.script], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def write(self, path, content):
        path = os.path.join(self.root, "opt/ml/processing", path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(content, str):
            os.link(content, path)
        else:
            with open(path, "wb") as file:
                file.write(content)

    @property
    def output(self):
        return os.path.join(self.root, "opt/ml/processing/output/model.tar.gz")

    @property
    def message(self):
        with open(self.root + "/opt/ml/output/message", "rb") as file:
            return file.read().decode("utf-8")

    @property
    def report(self):
        with open(os.path.dirname(self.output) + "/package.json", encoding="utf-8") as file:
            return json.load(file)

    def left_behind(self):
        folder = os.path.dirname(self.output)
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)


def tar_gz(members, mode="w:gz", **options):
    """`members`: (name or TarInfo, bytes or None) in order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as archive:
        for name, content in members:
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if content is not None:
                member.size = len(content)
            archive.addfile(member, None if content is None else io.BytesIO(content))
    return buffer.getvalue()


def special(name, kind, link=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


def read_python(path, mode="r:gz"):
    """Path without `./` -> (mode, content) of the regular files."""
    with tarfile.open(path, mode) as archive:
        return {
            os.path.normpath(member.name): (member.mode, archive.extractfile(member).read())
            for member in archive
            if member.isreg()
        }


def unpacked_by(command, path):
    """The regular files that another program unpacks, like `read_python` but without modes."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(command.format(path), shell=True, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        found = {}
        for parent, _, names in os.walk(folder):
            for name in names:
                full = os.path.join(parent, name)
                if not os.path.islink(full):
                    with open(full, "rb") as file:
                        found[os.path.relpath(full, folder)] = file.read()
        return found
