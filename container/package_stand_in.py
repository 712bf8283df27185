"""Stands in for the serving toolkit and TorchServe where handlers import them and neither is installed.

What is asked for by handlers is here: types, codecs, errors, settings, contexts. Of the rest the names alone are known:
a name that serving does not have cannot be imported; one that it has can, and using it is no verdict on the handler.
Runs in the handler's process; see `package_handler.py`.
"""

import importlib
import importlib.machinery
import importlib.util
import logging
import os
import re
import sys
import types

TOOLKIT, PYTORCH = "sagemaker_inference", "sagemaker_pytorch_serving_container"
VERSION = "0.12.0"
# Modules of the toolkit -> names in them that are not in KNOWN.
NAMES = {
    TOOLKIT: "",
    TOOLKIT + ".content_types": "",
    TOOLKIT + ".decoder": "",
    TOOLKIT + ".default_handler_service": "DefaultHandlerService Transformer PYTHON_PATH_ENV",
    TOOLKIT + ".default_inference_handler": "",
    TOOLKIT + ".encoder": "",
    TOOLKIT + ".environment": "",
    TOOLKIT + ".errors": "",
    TOOLKIT + ".logging": "",
    TOOLKIT + ".model_server": "start_model_server REQUIREMENTS_PATH",
    TOOLKIT + ".parameters": "",
    TOOLKIT + ".transformer": "Transformer",
    TOOLKIT + ".utils": "",
    PYTORCH: "",
    PYTORCH + ".default_pytorch_inference_handler": "",
    PYTORCH + ".handler_service": "HandlerService DefaultHandlerService Transformer DefaultPytorchInferenceHandler",
    PYTORCH + ".serving": "main HANDLER_SERVICE",
    PYTORCH + ".torchserve": "start_torchserve TS_CONFIG_FILE MODEL_STORE DEFAULT_HANDLER_SERVICE",
    PYTORCH + ".ts_environment": "TorchServeEnvironment",
    PYTORCH + ".ts_parameters": "",
}
# The toolkit's own folder stands first on the worker's path: these names are never the handler's.
SHADOWED = "default_pytorch_inference_handler handler_service serving torchserve ts_environment ts_parameters".split()
TORCHSERVE = re.compile(
    r"ts(\.(arg_parser|async_service|context|handler_utils(\.\w+)*|launcher|metrics(\.\w+)?|model_loader|model_server|"
    r"model_service(\.model_service)?|protocol(\.otf_message_handler)?|service|torch_handler(\.\w+)*|utils(\.\w+)?|"
    r"version))?"
).fullmatch
SETTINGS = {
    "BASE_PATH_ENV": "BASE_DIR",
    "USER_PROGRAM_ENV": "PROGRAM",
    "LOG_LEVEL_ENV": "CONTAINER_LOG_LEVEL",
    "DEFAULT_INVOCATIONS_ACCEPT_ENV": "DEFAULT_INVOCATIONS_ACCEPT",
    "MODEL_SERVER_WORKERS_ENV": "MODEL_SERVER_WORKERS",
    "MODEL_SERVER_TIMEOUT_ENV": "MODEL_SERVER_TIMEOUT",
    "MODEL_SERVER_TIMEOUT_SECONDS_ENV": "MODEL_SERVER_TIMEOUT_SECONDS",
    "MODEL_SERVER_VMARGS": "MODEL_SERVER_VMARGS",
    "STARTUP_TIMEOUT_ENV": "STARTUP_TIMEOUT",
    "BIND_TO_PORT_ENV": "BIND_TO_PORT",
    "SAFE_PORT_RANGE_ENV": "SAFE_PORT_RANGE",
    "MULTI_MODEL_ENV": "MULTI_MODEL",
    "MAX_REQUEST_SIZE": "MAX_PAYLOAD_IN_MB",
}


class BaseInferenceToolkitError(Exception):
    def __init__(self, status_code, message, phrase):
        self.status_code, self.message, self.phrase = status_code, message, phrase
        super().__init__(status_code, message, phrase)


class GenericInferenceToolkitError(BaseInferenceToolkitError):
    def __init__(self, status_code, message=None, phrase=None):
        message = message or "Invalid Request"
        super().__init__(status_code, message, phrase or message)


class PredictionException(Exception):
    def __init__(self, message, error_code=500):
        self.message, self.error_code = message, error_code
        super().__init__(message)

    def __str__(self):
        return "{message} : {error_code}".format(message=self.message, error_code=self.error_code)


class Environment:
    def __init__(self):
        value = lambda name, default=None: os.environ.get("SAGEMAKER_" + name, default)  # noqa: E731
        program = value("PROGRAM", "inference.py")
        self.module_name = program[:-3] if program.endswith(".py") else program
        self.default_accept = value("DEFAULT_INVOCATIONS_ACCEPT", "application/json")
        self.model_server_timeout = int(value("MODEL_SERVER_TIMEOUT", "60"))
        self.model_server_workers = value("MODEL_SERVER_WORKERS")
        self.inference_http_port = self.management_http_port = value("BIND_TO_PORT", "8080")
        self.startup_timeout = int(value("STARTUP_TIMEOUT", "600"))


