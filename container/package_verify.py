"""Lets the packaged model answer its sample payloads, as serving would, before anything is registered.

Three levels, the highest that is there: `server`, the image's own model server over HTTP (`package_server.py`);
`toolkit`, the serving toolkit's functions in a process of their own, and `built-in`, ours (both `package_handler.py`).
A level that cannot start for a reason of its own gives way to the next; one that fails on the handler is the verdict.
"""

import errno
import gzip
import importlib.util
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import time
import traceback
import zlib

import package_server
from package_common import DOCUMENT_FILE, PAYLOAD_FOLDER, Refused, quoted, say
from package_answers import functions_of, is_one_integer, judge, one_line
from package_names import refuse_breaking_module, refuse_program
from package_place import Place, install_requirements
from package_unpack import unpack
from package_worker import transcribe_worker

# Installing, loading and answering together; a handler that hangs must not cost the job's whole time.
DEFAULT_TIMEOUT_SECONDS = 1800
LEVELS = ("server", "toolkit", "built-in")
# The first answer and five that are timed.
CALLS = 6
CONTENT_TYPES = {"payload_text_csv_": "text/csv", "payload_application_json_": "application/json"}


def verify(archive, program):
    """The verification part of package.json. Raises Refused where the package cannot answer."""
    reason = reason_to_skip()
    if reason:
        return skipped(reason)
    scratch = scratch_folder()
    try:
        return answer_payloads(archive, program, scratch)
    except (tarfile.TarError, EOFError, ValueError, LookupError, TypeError, AttributeError) as problem:
        # No reader is served by a traceback of ours; it goes to the log.
        traceback.print_exc()
        raise Refused(cannot_verify("{}: {}".format(type(problem).__name__, problem)))
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        where = " {}".format(quoted(str(problem.filename))) if problem.filename else ""
        raise Refused(cannot_verify("{}{}".format(problem.strerror or problem, where)))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def cannot_verify(why):
    return one_line("Verification cannot be made: {}; package.verify: false registers without it".format(why), 1000)


def skipped(reason, **more):
    say("Verification skipped: {}".format(reason))
    return dict({"status": "skipped", "reason": reason, "payloads": [], "warnings": []}, **more)


def reason_to_skip():
    if payload_archive() is None:
        return "there is no sample payload"
    if not installed("torch"):
        return "PyTorch is not installed where this ran"
    return None


def installed(name):
    return importlib.util.find_spec(name) is not None


def payload_archive():
    names = sorted(os.listdir(PAYLOAD_FOLDER)) if os.path.isdir(PAYLOAD_FOLDER) else []
    archives = [name for name in names if name.endswith(".tar.gz")]
    return os.path.join(PAYLOAD_FOLDER, archives[0]) if archives else None


def scratch_folder():
    parent = os.environ.get("TMPDIR") or tempfile.gettempdir()
    os.makedirs(parent, exist_ok=True)
    return tempfile.mkdtemp(prefix="verify-", dir=os.path.realpath(parent))


def answer_payloads(archive, program, scratch):
    timeout = timeout_seconds()
    deadline = time.monotonic() + timeout
    place = Place(scratch, program)
    try:
        unpack(archive, place.model)
        return answer_in_place(place, timeout, deadline)
    finally:
        place.close()


def answer_in_place(place, timeout, deadline):
    expected = expectations()
    job = {
        "program": place.program,
        "payloads": read_payloads(os.path.join(place.scratch, "payloads")),
        "outputs": expected["outputs"],
        "accept": expected["accepted"][0],
        "accepted": expected["accepted"],
        "calls": CALLS,
        "timeout": timeout,
        "functions": functions_of(os.path.join(place.code, place.program)),
        "code_marker": place.code,
    }
    refuse_program(place.program)
    refuse_other_handler(place.model)
    for payload in job["payloads"]:
        if not job["functions"] & {"input_fn", "transform_fn"} and is_one_integer(payload["path"]):
            payload["size_of_tensor"] = True
    place.serve_with(expected["environment"])
    install_requirements(place, deadline)
    level, reasons, transcript = highest(job, place, deadline)
    found = {"by": level, "python": python_version(), "torch": transcript.torch or torch_version()}
    if reasons:
        found["reason"] = "; ".join(reasons)
    payloads = judge(transcript, job)
    warnings = latency_warnings(payloads, expected["max_latency_ms"]) + version_warnings(expected["image"], found)
    for warning in warnings:
        say("WARNING: {}".format(warning))
    say("Verified by {}{}".format(level, " ({})".format(found["reason"]) if reasons else ""))
    return dict({"status": "passed", "payloads": payloads, "warnings": warnings}, **found)


def timeout_seconds():
    wanted = os.environ.get("VERIFY_TIMEOUT_SECONDS", "")
    return int(wanted) if wanted.isdigit() and int(wanted) > 0 else DEFAULT_TIMEOUT_SECONDS


def highest(job, place, deadline):
    """(level, why not a higher one, what was said there)."""
    wanted = os.environ.get("VERIFY_LEVEL", "auto")
    reasons = []
    for level in LEVELS if wanted not in LEVELS else LEVELS[LEVELS.index(wanted) :]:
        why_not = reason_against(level)
        if why_not is None:
            try:
                say("Verifying by {}".format(level))
                if level == "server":
                    return (
                        level,
                        reasons,
                        explained(package_server.transcribe(job, place, deadline), job, place, deadline),
                    )
                if level == "built-in":
                    refuse_breaking_module((place.code, place.model))
                return level, reasons, transcribe_worker(dict(job, level=level), place, deadline)
            except package_server.CannotStart as cause:
                why_not = str(cause)
        say("Verification not by {}: {}".format(level, why_not))
        same = bool(reasons) and reasons[-1].endswith(": " + why_not)
        levels = "{} or {}".format(reasons.pop()[: -len(why_not) - 2], level) if same else "not by " + level
        reasons.append("{}: {}".format(levels, why_not))
    raise Refused(one_line("Verification cannot be made: {}".format("; ".join(reasons)), 1000))


