"""Runs as the processing job of the conformance run: writes what the container holds, as JSON, into the job's output."""

import importlib.util
import json
import os
import shutil
import sys


def version_of(module):
    """Version of an installed module, "unknown" where it tells none, None where it is not there."""
    if importlib.util.find_spec(module) is None:
        return None
    try:
        return str(getattr(__import__(module), "__version__", "unknown"))
    except Exception as error:  # whatever goes wrong while it is imported is the answer
        return "broken: %s" % error


def first_process():
    try:
        with open("/proc/1/cmdline", "rb") as file:
            return file.read().decode("utf-8", "replace").split("\0")[:-1]
    except OSError as error:
        return [str(error)]


def model_folder(root):
    """Whether a model could be put to where the serving image looks for it."""
    folder = root + "/opt/ml/model"
    existed = os.path.isdir(folder)
    try:
        os.makedirs(folder, exist_ok=True)
        with open(folder + "/probe.txt", "w") as file:
            file.write("probe")
        return {"existed": existed, "writable": True}
    except OSError as error:
        return {"existed": existed, "writable": False, "said": str(error)}


def main():
    # Set by the embedded AWS, which has no containers, and by nothing else.
    root = os.environ.get("BSM_CONTAINER_ROOT", "")
    modules = ["boto3", "torch", "sagemaker_inference", "sagemaker_pytorch_serving_container", "ts"]
    report = {
        "container": root == "",
        "python": "%d.%d.%d" % sys.version_info[:3],
        "modules": {module: version_of(module) for module in modules},
        "java": shutil.which("java"),
        "pip": shutil.which("pip") or shutil.which("pip3"),
        "first_process": first_process(),
        "user": os.getuid() if hasattr(os, "getuid") else None,
        "model_folder": model_folder(root),
        "region": {name: os.environ.get(name) for name in ["AWS_REGION", "AWS_DEFAULT_REGION", "SAGEMAKER_REGION"]},
    }
    text = json.dumps(report, indent=2)
    print(text)
    with open(root + "/opt/ml/processing/output/report.json", "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
