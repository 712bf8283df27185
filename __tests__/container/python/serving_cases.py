"""Packages and verifies handlers whose fate in the real serving toolkit is known, and compares the verdicts.

    python serving_cases.py --level server|toolkit|built-in [--python PYTHON] [--jobs N] [--report FILE] [--only TEXT]
    python serving_cases.py --level toolkit|built-in --preload    in the Python that runs it, PyTorch loaded once for all

`../data/handler-cases.json` holds what the toolkit itself did (see its fields `serves`, `toolkit_says`, `verdict`);
`more-handler-cases.json` holds handlers of our own, with the verdict of TorchServe's worker and, where the package is
registered with variables, its `environment`.
Prints a line for each case; the exit code is 1 where a verdict differs or a message is not one sentence on one line.
"""

import argparse
import base64
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from job import Job, tar_gz  # noqa: E402

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
CASES = [os.path.join(DATA, name) for name in ("handler-cases.json", "more-handler-cases.json")]


def content(value):
    return value.encode("utf-8") if isinstance(value, str) else base64.b64decode(value["base64"])


def document(case):
    step = {
        "source_model_inference_output_variable_list": [[name, "NUMERIC"] for name in case["outputs"]],
        "source_model_inference_response_types": [case["accept"]],
        "source_model_environment_variable_map": dict({"SAGEMAKER_REGION": "eu-west-1"}, **case.get("environment", {})),
    }
    return {"PIPELINE_STEP_CONFIGS": {"Registration_EU": {"STEP_CONFIG": step}}}


def run(case, level, python, timeout=240, kind=Job):
    job = kind(
        tar_gz([(name, content(value)) for name, value in case["model"].items()]),
        code={name: content(value) for name, value in case["code"].items()},
        payload=tar_gz([(name, content(value)) for name, value in case["payloads"].items()]),
        document=document(case),
        VERIFY="true",
        VERIFY_LEVEL=level,
        VERIFY_TIMEOUT_SECONDS=str(timeout),
        SAGEMAKER_PROGRAM=case["program"],
        PYTHON=python,
    )
    try:
        return outcome(case, level, job)
    finally:
        job.close()


def outcome(case, level, job):
    if job.exit_code == 0:
        verification = job.report["verification"]
        verdict = "pass" if verification["status"] == "passed" else "skip"
        by, said = verification.get("by"), verification.get("reason", "")
    else:
        by, said = level, job.message
        verdict = "refuse"
    problems = [] if case["verdict"] in ("either", verdict) else ["expected {}".format(case["verdict"])]
    if by != level:
        problems.append("verified by {}".format(by))
    if "\n" in said.strip() or "Traceback" in said:
        problems.append("the message is no sentence")
    if verdict == "refuse" and job.left_behind():
        problems.append("left {} behind".format(job.left_behind()))
    return {"name": case["name"], "verdict": verdict, "said": said, "problems": problems, "stderr": job.stderr[-3000:]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--level", required=True, choices=["server", "toolkit", "built-in"])
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report")
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of the names")
    parser.add_argument("--preload", action="store_true", help="fork from a process that has loaded PyTorch")
    options = parser.parse_args()
    cases = []
    for path in CASES:
        with open(path, encoding="utf-8") as file:
            cases += json.load(file)
    if options.only:
        cases = [case for case in cases if any(case["name"].startswith(start) for start in options.only)]
    started = time.monotonic()
    kind = Job
    if options.preload:
        from preloaded import PreloadedJob as kind, preload

        preload(options.level)
    with ThreadPoolExecutor(1 if options.preload else options.jobs) as pool:
        results = []
        for result in pool.map(lambda case: run(case, options.level, options.python, kind=kind), cases):
            results.append(result)
            mark = "ok  " if not result["problems"] else "DIFF"
            print(
                "{} {} | {} {} | {}".format(
                    mark, result["name"], result["verdict"], "; ".join(result["problems"]), result["said"]
                ),
                flush=True,
            )
    if options.report:
        with open(options.report, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    agreed = sum(not result["problems"] for result in results)
    took = time.monotonic() - started
    print("{}: {} of {} agree, {:.0f} s".format(options.level, agreed, len(results), took))
    return 0 if agreed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
