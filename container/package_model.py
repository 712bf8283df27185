"""Packages a model with its inference code; runs in a SageMaker processing job. Standard library only, Python 3.8.

In: the model archive (one gzip tar) in `/opt/ml/processing/input/model`, the code in `/opt/ml/processing/input/script`.
Out: `/opt/ml/processing/output/model.tar.gz`, the model's files at its root and the code in `code/`, and `package.json`
beside it. A failing job leaves one sentence in `/opt/ml/output/message` and nothing in the output.
"""

import errno
import hashlib
import json
import os
import signal
import sys
import zlib

# In the bucket the modules lie beside this file as one archive: each object more would be one request more.
MODULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "packager.tar")
if os.path.exists(MODULES):
    import tarfile
    import tempfile

    try:
        parent = os.environ.get("TMPDIR") or tempfile.gettempdir()
        os.makedirs(parent, exist_ok=True)
        sys.path.insert(0, tempfile.mkdtemp(prefix="packager-", dir=parent))
        with tarfile.open(MODULES) as modules:
            for module in modules:
                with open(os.path.join(sys.path[0], os.path.basename(module.name)), "wb") as file:
                    file.write(modules.extractfile(module).read())
    except (OSError, tarfile.TarError, AttributeError) as error:
        sentence = "The packager cannot be unpacked: {}. The packaging job needs a temporary folder".format(error)
        print(sentence, file=sys.stderr)
        message = os.environ.get("BSM_CONTAINER_ROOT", "") + "/opt/ml/output/message"
        os.makedirs(os.path.dirname(message), exist_ok=True)
        with open(message, "w", encoding="utf-8") as file:
            file.write(sentence)
        sys.exit(1)

from package_code import Code
from package_common import MODEL_FOLDER, OUTPUT_FOLDER, Phases, Refused, leave_message, quoted, say
from package_gzip import NotGzip
from package_reread import Different
from package_write import CannotSplice, CannotWrite, recompress, splice

LISTED_MEMBERS = 1000
TOLD_LINKS = 20
DISK_FULL = "The disk is full; give the packaging job more of it (package.processing_volume_size, in GB)"


def main():
    phases = Phases()
    program = os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
    source = model_archive()
    size = os.path.getsize(source)
    code = Code(program)
    make_output_folder()
    target = os.path.join(OUTPUT_FOLDER, "model.tar.gz")
    way, why, result = package(source, target, code, phases)
    scanner, sha256, packaged_size = result
    members = sorted(name for name in scanner.names() if name != "code" and not name.startswith("code/")) + code.names
    tell_links(scanner.replaced)
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
        "replaced_links": link_list(scanner.replaced),
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


def tell_links(replaced):
    for link, file in replaced[:TOLD_LINKS]:
        say("{} is a link to {}; the file itself is packaged in its place".format(quoted(link), quoted(file)))
    if len(replaced) > TOLD_LINKS:
        say("... and {} links more".format(len(replaced) - TOLD_LINKS))


def link_list(replaced):
    """Links whose files are packaged in their place; the first of them by name."""
    shown = [{"name": printable(link), "file": printable(file)} for link, file in replaced[:LISTED_MEMBERS]]
    return {"count": len(replaced), "list": shown}


def printable(name):
    return name.decode("utf-8", "backslashreplace")


def make_output_folder():
    try:
        os.makedirs(OUTPUT_FOLDER, exist_ok=True)
    except OSError as error:
        raise CannotWrite(error)


def fail(sentence):
    for name in ("model.tar.gz", "package.json"):
        path = os.path.join(OUTPUT_FOLDER, name)
        try:
            if os.path.lexists(path):
                os.remove(path)
        except OSError as error:
            say("{} cannot be removed: {}".format(path, error))
    leave_message(sentence)
    return 1


def stopped(number, _frame):
    raise Refused("Packaging was stopped by signal {}".format(number))


def run():
    """The exit code; every way to fail ends in one sentence."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stopped)
    # Whatever others print, for whatever terminal, is no reason to fail.
    if sys.stdout:
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        main()
    except Refused as refusal:
        return fail(str(refusal))
    except NotGzip as failure:
        return fail("The model archive is no gzip tar ({}); expected one gzip member holding one tar".format(failure))
    except zlib.error as failure:
        return fail("The model archive is corrupt: {}".format(failure))
    except Different as difference:
        sentence = "The packaged archive does not read as it was written, by Python's tarfile: {}; please report it"
        return fail(sentence.format(difference))
    except CannotWrite as failure:
        return fail(write_failure(failure.args[0]))
    except OSError as failure:
        return fail(write_failure(failure))
    except MemoryError:
        return fail("There is too little memory; enlarge package.processing_instance_type_small or _large")
    except Exception as failure:
        # Loaded for a defect only: with what it needs it takes as long as a small archive.
        import traceback

        frame = traceback.extract_tb(failure.__traceback__)[-1]
        where = "{}, line {}".format(os.path.basename(frame.filename), frame.lineno)
        return fail("Packaging failed: {}: {} ({})".format(type(failure).__name__, failure, where))
    return 0


def write_failure(error):
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    where = " {}".format(quoted(str(error.filename))) if error.filename else ""
    return "The package cannot be written: {}{}".format(error.strerror or error, where)


if __name__ == "__main__":
    sys.exit(run())
