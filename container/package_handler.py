"""Loads a model by its own handler and answers payloads, in a process of its own; the job is a JSON argument.

Follows the SageMaker PyTorch inference toolkit: `model_fn`, `input_fn`, `predict_fn`, `output_fn`, or `transform_fn`
for the last three; the toolkit's defaults where a handler has none; a trailing `context` argument where it takes one.
"""

import csv
import importlib.util
import inspect
import io
import json
import os
import statistics
import sys
import time
import traceback

TIMED_CALLS = 5


class Wrong(Exception):
    """The package cannot answer; one sentence."""


def main(job):
    import torch

    handler = load_handler(job)
    model = step("model_fn", None, lambda: handler["model_fn"](job["model_dir"]))
    payloads = [answer(job, handler, model, payload) for payload in job["payloads"]]
    return {"payloads": payloads, "torch": torch.__version__}


def load_handler(job):
    path = os.path.join(job["model_dir"], "code", job["program"])
    spec = importlib.util.spec_from_file_location("inference_handler", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    step(job["program"], None, lambda: spec.loader.exec_module(module))
    defaults = {
        "model_fn": (default_model_fn, 1),
        "input_fn": (default_input_fn, 2),
        "predict_fn": (default_predict_fn, 2),
        "output_fn": (default_output_fn, 2),
    }
    handler = {
        name: with_context(getattr(module, name, default), count) for name, (default, count) in defaults.items()
    }
    transform = getattr(module, "transform_fn", None)
    handler["transform_fn"] = transform and with_context(transform, 4)
    return handler


def with_context(function, count):
    """Hands a context over to functions that take one argument more than usual."""
    try:
        takes = len(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        takes = count
    return (lambda *given: function(*given, Context())) if takes > count else function


class Context:
    """What handlers ask of TorchServe's context: where the model lies, on which device."""

    def __init__(self):
        self.system_properties = {"model_dir": os.environ["SM_MODEL_DIR"], "gpu_id": None, "batch_size": 1}
        self.manifest = {}

    def get_request_header(self, _index, _name):
        return None


def answer(job, handler, model, payload):
    with open(payload["path"], "rb") as file:
        body = file.read()
    call = lambda: respond(handler, model, body, (payload, job["accept"]))  # noqa: E731
    check(call(), job, payload)
    taken = []
    for _ in range(TIMED_CALLS):
        started = time.perf_counter()
        call()
        taken.append((time.perf_counter() - started) * 1000)
    latency = {"min": min(taken), "median": statistics.median(taken), "max": max(taken)}
    print("{} answered in {:.1f} ms".format(payload["file"], latency["median"]), flush=True)
    rounded = {name: round(value, 3) for name, value in latency.items()}
    return {"file": payload["file"], "content_type": payload["content_type"], "status": "passed", "latency_ms": rounded}


def respond(handler, model, body, request):
    payload, accept = request
    kind, name = payload["content_type"], payload["file"]
    # The toolkit hands text on as text.
    body = body.decode("utf-8") if kind.startswith("text/") or kind == "application/json" else body
    if handler["transform_fn"]:
        return step("transform_fn", name, lambda: handler["transform_fn"](model, body, kind, accept))
    data = step("input_fn", name, lambda: handler["input_fn"](body, kind))
    prediction = step("predict_fn", name, lambda: handler["predict_fn"](data, model))
    return step("output_fn", name, lambda: handler["output_fn"](prediction, accept))


def step(function, payload, work):
    """Runs one function of the handler; its own traceback goes to the log, a sentence to the reader."""
    try:
        return work()
    except Exception as error:
        traceback.print_exc()
        where = " for {}".format(payload) if payload else ""
        raise Wrong("{} failed{}: {}: {}".format(function, where, type(error).__name__, error))


def check(answer, job, payload):
    body = answer[0] if isinstance(answer, tuple) and answer else answer
    if isinstance(body, (bytes, bytearray)):
        body = bytes(body).decode("utf-8", "replace")
    where = "The answer to {}".format(payload["file"])
    if not isinstance(body, str):
        raise Wrong("{} is a {}; expected text or bytes from output_fn".format(where, type(body).__name__))
    if job["accept"] == "text/csv":
        check_columns(next(csv.reader(io.StringIO(body)), []), job["outputs"], where)
        return
    try:
        value = json.loads(body)
    except ValueError:
        raise Wrong("{} is no JSON: {}".format(where, body[:200]))
    check_value(value, job["outputs"], where)


DECLARED = "The outputs are declared in registration.source_model_inference_output_variable_list."


def check_value(value, outputs, where):
    """One object with the declared outputs, a list of such, or as many plain values as there are outputs."""
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        value = value[0]
    if isinstance(value, dict):
        missing = [name for name in outputs if name not in value]
        if missing:
            found = ", ".join(sorted(map(str, value))) or "nothing"
            raise Wrong("{} lacks the output {}; it holds {}. {}".format(where, ", ".join(missing), found, DECLARED))
        return
    check_columns(value if isinstance(value, list) else [value], outputs, where)


def check_columns(values, outputs, where):
    if len(values) != len(outputs):
        sentence = "{} has {} values; expected {}: {}. {}"
        raise Wrong(sentence.format(where, len(values), len(outputs), ", ".join(outputs), DECLARED))


def default_model_fn(model_dir):
    import torch

    path = os.path.join(model_dir, "model.pt")
    if not os.path.exists(path):
        names = [name for name in os.listdir(model_dir) if name.endswith((".pt", ".pth"))]
        if len(names) != 1:
            raise ValueError("the handler has no model_fn, and the model is not exactly one .pt or .pth file")
        path = os.path.join(model_dir, names[0])
    try:
        return torch.jit.load(path, map_location="cpu")
    except RuntimeError as error:
        sentence = "the handler has no model_fn, and {} is no TorchScript; define model_fn or use torch.jit ({})"
        said = str(error).strip().split("\n")[0].split(". ")[0]
        raise ValueError(sentence.format(os.path.basename(path), said)) from error


def default_input_fn(body, content_type):
    import numpy
    import torch

    if content_type == "application/json":
        values = numpy.array(json.loads(body), dtype=numpy.float32)
    else:
        values = numpy.genfromtxt(io.StringIO(body), dtype=numpy.float32, delimiter=",")
    return torch.from_numpy(values)


def default_predict_fn(data, model):
    import torch

    with torch.no_grad():
        return model.eval()(data)


def default_output_fn(prediction, accept):
    import torch

    values = prediction.detach().tolist() if isinstance(prediction, torch.Tensor) else prediction
    if accept == "application/json":
        return json.dumps(values)
    rows = values if values and isinstance(values[0], list) else [values]
    return "\n".join(",".join(map(str, row)) for row in rows)


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    try:
        outcome = main(task)
    except Wrong as wrong:
        outcome = {"failure": "The packaged model cannot answer: {}".format(wrong)}
    with open(task["result"], "w", encoding="utf-8") as result_file:
        json.dump(outcome, result_file)
