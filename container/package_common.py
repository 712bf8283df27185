"""What the parts of the packager share: where things lie, and how a refusal reaches its reader."""

import os
import sys
import time

# Prefix of all container paths: empty in SageMaker; the embedded AWS emulates a container under a folder of its own.
ROOT = os.environ.get("BSM_CONTAINER_ROOT", "")
MODEL_FOLDER = ROOT + "/opt/ml/processing/input/model"
CODE_FOLDER = ROOT + "/opt/ml/processing/input/script"
PAYLOAD_FOLDER = ROOT + "/opt/ml/processing/mims_payload"
DOCUMENT_FILE = ROOT + "/opt/ml/processing/config/config"
OUTPUT_FOLDER = ROOT + "/opt/ml/processing/output"
MESSAGE_FILE = ROOT + "/opt/ml/output/message"
# SageMaker keeps the first kilobyte of the message as ExitMessage of the processing job.
MESSAGE_BYTES = 1024


class Refused(Exception):
    """What cannot be packaged, as one sentence for whoever reads it."""


class Phases:
    """Times what is done, and says so while it goes on: a container log should not be silent for minutes."""

    def __init__(self):
        self.seconds = {}

    def run(self, name, work, size_bytes=0):
        started = time.monotonic()
        result = work()
        took = time.monotonic() - started
        self.seconds[name] = round(took, 3)
        speed = ", {:.0f} MB/s".format(size_bytes / 1e6 / took) if size_bytes and took > 0 else ""
        say("{}: {:.2f} s{}".format(name, took, speed))
        return result


def say(line):
    print(line, flush=True)


def quoted(name):
    """A name from an archive, printable and not too long."""
    text = name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name
    shown = text.encode("unicode_escape").decode("ascii")
    return '"{}"'.format(shown if len(shown) <= 200 else shown[:197] + "...")


def one_line(text):
    """What others' errors say, on one line: a message is one sentence, and cannot forge a second one."""
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))


def leave_message(sentence):
    """One sentence, first and alone, where SageMaker looks for it; the same on stderr."""
    said = one_line(sentence).encode("utf-8", "replace")[:MESSAGE_BYTES].decode("utf-8", "ignore")
    try:
        os.makedirs(os.path.dirname(MESSAGE_FILE), exist_ok=True)
        with open(MESSAGE_FILE, "wb") as file:
            file.write(said.encode("utf-8"))
    except OSError as error:
        say("The message cannot be left in {}: {}".format(MESSAGE_FILE, error))
    if sys.stderr:
        sys.stderr.buffer.write(said.encode("utf-8") + b"\n")
        sys.stderr.flush()
