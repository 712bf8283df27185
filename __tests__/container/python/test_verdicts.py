"""Crafted archives that readers understand differently, or that people's tools make: taken or refused, row by row."""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))

from job import HANDLER, Job  # noqa: E402

DATA = os.path.join(os.path.dirname(__file__), "..", "data", "archives")
with open(os.path.join(DATA, "verdicts.json"), encoding="utf-8") as file:
    VERDICTS = json.load(file)


class VerdictTest(unittest.TestCase):
    """One test a row; they are added below."""

    def judge(self, name, verdict):
        with open(os.path.join(DATA, name + ".tar.gz"), "rb") as archive:
            job = Job(archive.read())
        self.addCleanup(job.close)
        if verdict == "accept":
            self.assertEqual(job.exit_code, 0, job.stderr)
        elif verdict == "refuse":
            self.assertNotEqual(job.exit_code, 0, "it was accepted")
        if job.exit_code == 0:
            self.reads_the_same(job)
        else:
            self.assertEqual(job.exit_code, 1)
            self.assertEqual(job.message.strip(), job.stderr.strip())
            self.assertNotIn("\n", job.message.strip())
            self.assertEqual(job.left_behind(), [])

    def reads_the_same(self, job):
        with tarfile.open(job.output) as archive:
            python = {
                os.path.normpath(member.name): archive.extractfile(member).read()
                for member in archive
                if not member.isdir()
            }
        self.assertEqual(python["code/inference.py"], HANDLER)
        self.assertEqual(sorted(python), sorted(set(job.report["members"]["list"]) & set(python)))
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["tar", "xzf", job.output, "-C", folder], stderr=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            found = {}
            for parent, _, names in os.walk(folder):
                for name in names:
                    path = os.path.join(parent, name)
                    self.assertFalse(os.path.islink(path), path)
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, folder)] = file.read()
        self.assertEqual(found, python)


def row(name, verdict):
    return lambda self: self.judge(name, verdict)


for case, expected in VERDICTS.items():
    setattr(VerdictTest, "test_{}_{}".format(expected, case.replace("-", "_")), row(case, expected))


if __name__ == "__main__":
    unittest.main()
