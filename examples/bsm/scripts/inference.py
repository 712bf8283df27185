"""Handler functions of the SageMaker PyTorch inference toolkit: load the model, read a request, score it, answer.

A request is one message or several: JSON objects (one, or a list) or CSV rows in the order of `INPUT_NAMES`, without a
header. The answer is `{"legacy-score": 0.93}` for one message, a list of such objects for several.
"""

import csv
import io
import json
import math
import os

import torch

from features import INPUT_NAMES, NUMBER_NAMES
from network import MessageScorer, tensors

OUTPUT_NAME = "legacy-score"


def model_fn(model_dir):
    with open(os.path.join(model_dir, "hyperparameters.json"), encoding="utf-8") as file:
        model = MessageScorer(**json.load(file))
    weights = torch.load(os.path.join(model_dir, "model.pth"), map_location="cpu", weights_only=True)
    model.load_state_dict(weights)
    return model.eval()


def input_fn(body, content_type):
    """The rows of a request, dictionaries by input name. Raises ValueError that names the row and what is wrong."""
    text = body.decode("utf-8-sig") if isinstance(body, (bytes, bytearray)) else body
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/json":
        rows = json_rows(text)
    elif kind == "text/csv":
        rows = csv_rows(text)
    else:
        raise ValueError("content type is {!r}; expected application/json or text/csv".format(content_type))
    if not rows:
        raise ValueError("the request holds no message; expected at least one")
    return [checked(row, number) for number, row in enumerate(rows, start=1)]


def json_rows(text):
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError("the body is not JSON: {}".format(error)) from None
    return given if isinstance(given, list) else [given]


def csv_rows(text):
    rows = [values for values in csv.reader(io.StringIO(text, newline="")) if values]
    for number, values in enumerate(rows, start=1):
        if len(values) != len(INPUT_NAMES):
            raise ValueError(
                "row {} has {} columns; expected {}: {} (quote a text that holds a comma)".format(
                    number, len(values), len(INPUT_NAMES), ", ".join(INPUT_NAMES)
                )
            )
    return [dict(zip(INPUT_NAMES, values)) for values in rows]


def checked(row, number):
    if not isinstance(row, dict):
        raise ValueError("row {} is {}; expected an object".format(number, type(row).__name__))
    missing = [name for name in INPUT_NAMES if name not in row]
    if missing:
        raise ValueError("row {} lacks {}; expected {}".format(number, ", ".join(missing), ", ".join(INPUT_NAMES)))
    if not isinstance(row["dialogue"], str):
        raise ValueError("row {}: dialogue is {!r}; expected a text".format(number, row["dialogue"]))
    numbers = {name: finite(row[name], "row {}: {}".format(number, name)) for name in NUMBER_NAMES}
    return dict(numbers, dialogue=row["dialogue"])


def finite(value, what):
    """A number, or a text that is one, as CSV has it. JSON's true is none, nor is NaN."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("{} is {!r}; expected a number (CSV: without a header)".format(what, value))
    return number


def predict_fn(rows, model):
    with torch.no_grad():
        return model(*tensors(rows)).tolist()


def output_fn(scores, accept):
    if "json" not in accept and "*/*" not in accept:
        raise ValueError("accept is {!r}; expected application/json".format(accept))
    answers = [{OUTPUT_NAME: round(score, 6)} for score in scores]
    return json.dumps(answers[0] if len(answers) == 1 else answers)
