"""A package answers its payloads with its own handler, or it is not handed on. Needs PyTorch."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))

from job import ROOT, SCRIPT, Job, tar_gz  # noqa: E402

HAS_TORCH = importlib.util.find_spec("torch") is not None
EXAMPLE = os.path.join(ROOT, "examples", "bsm")
PAYLOAD = tar_gz([
    ("payload_text_csv_0.csv", b'"hello, where is my parcel?",42.5,3.0'),
    ("payload_application_json_0.json", b'{"dialogue": "refund me now", "order_value": 90, "days_since_order": 20}'),
])  # fmt: skip


def document(outputs=None, latency=800):
    return {
        "PIPELINE_STEP_CONFIGS": {
            "Registration_NA": {
                "STEP_CONFIG": {
                    "source_model_inference_output_variable_list": outputs or {"legacy-score": "NUMERIC"},
                    "source_model_inference_response_types": ["application/json"],
                    "load_testing_info_map": {"max_latency_in_millisecond": latency},
                }
            }
        }
    }


def example_code():
    folder = os.path.join(EXAMPLE, "scripts")
    code = {}
    for name in os.listdir(folder):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:
                code[name] = file.read()
    return code


def handler(body):
    return {"inference.py": ("import json\ndef model_fn(model_dir):\n    return 1\n" + body).encode()}


ANSWER = "def input_fn(body, kind):\n    return body\ndef predict_fn(data, model):\n    return data\n"


class VerificationTest(unittest.TestCase):
    def run_job(self, code, archive=None, **options):
        options = dict({"payload": PAYLOAD, "document": document(), "VERIFY": "true"}, **options)
        job = Job(archive or tar_gz([("model.bin", b"w")]), code=code, **options)
        self.addCleanup(job.close)
        return job

    def refused(self, sentence, code, **options):
        job = self.run_job(code, **options)
        self.assertEqual((job.exit_code, job.left_behind()), (1, []), job.stderr)
        self.assertIn(sentence, job.message)
        return job

    def test_it_is_the_same_as_it_lies_in_the_bucket(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        folder = os.path.dirname(SCRIPT)
        with tarfile.open(place.name + "/packager.tar", "w") as archive:
            for name in os.listdir(folder):
                if name.startswith("package_") and name != "package_model.py":
                    archive.add(os.path.join(folder, name), name)
        shutil.copy(SCRIPT, place.name)
        code = handler(ANSWER + "def output_fn(p, a):\n    return json.dumps({'legacy-score': 1})\n")
        job = self.run_job(code, script=place.name + "/package_model.py")
        self.assertEqual(job.exit_code, 0, job.stderr)
        self.assertEqual(job.report["sha256"], self.run_job(code).report["sha256"])
        # Where a rehearsal's job may write, and what goes with it: nothing is left on the machine.
        unpacked = [name for name in os.listdir(job.root + "/opt/ml/processing/tmp") if name.startswith("packager-")]
        self.assertEqual(len(unpacked), 1)

    def test_modules_that_cannot_be_unpacked_are_told(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        shutil.copy(SCRIPT, place.name)
        with open(place.name + "/packager.tar", "wb") as file:
            file.write(b"no tar")
        self.refused("The packager cannot be unpacked: ", handler(ANSWER), script=place.name + "/package_model.py")

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_the_example_answers_both_payloads(self):
        job = self.run_job(example_code(), archive=os.path.join(EXAMPLE, "model.tar.gz"))
        self.assertEqual(job.exit_code, 0, job.stderr)
        verification = job.report["verification"]
        self.assertEqual(verification["status"], "passed")
        self.assertEqual([payload["status"] for payload in verification["payloads"]], ["passed", "passed"])
        latency = verification["payloads"][0]["latency_ms"]
        self.assertTrue(0 < latency["min"] <= latency["median"] <= latency["max"])

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_what_fails_is_named_with_payload_function_and_traceback(self):
        cases = [
            ("model_fn", "def model_fn(model_dir):\n    raise KeyError('w')\n", "model_fn failed: KeyError: 'w'"),
            (
                "input_fn",
                "def input_fn(b, k):\n    raise ValueError('no')\n",
                "input_fn failed for payload_text_csv_0.csv: ValueError: no",
            ),
            (
                "predict_fn",
                "def input_fn(b, k):\n    return b\ndef predict_fn(d, m):\n    return 1 / 0\n",
                "predict_fn failed for",
            ),
            ("output_fn", ANSWER + "def output_fn(p, a):\n    raise TypeError('x')\n", "output_fn failed for"),
        ]
        for name, body, sentence in cases:
            with self.subTest(name):
                job = self.refused(sentence, handler(body))
                self.assertIn("Traceback", job.stderr)

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_answers_that_lack_an_output_are_refused(self):
        for answer, sentence in (
            ("json.dumps({'score': 1})", "lacks the output legacy-score; it holds score"),
            ("json.dumps([1, 2])", "has 2 values; expected 1: legacy-score"),
            ("'no json'", "is no JSON"),
            ("json.dumps({'legacy-score': float('nan')})", "is no JSON: it holds NaN"),
        ):
            with self.subTest(answer):
                self.refused(sentence, handler(ANSWER + "def output_fn(p, a):\n    return " + answer + "\n"))

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_forms_of_answers_that_are_taken(self):
        for answer in ("json.dumps({'legacy-score': 1})", "json.dumps([{'legacy-score': 1}])", "json.dumps([[0.3]])",
                       "json.dumps({'legacy-score': 1}).encode()", "{'legacy-score': 1}", "(json.dumps({'legacy-score': 1}), 'application/json')"):  # fmt: skip
            with self.subTest(answer):
                job = self.run_job(handler(ANSWER + "def output_fn(p, a):\n    return " + answer + "\n"))
                self.assertEqual(job.exit_code, 0, job.stderr)

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_transform_fn_and_context(self):
        body = (
            "def transform_fn(model, data, kind, accept, context):\n    assert context.system_properties['model_dir']\n"
        )
        job = self.run_job(handler(body + "    return json.dumps({'legacy-score': 1})\n"))
        self.assertEqual(job.exit_code, 0, job.stderr)

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_a_handler_that_dies_is_told(self):
        self.refused("ended with exit code 9", handler("import os\nos._exit(9)\n"))
        self.refused("ended with signal 9", handler("import os\nos.kill(os.getpid(), 9)\n"))

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_slow_answers_are_a_warning(self):
        body = (
            ANSWER
            + "def output_fn(p, a):\n    import time\n    time.sleep(0.02)\n    return json.dumps({'legacy-score': 1})\n"
        )
        job = self.run_job(handler(body), document=document(latency=1))
        self.assertEqual(job.exit_code, 0, job.stderr)
        self.assertEqual(len(job.report["verification"]["warnings"]), 2)

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_torchscript_needs_no_model_fn(self):
        import io

        import torch

        class Sum(torch.nn.Module):
            def forward(self, numbers):
                return numbers.sum().reshape(1)

        buffer = io.BytesIO()
        torch.jit.save(torch.jit.script(Sum()), buffer)
        payload = tar_gz([("payload_text_csv_0.csv", b"1.0,2.0")])
        job = self.run_job({"inference.py": b""}, archive=tar_gz([("net.pt", buffer.getvalue())]), payload=payload)
        self.assertEqual(job.exit_code, 0, job.stderr)

    def test_skipping_says_why(self):
        job = self.run_job(handler(""), VERIFY="false")
        self.assertEqual(job.report["verification"]["reason"], 'VERIFY is "false"; only true verifies')
        job = self.run_job(handler(""), payload=None)
        self.assertEqual(job.report["verification"]["reason"], "there is no sample payload")

    def test_without_pytorch_it_is_skipped(self):
        # In a virtual environment the interpreter that it was made from has no PyTorch.
        python = getattr(sys, "_base_executable", sys.executable)
        if subprocess.run([python, "-c", "import torch"], stderr=subprocess.DEVNULL).returncode == 0:
            self.skipTest("PyTorch is installed everywhere")
        job = self.run_job(handler(""), PYTHON=python)
        self.assertEqual(job.report["verification"]["reason"], "PyTorch is not installed where this ran")


if __name__ == "__main__":
    unittest.main()
