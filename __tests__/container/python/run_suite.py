"""Runs a unittest module and tells of each test, and of each of its sub-tests, as a line of JSON on standard output."""

import json
import sys
import traceback
import unittest


class Lines(unittest.TestResult):
    def tell(self, test, result, text=""):
        name = test.id().split(".", 2)[-1]
        print(json.dumps({"name": name, "result": result, "text": text}), flush=True)

    def failed(self, test, error):
        self.tell(test, "failed", "".join(traceback.format_exception(*error)))

    def addSuccess(self, test):
        super().addSuccess(test)
        self.tell(test, "passed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.tell(test, "skipped", reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.failed(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is None:
            self.tell(subtest, "passed")
        else:
            self.failed(subtest, err)


unittest.defaultTestLoader.loadTestsFromName(sys.argv[1]).run(Lines())