def explained(transcript, job, place, deadline):
    """A worker that dies without a word is asked again outside of the server, where its error can be read.

    TorchServe cannot send an error whose text is not ASCII, for one.
    """
    if not transcript.unexplained():
        return transcript
    try:
        again = transcribe_worker(dict(job, level="toolkit"), place, deadline)
    except package_server.CannotStart:
        return transcript
    return again if again.failed() and not again.unexplained() else transcript


def reason_against(level):
    if level == "built-in":
        return None
    for name in ("sagemaker_inference", "sagemaker_pytorch_serving_container"):
        if not installed(name):
            return "the serving toolkit ({}) is not installed where this ran".format(name.replace("_", "-"))
    return package_server.reason_against(installed) if level == "server" else None


def refuse_other_handler(model):
    """A manifest of TorchServe's own in the archive names the handler, and code/ is never asked."""
    try:
        with open(os.path.join(model, "MAR-INF", "MANIFEST.json"), encoding="utf-8") as file:
            described = json.load(file)["model"]
        handler, settings = described.get("handler"), described.get("configFile")
    except OSError:
        return
    except (ValueError, LookupError, TypeError, AttributeError):
        raise Refused("The model archive holds MAR-INF/MANIFEST.json, which TorchServe cannot read; remove MAR-INF")
    if settings and not os.path.isfile(os.path.join(model, str(settings))):
        sentence = "The model archive holds MAR-INF/MANIFEST.json, whose configFile {} is not in it; remove MAR-INF"
        raise Refused(sentence.format(quoted(str(settings))))
    if handler:
        sentence = (
            "The model archive holds MAR-INF/MANIFEST.json with the handler {}, which TorchServe takes instead of the "
            "inference code; remove MAR-INF from the archive"
        )
        raise Refused(sentence.format(quoted(str(handler))))


def read_payloads(folder):
    os.makedirs(folder)
    payloads = []
    try:
        with tarfile.open(payload_archive(), "r:gz") as packed:
            for member in packed:
                name = os.path.basename(member.name)
                # The second kind is what macOS keeps beside a file.
                if member.isfile() and not name.startswith("._"):
                    payloads.append(read_payload(packed, member, os.path.join(folder, name)))
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise Refused("The payload archive cannot be read: {}".format(problem))
    if not payloads:
        raise Refused("The payload archive holds no payload")
    return payloads


def read_payload(packed, member, path):
    name = os.path.basename(path)
    kind = next((CONTENT_TYPES[start] for start in CONTENT_TYPES if name.startswith(start)), None)
    if kind is None:
        raise Refused("The payload archive holds {}, whose name tells no content type".format(quoted(name)))
    with open(path, "wb") as file:
        shutil.copyfileobj(packed.extractfile(member), file)
    return {"file": name, "path": path, "content_type": kind}


def expectations():
    """What the execution document says of the answers; tolerant, since teams bring templates of their own."""
    try:
        with open(DOCUMENT_FILE, encoding="utf-8") as file:
            steps = mapping(mapping(json.load(file)).get("PIPELINE_STEP_CONFIGS"))
    except (OSError, ValueError):
        steps = {}
    configs = [
        mapping(step).get("STEP_CONFIG") for name, step in sorted(steps.items()) if name.startswith("Registration")
    ]
    config = mapping(configs[0]) if configs else {}
    outputs = config.get("source_model_inference_output_variable_list")
    if not isinstance(outputs, dict):
        outputs = [pair[0] for pair in outputs if isinstance(pair, list) and pair] if isinstance(outputs, list) else []
    accepted = config.get("source_model_inference_response_types") or ["application/json"]
    limit = mapping(config.get("load_testing_info_map")).get("max_latency_in_millisecond")
    return {
        "outputs": list(outputs),
        "accepted": [str(kind) for kind in accepted] if isinstance(accepted, list) else [str(accepted)],
        "max_latency_ms": limit if isinstance(limit, (int, float)) else None,
        "environment": mapping(config.get("source_model_environment_variable_map")),
        "image": str(config.get("source_model_inference_image_arn", "")),
    }


def mapping(value):
    return value if isinstance(value, dict) else {}


def latency_warnings(payloads, limit):
    if not limit:
        return []
    sentence = "{} took {} ms (median), above max_latency_in_millisecond {}; the instance differs from the serving one"
    slow = [payload for payload in payloads if payload["latency_ms"]["median"] > limit]
    return [sentence.format(payload["file"], payload["latency_ms"]["median"], limit) for payload in slow]


def python_version():
    return "{}.{}.{}".format(*sys.version_info)


def torch_version():
    from importlib import metadata

    try:
        return metadata.version("torch")
    except metadata.PackageNotFoundError:
        return None


def version_warnings(image, found):
    """Where the versions of the serving image, as its tag tells them, are not those that answered here."""
    tag = re.search(r":(\d+\.\d+(?:\.\d+)?)-(?:cpu|gpu)-py(\d)(\d+)", image)
    if tag is None:
        return []
    expected = {"torch": tag.group(1), "python": "{}.{}".format(tag.group(2), tag.group(3))}
    sentence = "Verified with {0} {1}, while the inference image has {2}; what passed here may fail there"
    return [
        sentence.format({"torch": "PyTorch", "python": "Python"}[name], found[name], version)
        for name, version in expected.items()
        if found[name] and not re.match(re.escape(version) + r"(?![0-9])", found[name])
    ]
