"""Starts the model server of the image as the serving toolkit does, with addresses on loopback and files in scratch.

Arguments: a JSON file with ports and folders, and the model folder. The toolkit writes its configuration to /etc and
listens on all addresses; the configuration is its own all the same, with addresses added behind. Runs under
`package_process.py`.
"""

import json
import os
import sys
import tempfile
import types

ADDRESSES = ("inference", "management", "metrics")
GRPC = ("grpc_inference", "grpc_management")


def main(task, model_dir):
    try:
        import boto3  # noqa: F401
    except ImportError:
        # The toolkit wants it for CodeArtifact alone.
        sys.modules["boto3"] = types.ModuleType("boto3")
    from sagemaker_pytorch_serving_container import handler_service, torchserve

    # As it is in serving: `SAGEMAKER_MODEL_SERVER_WORKERS` and others of the package are read by this.
    configuration = torchserve._generate_ts_config_properties(handler_service.__file__)
    lines = ["{}_address=http://127.0.0.1:{}".format(name, port) for name, port in zip(ADDRESSES, task["ports"])]
    lines += ["{}_port={}".format(name, port) for name, port in zip(GRPC, task["ports"][len(ADDRESSES) :])]
    lines += ["grpc_inference_address=127.0.0.1", "grpc_management_address=127.0.0.1"]
    lines += ["default_workers_per_model={}".format(task["workers"])]
    config_file = os.path.join(task["folder"], "ts.properties")
    with open(config_file, "w", encoding="utf-8") as file:
        file.write(configuration.rstrip("\n") + "\n" + "\n".join(lines) + "\n")
    # TorchServe keeps its process id in the folder for temporary files: one server must not find another's.
    tempfile.tempdir = task["temp"]
    os.environ["PYTHONPATH"] = task["python_path"]
    from ts import model_server

    store = os.path.join(task["folder"], "store")
    os.makedirs(store, exist_ok=True)
    sys.argv = ["torchserve", "--start", "--foreground", "--model-store", store, "--ts-config", config_file]
    sys.argv += ["--log-config", torchserve.DEFAULT_TS_LOG_FILE, "--models", "model=" + model_dir]
    model_server.start()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as task_file:
        main(json.load(task_file), sys.argv[2])
