"""Handler functions of the SageMaker PyTorch inference toolkit: load the model, read a request, score it, answer.

A request is one message or several: JSON objects (one, or a list) or CSV rows in the order of `INPUT_NAMES`. The answer
is `{"legacy-score": 0.93}` for one message, a list of such objects for several.
"""

import csv
import io
import json
import os

import torch

from features import INPUT_NAMES
from network import MessageScorer, tensors

OUTPUT_NAME = "legacy-score"


def model_fn(model_dir):
    with open(os.path.join(model_dir, "hyperparameters.json"), encoding="utf-8") as file:
        model = MessageScorer(**json.load(file))
    weights = torch.load(os.path.join(model_dir, "model.pth"), map_location="cpu", weights_only=True)
    model.load_state_dict(weights)
    return model.eval()


def input_fn(body, content_type):
    text = body.decode("utf-8") if isinstance(body, (bytes, bytearray)) else body
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/json":
        given = json.loads(text)
        rows = given if isinstance(given, list) else [given]
    elif kind == "text/csv":
        rows = [dict(zip(INPUT_NAMES, values)) for values in csv.reader(io.StringIO(text)) if values]
    else:
        raise ValueError("content type {!r}; expected application/json or text/csv".format(content_type))
    for number, row in enumerate(rows):
        missing = [name for name in INPUT_NAMES if name not in row]
        if missing:
            raise ValueError("row {} lacks {}; expected {}".format(number, ", ".join(missing), ", ".join(INPUT_NAMES)))
    return rows


def predict_fn(rows, model):
    with torch.no_grad():
        return model(*tensors(rows)).tolist() if rows else []


def output_fn(scores, accept):
    if "json" not in accept and "*/*" not in accept:
        raise ValueError("accept {!r}; expected application/json".format(accept))
    answers = [{OUTPUT_NAME: round(score, 6)} for score in scores]
    return json.dumps(answers[0] if len(answers) == 1 else answers)
