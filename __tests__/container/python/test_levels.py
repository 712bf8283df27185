"""Which level verifies, what each of them holds against a handler, and that nothing outlives the packager."""

import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(__file__))

from job import SCRIPT, Job, tar_gz  # noqa: E402

HAS_TORCH = importlib.util.find_spec("torch") is not None
TOOLKIT_PYTHON = os.environ.get("BSM_TOOLKIT_PYTHON")
PAYLOAD = tar_gz([("payload_text_csv_0.csv", b"DEFAULT_TEXT,0")])
HANDLER = """
import json
def model_fn(model_dir):
    return 1
def input_fn(body, kind):
    return body
def predict_fn(data, model):
    return {"score": 1.5}
def output_fn(prediction, accept):
    return json.dumps(prediction)
"""


def document(environment=None, **step):
    config = {
        "source_model_inference_output_variable_list": {"score": "NUMERIC"},
        "source_model_inference_response_types": ["application/json"],
        "source_model_environment_variable_map": environment or {},
    }
    return {"PIPELINE_STEP_CONFIGS": {"Registration_EU": {"STEP_CONFIG": dict(config, **step)}}}


def options(code, files=(), **more):
    code = code if isinstance(code, dict) else {"inference.py": code.encode()}
    given = {"archive": tar_gz([("model.bin", b"w")] + list(files)), "code": code, "payload": PAYLOAD}
    return dict(given, **dict({"document": document(), "VERIFY": "true", "VERIFY_LEVEL": "built-in"}, **more))


