"""Levels `toolkit` and `built-in`: the handler's process (`package_handler.py`) from the packager's side."""

import base64
import importlib.util
import json
import os
import time
import uuid

from package_process import ContainedProcess
from package_answers import Transcript
from package_server import CannotStart

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLKIT = "sagemaker_pytorch_serving_container"


def transcribe_worker(job, place, deadline):
    folder = os.path.join(place.scratch, job["level"])
    store = os.path.join(folder, "models", uuid.uuid4().hex)
    os.makedirs(store)
    # TorchServe shows a worker the model through a link of its own; of a folder alone, that folder.
    root = served_root(place.model)
    link = os.path.join(store, os.path.basename(root))
    os.symlink(root, link)
    result = os.path.join(folder, "result.jsonl")
    task = {"level": job["level"], "payloads": job["payloads"], "accept": job["accept"], "calls": job["calls"]}
    task_file = os.path.join(folder, "task.json")
    with open(task_file, "w", encoding="utf-8") as file:
        json.dump(dict(task, result=result), file)
    path = [toolkit_folder(), place.code, root, store, place.environment.get("PYTHONPATH")]
    # The toolkit's configuration of TorchServe; a variable of the package's comes before it.
    environment = dict({"TS_DECODE_INPUT_REQUEST": "false"}, **place.environment)
    environment["PYTHONPATH"] = os.pathsep.join(part for part in path if part)
    command = [place.python, "-u", os.path.join(HERE, "package_handler.py"), task_file, link]
    worker = ContainedProcess(command, place.base, env=environment, cwd=root)
    limit = response_seconds(place.environment)
    try:
        code, late = wait(worker, result, limit, deadline)
    finally:
        worker.stop()
    transcript = read_transcript(result, code, job)
    if late and transcript.died is not None:
        sentence = "there was no answer within {} s, which is what serving gives it (SAGEMAKER_TS_RESPONSE_TIMEOUT)"
        transcript.died["how"] = sentence.format(limit)
    return transcript


def response_seconds(environment):
    """How long TorchServe waits for an answer before it ends the worker."""
    wanted = environment.get("SAGEMAKER_TS_RESPONSE_TIMEOUT", "")
    return int(wanted) if wanted.isdigit() and int(wanted) > 0 else 60


def wait(worker, result, limit, deadline):
    """(exit code or None, whether an answer took longer than it may)."""
    seen, since = None, time.monotonic()
    while time.monotonic() < deadline:
        code = worker.wait(min(0.5, deadline - time.monotonic()))
        if code is not None:
            return code, False
        last = last_event(result)
        if last != seen:
            seen, since = last, time.monotonic()
        elif last[1].startswith('{"event": "asked"') and time.monotonic() - since > limit:
            return None, True
    return None, False


def last_event(path):
    """(size, last line) of the result file; answers may be long, so the end alone is read."""
    if not os.path.exists(path):
        return 0, ""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 4096))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return size, lines[-1] if lines else ""


def served_root(model):
    """TorchServe takes a lone folder in the model folder for the model."""
    inside = os.listdir(model)
    only = os.path.join(model, inside[0]) if len(inside) == 1 else model
    return only if os.path.isdir(only) else model


def toolkit_folder():
    spec = importlib.util.find_spec(TOOLKIT)
    return os.path.dirname(spec.origin) if spec and spec.origin else None


def read_transcript(result, code, job):
    transcript, pids, trace = Transcript(), set(), None
    for event in read_events(result):
        pids.add(event["pid"])
        if event["event"] == "loaded":
            transcript.loaded, transcript.torch = True, event.get("torch")
        elif event["event"] == "answered" and len(pids) == 1:
            answer = dict(event["answer"], body=base64.b64decode(event["answer"]["body"]))
            transcript.answers.setdefault(event["file"], []).append(answer)
        elif event["event"] == "died":
            trace = event["trace"]
            if event.get("missing"):
                raise CannotStart(event["missing"])
        elif event["event"] == "finished" and len(pids) == 1:
            transcript.finished = True
    if not pids and code is not None:
        raise CannotStart("the handler's process ended with {} before it began".format(ending(code)))
    if len(pids) > 1:
        transcript.died = {"returned_twice": True}
    elif not transcript.finished:
        transcript.died = {"trace": trace or "", "how": how(code, job)}
    return transcript


def read_events(path):
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                return


def how(code, job):
    if code is None:
        return "the handler did not load and answer within {} s (VERIFY_TIMEOUT_SECONDS)".format(job["timeout"])
    return "the handler's process ended with {}".format(ending(code))


def ending(code):
    return "signal {}".format(-code) if code < 0 else "exit code {}".format(code)
