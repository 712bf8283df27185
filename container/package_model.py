"""Packages a model with its inference code; runs in a SageMaker processing job, standard library only, Python 3.8+.

In: `/opt/ml/processing/input/model/<MODEL_ARCHIVE_NAME>` (one gzip tar) and `/opt/ml/processing/input/script` (the code).
Out: `/opt/ml/processing/output/model.tar.gz` with the model's files at its root and the code in `code/`, and
`package.json` beside it. A failing job writes one sentence into `/opt/ml/output/message`.
"""

import hashlib
import json
import os
import posixpath
import sys
import tarfile
import time
import zlib

ROOT = os.environ.get("BSM_CONTAINER_ROOT", "")
MODEL_FOLDER = ROOT + "/opt/ml/processing/input/model"
CODE_FOLDER = ROOT + "/opt/ml/processing/input/script"
OUTPUT_FOLDER = ROOT + "/opt/ml/processing/output"
MESSAGE_FILE = ROOT + "/opt/ml/output/message"
# SageMaker keeps the first kilobyte of the message as ExitMessage of the processing job.
MESSAGE_BYTES = 1024
CHUNK = 1 << 20


class Refused(Exception):
    """What cannot be packaged, as a sentence for whoever reads it."""


class GzipWriter:
    """One gzip member without a date: the same input gives the same bytes. Hashes what it writes."""

    def __init__(self, file):
        self.file, self.crc, self.size, self.written = file, 0, 0, 0
        self.sha256 = hashlib.sha256()
        self.deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.emit(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")

    def emit(self, data):
        self.sha256.update(data)
        self.written += len(data)
        self.file.write(data)

    def write(self, data):
        self.crc = zlib.crc32(data, self.crc)
        self.size += len(data)
        self.emit(self.deflate.compress(data))
        return len(data)

    def close(self):
        self.emit(self.deflate.flush())
        self.emit(self.crc.to_bytes(4, "little") + (self.size & 0xFFFFFFFF).to_bytes(4, "little"))


def checked_name(member):
    """The member's path inside the archive, or a refusal that names it."""
    name = posixpath.normpath(member.name)
    if member.name.startswith("/") or name == ".." or name.startswith("../"):
        raise Refused("The model archive holds {!r}, which leads out of it".format(member.name))
    if member.isdev() or member.isfifo():
        raise Refused("The model archive holds {!r}, a device or pipe".format(member.name))
    if member.issym() or member.islnk():
        base = posixpath.dirname(name) if member.issym() else ""
        target = posixpath.normpath(posixpath.join(base, member.linkname))
        if member.linkname.startswith("/") or target == ".." or target.startswith("../"):
            raise Refused("The model archive holds {!r}, a link that leads out of it".format(member.name))
    return name


def copy_model(archive, package):
    names = []
    for member in archive:
        name = checked_name(member)
        if name == "." or name == "code" or name.startswith("code/"):
            continue
        if name in names:
            raise Refused("The model archive holds {!r} twice".format(member.name))
        names.append(name)
        member.name = name
        package.addfile(member, archive.extractfile(member) if member.isreg() else None)
    if not names:
        raise Refused("The model archive holds no model file")
    return names


def add_code(package):
    names = []
    for folder, folders, files in os.walk(CODE_FOLDER):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(folder, file)
            member = tarfile.TarInfo("code/" + os.path.relpath(path, CODE_FOLDER).replace(os.sep, "/"))
            member.size, member.mode = os.path.getsize(path), 0o644
            with open(path, "rb") as content:
                package.addfile(member, content)
            names.append(member.name)
    program = os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
    if "code/" + program not in names:
        raise Refused("The inference code lacks its entry point {}".format(program))
    return names


def package(source, target):
    with open(target, "wb") as file:
        writer = GzipWriter(file)
        with tarfile.open(source, "r|gz") as archive, tarfile.open(
            fileobj=writer, mode="w|", format=tarfile.PAX_FORMAT
        ) as packed:
            names = copy_model(archive, packed) + add_code(packed)
        writer.close()
    return writer, names


def main():
    started = time.monotonic()
    source = os.path.join(MODEL_FOLDER, os.environ.get("MODEL_ARCHIVE_NAME", "model.tar.gz"))
    if not os.path.isfile(source):
        raise Refused("There is no model archive {}".format(os.path.basename(source)))
    os.makedirs(OUTPUT_FOLDER, exist_ok=True)
    writer, names = package(source, os.path.join(OUTPUT_FOLDER, "model.tar.gz"))
    report = {
        "format_version": 1,
        "sha256": writer.sha256.hexdigest(),
        "size_bytes": writer.written,
        "model_archive": {"size_bytes": os.path.getsize(source)},
        "members": {"count": len(names), "list": names[:1000]},
        "way": "recompressed",
        "why": "the plain packager always recompresses",
        "verification": {"status": "skipped", "reason": "this packager does not verify yet"},
        "timings_seconds": {"package": round(time.monotonic() - started, 3)},
        "python": "{}.{}".format(*sys.version_info),
        "torch": None,
    }
    with open(os.path.join(OUTPUT_FOLDER, "package.json"), "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2)
    print("Packaged {} files, {} bytes, sha256 {}".format(len(names), writer.written, report["sha256"]), flush=True)


def fail(sentence):
    for name in ("model.tar.gz", "package.json"):
        path = os.path.join(OUTPUT_FOLDER, name)
        if os.path.exists(path):
            os.remove(path)
    os.makedirs(os.path.dirname(MESSAGE_FILE), exist_ok=True)
    with open(MESSAGE_FILE, "wb") as file:
        file.write(sentence.encode("utf-8")[:MESSAGE_BYTES].decode("utf-8", "ignore").encode("utf-8"))
    print(sentence, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        sys.exit(fail(str(refusal)))
    except (tarfile.TarError, EOFError, zlib.error, OSError) as failure:
        sys.exit(fail("The model archive cannot be packaged: {}".format(failure)))
