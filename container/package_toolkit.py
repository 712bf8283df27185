"""What the serving toolkit and TorchServe do with a handler, retold for places that have PyTorch but neither of them.

Follows sagemaker-inference 1.10.1, sagemaker-pytorch-inference 2.0.25 and TorchServe 0.12.0 closely, odd corners
included: a test holds every verdict against the originals. Runs in the handler's process; see `package_handler.py`.
"""

import importlib
import importlib.util
import io
import json
import os
import re
import sys
import traceback
import types
from inspect import signature

JSON, CSV, NPY, NPZ = "application/json", "text/csv", "application/x-npy", "application/x-npz"
TEXT_TYPES = (JSON, CSV)


class UnsupportedFormatError(Exception):
    def __init__(self, content_type):
        super().__init__("Content type {} is not supported by this framework.".format(content_type))


class ModelLoadError(Exception):
    pass


class MissingHere(BaseException):
    """What serving has and this place lacks: no verdict on the handler."""


class HandlerService:
    """The toolkit's handler service and its Transformer in one."""

    def __init__(self):
        self._initialized, self._context, self._model = False, None, None
        self._defaults = Defaults()

    def initialize(self, context):
        model_dir = context.system_properties["model_dir"]
        os.environ["PYTHONPATH"] = "{}/code:{}".format(model_dir, os.environ.get("PYTHONPATH", ""))
        self._validate_and_initialize(model_dir, context)

    def _validate_and_initialize(self, model_dir, context):
        if self._initialized:
            return
        self._context = context
        self._find_functions()
        if self._pre_model_fn is not None:
            self._run_handler_function(self._pre_model_fn, *(model_dir,))
        self._model = self._run_handler_function(self._model_fn, *(model_dir,))
        if self._model_warmup_fn is not None:
            self._run_handler_function(self._model_warmup_fn, *(model_dir, self._model))
        self._initialized = True

    def _find_functions(self):
        program = os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
        name = program[:-3] if program.endswith(".py") else program
        found = importlib.util.find_spec(name) is not None
        module = importlib.import_module(name) if found else types.ModuleType(name)
        self._model_fn = getattr(module, "model_fn", self._defaults.default_model_fn)
        transform, data, predict, output = (
            getattr(module, function, None) for function in ("transform_fn", "input_fn", "predict_fn", "output_fn")
        )
        self._pre_model_fn = getattr(module, "pre_model_fn", None)
        self._model_warmup_fn = getattr(module, "model_warmup_fn", None)
        if transform and (data or predict or output):
            raise ValueError(
                "Cannot use transform_fn implementation in conjunction with "
                "input_fn, predict_fn, and/or output_fn implementation"
            )
        self._transform_fn = transform or self._default_transform_fn
        self._input_fn = data or self._defaults.default_input_fn
        self._predict_fn = predict or self._defaults.default_predict_fn
        self._output_fn = output or self._defaults.default_output_fn

    def handle(self, data, context):
        try:
            self._validate_and_initialize(context.system_properties["model_dir"], context)
            return [self._transform(entry, context) for entry in data]
        except Exception as error:
            trace = traceback.format_exc()
            status, message, phrase = told_by(error)
            context.set_response_status(status, phrase.replace("\r", " ").replace("\n", " "))
            return ["{}\n{}".format(message, trace)]

    def _transform(self, entry, context):
        body, properties = entry.get("body"), context.request_processor[0].get_request_properties()
        kind = next((properties[key] for key in properties if re.match("^[Cc]ontent-?[Tt]ype", key)), None)
        accept = properties.get("Accept") or properties.get("accept")
        if not accept or accept == "*/*":
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)
        if kind in TEXT_TYPES:
            body = body.decode("utf-8")
        result = self._run_handler_function(self._transform_fn, *(self._model, body, kind, accept))
        response, response_kind = (result[0], result[1]) if isinstance(result, tuple) else (result, accept)
        context.set_response_content_type(0, response_kind)
        return response

    def _default_transform_fn(self, model, body, kind, accept, context=None):
        data = self._run_handler_function(self._input_fn, *(body, kind))
        prediction = self._run_handler_function(self._predict_fn, *(data, model))
        return self._run_handler_function(self._output_fn, *(prediction, accept))

    def _run_handler_function(self, function, *given):
        takes = len(signature(function).parameters)
        if takes == len(given):
            return function(*given)
        if takes == len(given) + 1:
            return function(*(given + (self._context,)))
        raise TypeError("{} takes {} arguments but {} were given.".format(function.__name__, takes, len(given)))