def read_file(path, mode="r"):
    with open(path, mode) as file:
        return file.read()


def write_file(path, data, mode="w"):
    with open(path, mode) as file:
        file.write(data)


def default_handler(retold):
    codecs = retold.CODECS

    class DefaultInferenceHandler:
        def default_model_fn(self, model_dir, context=None):
            raise NotImplementedError("Please provide a model_fn implementation.")

        def default_input_fn(self, input_data, content_type, context=None):
            return codecs["decoder"]["decode"](input_data, content_type)

        def default_predict_fn(self, data, model, context=None):
            raise NotImplementedError("Please provide a predict_fn implementation.")

        def default_output_fn(self, prediction, accept, context=None):
            for kind in accept.replace(" ", "").split(","):
                if kind in codecs["encoder"]["SUPPORTED_CONTENT_TYPES"]:
                    return codecs["encoder"]["encode"](prediction, kind), kind
            raise codecs["errors"]["UnsupportedFormatError"](accept)

    return DefaultInferenceHandler


def known_modules(retold, context_classes):
    """Module -> names -> what stands for them."""
    codecs = retold.CODECS
    base = os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")
    errors = dict(codecs["errors"], BaseInferenceToolkitError=BaseInferenceToolkitError)
    errors["GenericInferenceToolkitError"] = GenericInferenceToolkitError
    toolkit = dict(codecs, errors=errors)
    toolkit["environment"] = {
        "Environment": Environment,
        "base_dir": base,
        "model_dir": base + "/model",
        "code_dir": base + "/model/code",
    }
    toolkit["parameters"] = {name: "SAGEMAKER_" + setting for name, setting in SETTINGS.items()}
    toolkit["logging"] = {
        "get_logger": lambda: logging.getLogger("sagemaker-inference"),
        "configure_logger": lambda: None,
    }
    toolkit["utils"] = {
        "read_file": read_file,
        "write_file": write_file,
        "parse_accept": lambda accept: accept.replace(" ", "").split(","),
        "remove_crlf": lambda text: text.replace("\r", " ").replace("\n", " "),
    }
    toolkit["default_inference_handler"] = {"DefaultInferenceHandler": default_handler(retold)}
    known = {"{}.{}".format(TOOLKIT, name): names for name, names in toolkit.items()}
    known[PYTORCH + ".default_pytorch_inference_handler"] = retold.DEFAULT_PYTORCH
    known["ts"] = {"__version__": VERSION}
    known["ts.context"] = context_classes
    known["ts.utils.util"] = {"PredictionException": PredictionException}
    for module, names in known.items():
        for value in names.values():
            if isinstance(value, type):
                # Errors are told by the name that they have in serving.
                value.__module__ = module
    return known


def stand_in_for_toolkit(retold, context_classes):
    """`retold` is the module `package_toolkit.py`."""
    sys.meta_path.append(StandIn(known_modules(retold, context_classes), retold.MissingHere))
    # Handlers may ask whether they were given a context of TorchServe's, also where that is installed.
    context = sys.modules["ts.context"] = types.ModuleType("ts.context")
    context.__spec__ = importlib.machinery.ModuleSpec("ts.context", None)
    context.__dict__.update(context_classes)
    for name in SHADOWED:
        sys.modules[name] = shadow(name)


def shadow(name):
    module = types.ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, None)

    def ask(attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(importlib.import_module("{}.{}".format(PYTORCH, name)), attribute)

    module.__getattr__ = ask
    return module


class StandIn:
    def __init__(self, known, missing_here):
        self.known, self.missing_here = known, missing_here

    def find_spec(self, name, _path=None, _target=None):
        if name in NAMES or TORCHSERVE(name):
            return importlib.util.spec_from_loader(name, self, is_package=True)
        return None

    def create_module(self, _spec):
        return None

    def exec_module(self, module):
        prefix = module.__name__
        module.__dict__.update(self.known.get(prefix, {}))
        for name in NAMES.get(prefix, "").split():
            module.__dict__.setdefault(name, self.stand_in_class(prefix, name))

        def missing(name):
            full = "{}.{}".format(prefix, name)
            if name.startswith("__") or prefix in NAMES and full not in NAMES:
                raise AttributeError("module {!r} has no attribute {!r}".format(prefix, name))
            if full in NAMES or full in self.known:
                return importlib.import_module(full)
            return self.stand_in_class(prefix, name)

        # What TorchServe's modules hold is not listed; of the toolkit's it is.
        module.__getattr__ = missing

    def stand_in_class(self, module, name):
        def absent(_self, asked):
            if asked.startswith("__"):
                raise AttributeError(asked)
            sentence = "{}.{} is not installed where this ran, and the handler uses its {}"
            raise self.missing_here(sentence.format(module, name, asked))

        accept = lambda self, *_given, **_named: None  # noqa: E731
        return type(name, (), {"__module__": module, "__init__": accept, "__getattr__": absent})
