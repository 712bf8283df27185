"""Packages a model with its inference code; runs in a SageMaker processing job. Standard library only, Python 3.8.

In: the model archive (one gzip tar) in `/opt/ml/processing/input/model`, the code in `/opt/ml/processing/input/script`.
Out: `/opt/ml/processing/output/model.tar.gz`, the model's files at its root and the code in `code/`, and `package.json`
beside it. A failing job leaves one sentence in `/opt/ml/output/message` and nothing in the output.
"""

import errno
import hashlib
import io
import json
import os
import sys
import tarfile
import zlib

from package_common import CODE_FOLDER, MODEL_FOLDER, OUTPUT_FOLDER, Phases, Refused, leave_message, quoted, say
from package_write import CannotSplice, recompress, splice

LISTED_MEMBERS = 1000


def main():
    phases = Phases()
    program = os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
    source = model_archive()
    size = os.path.getsize(source)
    code, code_names = code_entries(program)
    os.makedirs(OUTPUT_FOLDER, exist_ok=True)
    target = os.path.join(OUTPUT_FOLDER, "model.tar.gz")
    way, why, result = package(source, target, code, phases)
    scanner, sha256, packaged_size = result
    members = sorted(name for name in scanner.names() if name != "code" and not name.startswith("code/")) + code_names
    say("Packaged {} members, {} bytes ({}: {}), sha256 {}".format(len(members), packaged_size, way, why, sha256))
    verification = phases.run("verify", lambda: verified(target, program))
    report = {
        "format_version": 1,
        "sha256": sha256,
        "size_bytes": packaged_size,
        "model_archive": {"size_bytes": size},
        "members": member_list(members),
        "way": way,
        "why": why,
        "verification": verification,
        "timings_seconds": phases.seconds,
        "python": "{}.{}".format(*sys.version_info),
        "torch": verification.get("torch"),
    }
    with open(os.path.join(OUTPUT_FOLDER, "package.json"), "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2)


def verified(target, program):
    wanted = os.environ.get("VERIFY", "")
    if wanted != "true":
        reason = "VERIFY is {}; only true verifies".format(quoted(wanted))
        return {"status": "skipped", "reason": reason, "payloads": [], "warnings": []}
    # Only here: what it imports would be half of the time that a small model takes.
    from package_verify import verify

    return verify(target, program)


def model_archive():
    name = os.environ.get("MODEL_ARCHIVE_NAME", "model.tar.gz")
    path = os.path.join(MODEL_FOLDER, name)
    if not os.path.isfile(path):
        there = ", ".join(sorted(os.listdir(MODEL_FOLDER))) if os.path.isdir(MODEL_FOLDER) else "nothing"
        raise Refused("There is no model archive {}; the input holds {}".format(quoted(name), quoted(there)))
    return path


def code_entries(program):
    """The inference code as tar entries without an end mark, and their names. The same bytes on any machine."""
    buffer, names = io.BytesIO(), []
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for folder, folders, files in os.walk(CODE_FOLDER):
            folders.sort()
            for file in sorted(files):
                path = os.path.join(folder, file)
                member = tarfile.TarInfo("code/" + os.path.relpath(path, CODE_FOLDER).replace(os.sep, "/"))
                member.size, member.mode = os.path.getsize(path), 0o644
                with open(path, "rb") as content:
                    archive.addfile(member, content)
                names.append(member.name)
        length = archive.offset
    if "code/" + program not in names:
        raise Refused("The inference code lacks its entry point {} (SAGEMAKER_PROGRAM)".format(quoted(program)))
    return buffer.getvalue()[:length], names


def package(source, target, code, phases):
    size = os.path.getsize(source)
    try:
        result = phases.run("splice", lambda: splice(source, target, code), size)
        return "spliced", "the model's compressed bytes were kept", result
    except CannotSplice as reason:
        say("Cannot splice: {}".format(reason))
        return "recompressed", str(reason), phases.run("recompress", lambda: recompress(source, target, code), size)


def member_list(names):
    digest = hashlib.sha256("\n".join(sorted(names)).encode("utf-8", "surrogateescape")).hexdigest()
    shown = {"list": [name.encode("utf-8", "backslashreplace").decode() for name in names]}
    return {"count": len(names), "sha256": digest, **(shown if len(names) <= LISTED_MEMBERS else {})}


def fail(sentence):
    for name in ("model.tar.gz", "package.json"):
        path = os.path.join(OUTPUT_FOLDER, name)
        if os.path.exists(path):
            os.remove(path)
    leave_message(sentence)
    return 1


def run():
    """The exit code; every way to fail ends in one sentence."""
    try:
        main()
    except Refused as refusal:
        return fail(str(refusal))
    except ValueError as failure:
        return fail("The model archive is no gzip tar ({}); expected one gzip member holding one tar".format(failure))
    except zlib.error as failure:
        return fail("The model archive is corrupt: {}".format(failure))
    except OSError as failure:
        if failure.errno == errno.ENOSPC:
            return fail("The disk is full; give the packaging job more of it (package.processing_volume_size, in GB)")
        return fail("The package cannot be written: {}".format(failure))
    return 0


if __name__ == "__main__":
    sys.exit(run())
