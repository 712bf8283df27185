"""Where a package is verified: the folders as serving lays them out, the environment, the Python that answers."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time

from package_common import ROOT, Refused
from package_process import SERVING_BASE, ContainedProcess
from package_answers import one_line

# Of the environment, what is the packager's or its job's; the rest comes from the image, as in serving.
OURS = re.compile(
    r"(VERIFY|BSM_|SM_|SERVING_|MODEL_ARCHIVE_NAME$|ModelIdentity$|TMPDIR$|SAGEMAKER_BASE_DIR$|PROCESSING_JOB|"
    r"PYTHONDONTWRITEBYTECODE$|PYTHONWARNINGS$|PYTHONUNBUFFERED$)"
)
SERVING_PREFIX = "SERVING_"
# Settings that the serving toolkit takes for whole numbers before it starts anything.
WHOLE_NUMBERS = (
    "SAGEMAKER_MODEL_SERVER_TIMEOUT SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS SAGEMAKER_STARTUP_TIMEOUT "
    "SAGEMAKER_TS_BATCH_SIZE SAGEMAKER_TS_MAX_BATCH_DELAY SAGEMAKER_TS_MIN_WORKERS SAGEMAKER_TS_MAX_WORKERS "
    "SAGEMAKER_TS_RESPONSE_TIMEOUT"
).split()
# What a package is registered with where the execution document tells nothing else.
DEFAULTS = {"SAGEMAKER_CONTAINER_LOG_LEVEL": "20", "SAGEMAKER_SUBMIT_DIRECTORY": SERVING_BASE + "/model/code"}


class Place:
    def __init__(self, scratch, program):
        self.scratch, self.program = scratch, program
        self.base = os.path.join(scratch, "ml")
        self.model = os.path.join(self.base, "model")
        self.code = os.path.join(self.model, "code")
        self.python = sys.executable
        self.environment = {}
        self.link = None
        os.makedirs(self.base)

    def serve_with(self, declared):
        """The environment of the model server: the image's, and what the package is registered with."""
        environment = {name: value for name, value in os.environ.items() if not OURS.match(name)}
        environment.update(DEFAULTS)
        environment.update({str(name): str(value) for name, value in declared.items()})
        given = {name: value for name, value in os.environ.items() if name.startswith(SERVING_PREFIX)}
        environment.update({name[len(SERVING_PREFIX) :]: value for name, value in given.items()})
        if "SAGEMAKER_REGION" in environment:
            environment.setdefault("AWS_REGION", environment["SAGEMAKER_REGION"])
        environment["SAGEMAKER_PROGRAM"] = self.program
        refuse_settings(environment)
        if not self.claim_serving_base():
            environment["SAGEMAKER_BASE_DIR"] = self.base
            submit = environment["SAGEMAKER_SUBMIT_DIRECTORY"]
            # Back to /opt/ml where the command may see the folder there; see package_process.py.
            environment["SAGEMAKER_SUBMIT_DIRECTORY"] = submit.replace(SERVING_BASE, self.base)
        self.environment = environment

    def claim_serving_base(self):
        """In a container of SageMaker's, /opt/ml/model can be had; whether it is ours now."""
        target = SERVING_BASE + "/model"
        if ROOT or os.path.lexists(target):
            return False
        try:
            os.symlink(self.model, target)
        except OSError:
            return False
        self.link, self.base, self.model, self.code = target, "", target, target + "/code"
        return True

    def close(self):
        if self.link:
            os.unlink(self.link)


def refuse_settings(environment):
    for name in WHOLE_NUMBERS:
        try:
            int(environment.get(name, "1"))
        except ValueError:
            sentence = "The package is registered with {}={}; expected a whole number, without which no server starts"
            raise Refused(sentence.format(name, one_line(environment[name], 100)))


def install_requirements(place, deadline):
    """As serving does: a plain `pip install -r` into what is there. Raises Refused."""
    path = os.path.join(place.code, "requirements.txt")
    if not os.path.exists(path):
        return
    if ROOT:
        # A rehearsal's Python is somebody's own: what is there is looked through, but not written to.
        place.python = overlay(os.path.join(place.scratch, "python"))
    log = os.path.join(place.scratch, "pip.log")
    python_path = os.pathsep.join(part for part in (place.code, place.environment.get("PYTHONPATH")) if part)
    command = [place.python, "-m", "pip", "install", "--disable-pip-version-check", "-r", path]
    with open(log, "wb") as output:
        environment = dict(place.environment, PYTHONPATH=python_path)
        # Requirements may name files by the paths that they have in serving.
        pip = ContainedProcess(command, place.base, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        code = pip.wait(deadline - time.monotonic())
    finally:
        pip.stop()
    with open(log, encoding="utf-8", errors="replace") as file:
        said = file.read()
    print(said, flush=True)
    if code is None:
        raise Refused("code/requirements.txt cannot be installed: pip was not done in time (VERIFY_TIMEOUT_SECONDS)")
    if code != 0:
        raise Refused("code/requirements.txt cannot be installed: {}".format(pip_reason(said)))


def pip_reason(said):
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"ERROR: (?!Exception|Ignored )", line)]
    return one_line((errors or lines[-1:] or ["pip gave no reason"])[0])


def overlay(folder):
    """A Python that sees all that this one sees, and installs into a folder of its own."""
    venv = [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", folder]
    done = subprocess.run(venv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        return sys.executable
    library = "python{}.{}".format(*sys.version_info)
    site = os.path.join(folder, "lib", library, "site-packages")
    there = [entry for entry in dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))) if entry]
    with open(os.path.join(site, "packager.pth"), "w", encoding="utf-8") as file:
        # addsitedir also reads the .pth files that lie there.
        for entry in there:
            file.write("import site; site.addsitedir({!r})\n".format(entry))
    return os.path.join(folder, "bin", "python")