class KilledJob(Job):
    """Killed as soon as the handler has left a file."""

    def run(self, python, env):
        packager = subprocess.Popen([python, SCRIPT], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(self.root + "/started"):
            if packager.poll() is not None:
                raise AssertionError("the packager ended before its handler began")
            time.sleep(0.05)
        self.alive_before = self.processes()
        packager.kill()
        packager.wait()
        return -9, "", ""

    def processes(self):
        """Those whose environment names this job's folder."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/{}/environ".format(pid), "rb") as file:
                    if self.root.encode() in file.read():
                        found.append(int(pid))
            except OSError:
                continue
        return found


@unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
class LevelsTest(unittest.TestCase):
    def run_job(self, code, kind=Job, **more):
        job = kind(**options(code, **more))
        self.addCleanup(job.close)
        return job

    def refused(self, sentence, code, **more):
        job = self.run_job(code, **more)
        self.assertEqual((job.exit_code, job.left_behind()), (1, []), job.stderr)
        self.assertIn(sentence, job.message)
        self.assertNotIn("\n", job.message)
        return job

    def passes(self, code, **more):
        job = self.run_job(code, **more)
        self.assertEqual(job.exit_code, 0, job.stderr)
        return job.report["verification"]

    def test_the_report_names_level_python_torch_and_why_it_is_no_higher_one(self):
        found = self.passes(HANDLER, VERIFY_LEVEL="auto")
        self.assertIn(found["by"], ("server", "toolkit", "built-in"))
        self.assertEqual(found["python"], "{}.{}.{}".format(*sys.version_info))
        self.assertRegex(found["torch"], r"^\d+\.\d+")
        if found["by"] == "built-in":
            # One reason for both is told once.
            self.assertRegex(found["reason"], r"^not by server( or toolkit: |: .+; not by toolkit: )")

    def test_another_python_or_torch_than_the_image_has_is_a_warning(self):
        image = "1.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:1.0.1-cpu-py36"
        found = self.passes(HANDLER, document=document(source_model_inference_image_arn=image))
        self.assertEqual(len(found["warnings"]), 2)
        self.assertIn("while the inference image has 1.0.1", found["warnings"][0])

    def test_what_was_sent_is_told_and_which_setting_changes_it(self):
        code = HANDLER.replace("return body", "return float(body.split(',')[0])")
        job = self.refused("input_fn failed for payload_text_csv_0.csv: ValueError", code)
        self.assertIn("it was sent as text/csv: `DEFAULT_TEXT,0`", job.message)
        for setting in ("source_model_inference_content_types", "package.verify"):
            self.assertIn(setting, job.message)

    def test_every_row_of_every_answer_is_judged(self):
        for answer, sentence in (
            ("[{'score': 1}, {'other': 1}]", "lacks the output score; it holds other"),
            ("[[1], [1, 2]]", "has 2 values; expected 1: score"),
        ):
            with self.subTest(answer):
                self.refused(sentence, HANDLER.replace('{"score": 1.5}', answer))

    def test_another_content_type_than_the_declared_is_refused(self):
        code = HANDLER.replace("return json.dumps(prediction)", "return json.dumps(prediction), 'text/plain'")
        self.refused("has content type text/plain; expected application/json", code)

    def test_answers_must_have_the_same_form_each_time(self):
        code = HANDLER.replace("def model_fn", "N = []\ndef model_fn").replace(
            'return {"score": 1.5}', 'N.append(1)\n    return [{"score": 1}] * min(len(N), 2)'
        )
        self.refused("has another form when the same payload is sent again", code)

    def test_an_entry_point_that_serving_does_not_ask_is_refused(self):
        for program in ("sub/inference.py", "torchserve.py", "inference.v2.py", "predict.txt", "json.py", "ts.py"):
            with self.subTest(program):
                job = self.refused("is never asked: ", {program: HANDLER.encode()}, SAGEMAKER_PROGRAM=program)
                self.assertIn("model.inference_entry_point", job.message)

    def test_a_module_that_breaks_the_model_server_is_refused(self):
        self.refused('holds "uuid.py"', {"inference.py": HANDLER.encode(), "uuid.py": b""})
        for name in ("numpy", "yaml", "six", "scipy", "typing_extensions"):
            with self.subTest(name):
                self.refused(name, {"inference.py": HANDLER.encode(), name + ".py": b"mine = 1\n"})

    def test_a_module_that_python_has_in_itself_breaks_nothing(self):
        self.passes({"inference.py": HANDLER.encode(), "time.py": b"raise ValueError\n"})

    def test_a_setting_that_keeps_the_server_from_starting_is_refused(self):
        environment = {"SAGEMAKER_TS_BATCH_SIZE": "many"}
        self.refused("SAGEMAKER_TS_BATCH_SIZE=many; expected a whole number", HANDLER, document=document(environment))

    def test_an_odd_document_or_payload_archive_ends_in_a_sentence(self):
        for odd in (
            [1],
            {"PIPELINE_STEP_CONFIGS": {"Registration": {"STEP_CONFIG": 1}}},
            {"PIPELINE_STEP_CONFIGS": []},
        ):
            with self.subTest(odd):
                self.passes(HANDLER, document=odd)
        self.passes(HANDLER, document=document(source_model_inference_response_types="application/json"))
        self.passes(HANDLER, document=document(load_testing_info_map={"max_latency_in_millisecond": "1"}))
        for payload in (b"nothing", b"\x1f\x8bxx", PAYLOAD[:20] + b"\xff" + PAYLOAD[21:]):
            with self.subTest(payload):
                self.refused("The payload archive cannot be read: ", HANDLER, payload=payload)

    def test_requirements_may_lie_in_the_package(self):
        wheel = io.BytesIO()
        with zipfile.ZipFile(wheel, "w") as packed:
            packed.writestr("tiny_one.py", "x = 1\n")
            packed.writestr("tiny_one-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-one\nVersion: 1.0\n")
            packed.writestr(
                "tiny_one-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            packed.writestr("tiny_one-1.0.dist-info/RECORD", "")
        code = {
            "inference.py": b"import tiny_one\n" + HANDLER.encode(),
            "requirements.txt": b"--no-index\n--find-links /opt/ml/model/code/wheels\ntiny-one==1.0\n",
            "wheels/tiny_one-1.0-py3-none-any.whl": wheel.getvalue(),
        }
        self.passes(code, PIP_CONFIG_FILE=os.devnull)

    @unittest.skipUnless(TOOLKIT_PYTHON and os.environ.get("BSM_SLOW_TESTS"), "slow, or without BSM_TOOLKIT_PYTHON")
    def test_an_error_that_the_model_server_cannot_send_is_told(self):
        code = HANDLER.replace('return {"score": 1.5}', 'raise ValueError("ung\\xfcltig")')
        self.refused("ValueError: ung\xfcltig", code, PYTHON=TOOLKIT_PYTHON, VERIFY_LEVEL="server")

    def test_an_answer_that_does_not_come_is_refused_when_serving_would_end_it(self):
        code = HANDLER.replace('return {"score": 1.5}', "\n    while True: pass")
        environment = {"SAGEMAKER_TS_RESPONSE_TIMEOUT": "1"}
        self.refused("no answer within 1 s", code, document=document(environment))

    def test_a_handler_that_does_not_load_in_time_is_refused(self):
        code = HANDLER.replace("return 1\n", "\n    while True: pass\n", 1)
        self.refused("VERIFY_TIMEOUT_SECONDS", code, VERIFY_TIMEOUT_SECONDS="8")

    def test_requirements_that_cannot_be_had_end_in_a_sentence(self):
        code = {"inference.py": HANDLER.encode(), "requirements.txt": b"no-such-package==1.0\n"}
        sentence = "code/requirements.txt cannot be installed: ERROR: "
        self.refused(sentence, code, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)

    def test_requirements_are_met_by_what_is_there(self):
        code = {"inference.py": HANDLER.encode(), "requirements.txt": b"torch\n"}
        self.passes(code, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)

    def test_the_worker_sees_what_serving_shows_it(self):
        checks = """
import os, sys
assert "SM_MODEL_DIR" not in os.environ and "VERIFY" not in os.environ and "BSM_CONTAINER_ROOT" not in os.environ
assert os.environ["SAGEMAKER_CONTAINER_LOG_LEVEL"] == "20" and os.environ["OF_THE_PACKAGE"] == "yes"
assert os.path.exists("model.bin") and os.path.exists(os.environ["SAGEMAKER_SUBMIT_DIRECTORY"] + "/inference.py")
assert not any("container" in entry for entry in sys.path), sys.path
assert sys.argv[0].endswith("model_service_worker.py") and __import__("logging").getLogger().level == 20
# A worker leads no group and no session; what serves it does not share them.
os.setpgid(0, 0)
def pre_model_fn(model_dir):
    assert os.path.realpath(model_dir) == os.getcwd(), (os.path.realpath(model_dir), os.getcwd())
"""
        self.passes(checks + HANDLER, document=document({"OF_THE_PACKAGE": "yes"}))

    @unittest.skipUnless(TOOLKIT_PYTHON, "needs BSM_TOOLKIT_PYTHON")
    def test_a_server_that_cannot_start_gives_way_to_the_toolkit_with_the_reason(self):
        for java, reason in (
            ("echo java.net.BindException: Address already in use; exit 1", "BindException: Address already in use"),
            ("exec sleep 1000", "the model server started no worker within 30 s"),
        ):
            with self.subTest(reason), tempfile.TemporaryDirectory() as home:
                os.mkdir(home + "/bin")
                with open(home + "/bin/java", "w", encoding="ascii") as file:
                    file.write("#!/bin/sh\n{}\n".format(java))
                os.chmod(home + "/bin/java", 0o755)
                given = {"JAVA_HOME": home, "PYTHON": TOOLKIT_PYTHON, "VERIFY_TIMEOUT_SECONDS": "61"}
                found = self.passes(HANDLER, VERIFY_LEVEL="auto", **given)
                self.assertEqual(found["by"], "toolkit")
                self.assertIn(reason, found["reason"])

    def test_a_killed_packager_leaves_no_process(self):
        body = """
import os, subprocess, sys
def model_fn(model_dir):
    if os.fork() == 0:
        os.setsid()
    else:
        open(os.environ["HOME"] + "/started", "w").close()
    while True:
        pass
"""
        levels = ["built-in"] + (["toolkit", "server"] if TOOLKIT_PYTHON and os.environ.get("BSM_SLOW_TESTS") else [])
        for level in levels:
            with self.subTest(level):
                python = {"PYTHON": TOOLKIT_PYTHON} if level != "built-in" else {}
                job = self.run_job(body, kind=KilledJob, VERIFY_LEVEL=level, **python)
                self.assertGreaterEqual(len(job.alive_before), 3)
                while job.processes():
                    time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
