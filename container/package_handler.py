"""Loads the packaged model and answers payloads as TorchServe's worker would, in a process of its own.

Arguments: the job (a JSON file) and the model folder. What happens is written line by line into the job's result file,
so that it is known how far a process came that ended itself. At level `toolkit` the functions are the serving
toolkit's own; at level `built-in` they are those of `package_toolkit.py` and `package_torchserve.py`.

Nothing of the packager may be seen by the handler: no folder on its path, no module of a common name.
"""

import base64
import importlib
import importlib.util
import json
import logging
import os
import socket
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
# What TorchServe gives its worker: handlers that parse arguments meet them.
WORKER_ARGUMENTS = ["--sock-type", "unix", "--sock-name", "/tmp/.ts.sock.9000", "--metrics-config", "metrics.yaml"]
RETURN_SECONDS = 2
# What the worker has of modules that a package may bring: it dies of a copy that lacks it.
NEEDED = (
    "numpy:ndarray",
    "yaml:YAMLError",
    "six:moves",
    "scipy:sparse",
    "typing_extensions:deprecated",
    "torchgen:model",
)


class Journal:
    """The result file; it names the process, since a handler may fork and come back twice."""

    def __init__(self, path):
        self.path, self.pid, self.forks = path, os.getpid(), 0
        os.register_at_fork(after_in_parent=self.count)
        # Stands for the connection to the model server's front end.
        self.connection, self.front_end = socket.socketpair()
        self.inode = os.fstat(self.connection.fileno()).st_ino

    def count(self):
        self.forks += 1

    def write(self, **event):
        event["pid"] = os.getpid()
        if event["event"] == "died" and event["pid"] != self.pid:
            # A forked process that ends by an error has sent nothing to the front end.
            os._exit(1)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")
        if os.getpid() != self.pid:
            os._exit(0)

    def check_connection(self):
        try:
            closed = os.fstat(self.connection.fileno()).st_ino != self.inode
        except OSError:
            closed = True
        if closed:
            raise OSError("the handler closed the worker's connection to the model server")

    def wait_for_forks(self):
        """Gives a forked process the time to come back, which it must not."""
        deadline = time.monotonic() + RETURN_SECONDS
        while self.forks and time.monotonic() < deadline:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    time.sleep(0.02)
            except OSError:
                return


def main(job, model_dir):
    journal = Journal(job["result"])
    journal.write(event="started")
    try:
        service = load(job, model_dir, journal.connection)
        journal.check_connection()
    except BaseException as error:
        traceback.print_exc()
        journal.write(event="died", trace=told(error))
        os._exit(1)
    journal.write(event="loaded", **versions())
    for payload in job["payloads"]:
        with open(payload["path"], "rb") as file:
            body = file.read()
        for _ in range(job["calls"]):
            ask(journal, service, payload, (body, job["accept"]))
    journal.wait_for_forks()
    journal.write(event="finished")
    # Threads that run for ever are no reason to wait for ever.
    sys.stderr.flush()
    os._exit(0)


def lead_here(link):
    """TorchServe's link leads to the model folder where the worker sees it; its working directory is that folder."""
    here = os.getcwd()
    if os.path.realpath(link) != here:
        os.unlink(link)
        os.symlink(here, link)


def ask(journal, service, payload, request):
    journal.write(event="asked", file=payload["file"])
    started = time.perf_counter()
    try:
        status, phrase, kind, body = service(payload["content_type"], *request)
        journal.check_connection()
    except BaseException as error:
        traceback.print_exc()
        missing = str(error) if type(error).__name__ == "MissingHere" else None
        journal.write(event="died", file=payload["file"], trace=told(error), missing=missing)
        os._exit(1)
    taken = (time.perf_counter() - started) * 1000
    if status != 200 and body:
        os.write(2, bytes(body) + b"\n")
    encoded = base64.b64encode(bytes(body)).decode("ascii")
    said = {"status": status, "phrase": phrase, "content_type": kind, "body": encoded, "ms": taken}
    journal.write(event="answered", file=payload["file"], answer=said)


def load(job, model_dir, connection):
    """A function (content type, body, accept) -> (status, phrase, content type, body)."""
    ours = sibling("package_torchserve.py")
    if job["level"] == "built-in":
        import_as_the_worker_does()
        toolkit = sibling("package_toolkit.py")
        contexts = {"Context": ours.Context, "RequestProcessor": ours.RequestProcessor}
        sibling("package_stand_in.py").stand_in_for_toolkit(toolkit, contexts)
        return ours.Service(toolkit.HandlerService(), model_dir, connection).answer
    if importlib.util.find_spec("ts") is None:
        from sagemaker_pytorch_serving_container.handler_service import HandlerService

        return ours.Service(HandlerService(), model_dir, connection).answer
    return torchserve_service(ours, model_dir, connection)


def import_as_the_worker_does():
    """Also of what a package brings: its folders come before the installed ones."""
    if importlib.util.find_spec("torch"):
        importlib.import_module("torch")
    brought = tuple(entry + os.sep for entry in os.environ["PYTHONPATH"].split(os.pathsep) if entry)
    for needed in NEEDED:
        name, attribute = needed.split(":")
        spec = importlib.util.find_spec(name)
        if spec and spec.origin and spec.origin.startswith(brought):
            if not hasattr(importlib.import_module(name), attribute):
                importlib.import_module("{}.{}".format(name, attribute))


def torchserve_service(ours, model_dir, connection):
    import sagemaker_pytorch_serving_container
    import ts.metrics.metric_cache_yaml_impl as metrics
    from ts.model_loader import ModelLoaderFactory

    toolkit = os.path.dirname(sagemaker_pytorch_serving_container.__file__)
    import ts

    cache = metrics.MetricsCacheYamlImpl(os.path.join(os.path.dirname(ts.__file__), "configs", "metrics.yaml"))
    cache.initialize_cache()
    cache.model_name = "model"
    handler = os.path.join(toolkit, "handler_service.py") + ":handle"
    loader = ModelLoaderFactory.get_model_loader()
    service = loader.load("model", model_dir, handler, None, 1, None, True, cache)
    service.set_cl_socket(connection)
    return lambda kind, body, accept: ours.read_reply(service.predict(ours.batch(kind, body, accept)), service.context)


def sibling(name):
    spec = importlib.util.spec_from_file_location("_packager_" + name[:-3], os.path.join(HERE, name))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def told(error):
    try:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except Exception:
        return type(error).__name__


def versions():
    import torch

    return {"torch": str(torch.__version__)}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as job_file:
        task = json.load(job_file)
    folder = sys.argv[2]
    sys.argv = ["model_service_worker.py"] + WORKER_ARGUMENTS
    # As TorchServe sets it up before anything of the handler's runs.
    logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.INFO)
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]
    lead_here(folder)
    main(task, folder)
