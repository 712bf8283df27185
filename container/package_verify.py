"""Lets the packaged model answer its sample payloads, as the serving toolkit would, before anything is registered.

The handler runs in a process of its own (`package_handler.py`): what it breaks, prints or leaks stays there.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

from package_common import DOCUMENT_FILE, PAYLOAD_FOLDER, Refused, quoted, say

HERE = os.path.dirname(os.path.abspath(__file__))
# Loading and answering together; a handler that hangs must not cost the job's whole time.
TIMEOUT_SECONDS = 1800
CONTENT_TYPES = {"payload_text_csv_": "text/csv", "payload_application_json_": "application/json"}


def verify(archive, program):
    """The verification part of package.json. Raises Refused where the package cannot answer."""
    reason = reason_to_skip()
    if reason:
        say("Verification skipped: {}".format(reason))
        return {"status": "skipped", "reason": reason, "payloads": [], "warnings": []}
    scratch = scratch_folder()
    try:
        return answer_payloads(archive, program, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def reason_to_skip():
    if payload_archive() is None:
        return "there is no sample payload"
    if importlib.util.find_spec("torch") is None:
        return "PyTorch is not installed where this ran"
    return None


def payload_archive():
    names = sorted(os.listdir(PAYLOAD_FOLDER)) if os.path.isdir(PAYLOAD_FOLDER) else []
    archives = [name for name in names if name.endswith(".tar.gz")]
    return os.path.join(PAYLOAD_FOLDER, archives[0]) if archives else None


def scratch_folder():
    parent = os.environ.get("TMPDIR") or tempfile.gettempdir()
    os.makedirs(parent, exist_ok=True)
    return tempfile.mkdtemp(prefix="verify-", dir=parent)


def answer_payloads(archive, program, scratch):
    model = os.path.join(scratch, "model")
    unpack(archive, model)
    payloads = read_payloads(os.path.join(scratch, "payloads"))
    expected = expectations()
    job = {
        "model_dir": model,
        "program": program,
        "payloads": payloads,
        "outputs": expected["outputs"],
        "accept": expected["accept"],
        "result": os.path.join(scratch, "result.json"),
    }
    site = install_requirements(os.path.join(model, "code", "requirements.txt"), os.path.join(scratch, "site"))
    result = run_handler(job, site)
    warnings = latency_warnings(result["payloads"], expected["max_latency_ms"])
    for warning in warnings:
        say("WARNING: {}".format(warning))
    return {"status": "passed", "payloads": result["payloads"], "warnings": warnings, "torch": result["torch"]}


def unpack(archive, folder):
    os.makedirs(folder)
    with tarfile.open(archive, "r|gz") as packed:
        for member in packed:
            free = shutil.disk_usage(folder).free
            if member.size > free:
                sentence = "Verification needs {} bytes for {} and {} are free; enlarge processing_volume_size"
                raise Refused(sentence.format(member.size, quoted(member.name), free))
            # The archive was checked when it was packaged; newer Pythons want to be told that it may be trusted.
            trusted = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
            packed.extract(member, folder, set_attrs=True, **trusted)


def read_payloads(folder):
    os.makedirs(folder)
    payloads = []
    with tarfile.open(payload_archive(), "r:gz") as packed:
        for member in packed:
            if not member.isfile():
                continue
            name = os.path.basename(member.name)
            kind = next((CONTENT_TYPES[start] for start in CONTENT_TYPES if name.startswith(start)), None)
            if kind is None:
                raise Refused("The payload archive holds {}, whose name tells no content type".format(quoted(name)))
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                shutil.copyfileobj(packed.extractfile(member), file)
            payloads.append({"file": name, "path": path, "content_type": kind})
    if not payloads:
        raise Refused("The payload archive holds no payload")
    return payloads


def expectations():
    """What the execution document says of the answers; tolerant, since teams bring templates of their own."""
    try:
        with open(DOCUMENT_FILE, encoding="utf-8") as file:
            steps = json.load(file).get("PIPELINE_STEP_CONFIGS", {})
    except (OSError, ValueError):
        steps = {}
    configs = [step.get("STEP_CONFIG", {}) for name, step in sorted(steps.items()) if name.startswith("Registration")]
    config = configs[0] if configs else {}
    outputs = config.get("source_model_inference_output_variable_list", {})
    names = list(outputs) if isinstance(outputs, dict) else [pair[0] for pair in outputs]
    accepted = config.get("source_model_inference_response_types") or ["application/json"]
    latency = config.get("load_testing_info_map", {}).get("max_latency_in_millisecond")
    return {"outputs": names, "accept": accepted[0], "max_latency_ms": latency}


def install_requirements(path, site):
    """As serving would, but into a folder of its own; None where there is nothing to install."""
    if not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8") as file:
        wanted = [line for line in file if line.strip() and not line.lstrip().startswith("#")]
    if not wanted:
        return None
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--target", site, "-r", path]
    done = subprocess.run(pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    print(done.stdout, flush=True)
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
        raise Refused("code/requirements.txt cannot be installed: {}".format(lines[0]))
    return site


def run_handler(job, site):
    code = os.path.join(job["model_dir"], "code")
    environment = dict(os.environ)
    environment.update(
        PYTHONPATH=os.pathsep.join(part for part in (code, site) if part),
        PYTHONDONTWRITEBYTECODE="1",
        SAGEMAKER_PROGRAM=job["program"],
        SAGEMAKER_SUBMIT_DIRECTORY=code,
        SM_MODEL_DIR=job["model_dir"],
    )
    command = [sys.executable, os.path.join(HERE, "package_handler.py"), json.dumps(job)]
    try:
        done = subprocess.run(command, env=environment, cwd=job["model_dir"], timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        raise Refused("The handler did not load and answer within {} s".format(TIMEOUT_SECONDS))
    if not os.path.exists(job["result"]):
        how = "signal {}".format(-done.returncode) if done.returncode < 0 else "exit code {}".format(done.returncode)
        raise Refused("The handler's process ended with {} before it answered; its output is in the log".format(how))
    with open(job["result"], encoding="utf-8") as file:
        result = json.load(file)
    if "failure" in result:
        raise Refused(result["failure"])
    return result


def latency_warnings(payloads, limit):
    if not limit:
        return []
    sentence = "{} took {} ms (median), above max_latency_in_millisecond {}; the instance differs from the serving one"
    slow = [payload for payload in payloads if payload["latency_ms"]["median"] > limit]
    return [sentence.format(payload["file"], payload["latency_ms"]["median"], limit) for payload in slow]