class Defaults:
    def default_model_fn(self, model_dir):
        import torch

        device = self._device()
        path = os.path.join(model_dir, "model.pt")
        if not os.path.exists(path):
            files = [name for name in os.listdir(model_dir) if os.path.isfile(name)]
            files = [name for name in files if os.path.splitext(name)[1] in (".pt", ".pth")]
            if len(files) != 1:
                raise ValueError("Exactly one .pth or .pt file is required for PyTorch models: {}".format(files))
            path = os.path.join(model_dir, files[0])
        try:
            model = torch.jit.load(path, map_location=device)
        except RuntimeError as error:
            sentence = "Failed to load {}. Please ensure model is saved using torchscript."
            raise ModelLoadError(sentence.format(path)) from error
        return model.to(device)

    def default_input_fn(self, body, kind):
        import torch

        values = decode(body, kind)
        tensor = torch.FloatTensor(values) if kind in TEXT_TYPES else torch.from_numpy(values)
        return tensor.to(self._device())

    def default_predict_fn(self, data, model):
        import torch

        with torch.no_grad():
            model = model.to(self._device())
            data = data.to(self._device())
            model.eval()
            return model(data)

    def default_output_fn(self, prediction, accept):
        import torch

        if type(prediction) is torch.Tensor:
            prediction = prediction.detach().cpu()
            prediction = (prediction.numpy() if installed("numpy") else prediction).tolist()
        for kind in accept.replace(" ", "").split(","):
            if kind in (JSON, CSV, NPY):
                encoded = encode(prediction, kind)
                return encoded.encode("utf-8") if kind == CSV else encoded
        raise UnsupportedFormatError(accept)

    def _device(self):
        import torch

        return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def told_by(error):
    """(Status, message, phrase) of the answer; the toolkit's own errors hold them."""
    own = getattr(sys.modules.get("sagemaker_inference.errors"), "BaseInferenceToolkitError", ())
    if isinstance(error, own):
        return error.status_code, error.message, error.phrase
    message = str(error) or "Invalid Request"
    return 500, message, message


def installed(name):
    return importlib.util.find_spec(name) is not None


def numpy():
    try:
        return importlib.import_module("numpy")
    except ImportError:
        sentence = "NumPy is not installed where this ran, and the handler leaves something to the toolkit's defaults"
        raise MissingHere(sentence)


def decode(body, kind):
    if kind == JSON:
        return numpy().array(json.loads(body), dtype=None)
    if kind == CSV:
        return numpy().genfromtxt(io.StringIO(body), dtype=None, delimiter=",")
    if kind == NPY:
        return numpy().load(io.BytesIO(body), allow_pickle=True)
    if kind == NPZ:
        return importlib.import_module("scipy.sparse").load_npz(io.BytesIO(body))
    raise UnsupportedFormatError(kind)


def encode(values, kind):
    if kind == JSON:
        return json.dumps(values, default=plain)
    if kind == CSV:
        stream = io.StringIO()
        numpy().savetxt(stream, values, delimiter=",", fmt="%s")
        return stream.getvalue()
    if kind == NPY:
        stream = io.BytesIO()
        numpy().save(stream, values)
        return stream.getvalue()
    raise UnsupportedFormatError(kind)


def plain(value):
    return value.tolist() if hasattr(value, "tolist") else json.JSONEncoder().default(value)


# The toolkit's modules of that, for handlers that import them.
CODECS = {
    "content_types": {
        "JSON": JSON, "CSV": CSV, "NPY": NPY, "NPZ": NPZ, "ANY": "*/*",
        "OCTET_STREAM": "application/octet-stream", "UTF8_TYPES": list(TEXT_TYPES),
    },
    "decoder": {"decode": decode},
    "encoder": {"encode": encode, "SUPPORTED_CONTENT_TYPES": {NPY, CSV, JSON}},
    "errors": {"UnsupportedFormatError": UnsupportedFormatError},
}  # fmt: skip
DEFAULT_PYTORCH = {"DefaultPytorchInferenceHandler": Defaults, "ModelLoadError": ModelLoadError}
