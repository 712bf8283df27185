"""What TorchServe does around a handler service, retold for places that do not have it (0.12.0).

Request, context and reply as its worker sees them. Runs in the handler's process; see `package_handler.py`.
"""

import io
import json
import os
import struct
import sys
import traceback


def batch(kind, body, accept):
    """One request as TorchServe's front end hands it to its worker."""
    value = bytearray(body)
    # Where the handler takes the setting away that the server gives its worker, its protocol decodes the body.
    if os.environ.get("TS_DECODE_INPUT_REQUEST") in (None, "true"):
        try:
            value = json.loads(body.decode("utf-8")) if kind == "application/json" else body.decode("utf-8")
        except ValueError:
            traceback.print_exc()
    headers = {"Accept": accept, "Content-Type": kind, "Content-Length": str(len(body)), "Host": "127.0.0.1:8080"}
    return [
        {
            "requestId": b"00000000-0000-0000-0000-000000000000",
            "headers": [{"name": name.encode(), "value": value.encode()} for name, value in headers.items()],
            "parameters": [{"name": "body", "contentType": kind, "value": value}],
        }
    ]


def read_reply(message, context):
    """(status, phrase, content type, body) of the first answer in what TorchServe's worker sends to its front end."""
    if message[:4] == struct.pack("!i", 200) and not sendable(context):
        return unsendable(bytes(message))
    stream = io.BytesIO(bytes(message))
    number = lambda: struct.unpack("!i", stream.read(4))[0]  # noqa: E731
    code = number()
    said = stream.read(number()).decode()
    stream.read(number())
    kind = stream.read(number()).decode()
    status = number()
    phrase = stream.read(number()).decode()
    for _ in range(number()):
        stream.read(number())
        stream.read(number())
    return (status, phrase, kind, stream.read(number())) if code == 200 else (code, said, "", b"")


def sendable(context):
    """Whether the front end can read the reply: TorchServe tells the length of some text in letters, not bytes."""
    phrase = context.get_response_status(0)[1] or ""
    return phrase.isascii() and (context.get_response_content_type(0) or "").isascii()


def unsendable(reply):
    sentence = "the phrase of the status or the content type is not ASCII, and the model server cannot read the answer"
    start = reply.find(b"Traceback (most recent call last)")
    return 500, sentence, "", reply[start:] if start >= 0 else b""


class RequestProcessor:
    def __init__(self, headers):
        self._status_code, self._reason_phrase = 200, None
        self._response_header, self._request_header = {}, headers

    def get_request_property(self, key):
        return self._request_header.get(key)

    def get_request_properties(self):
        return self._request_header

    def report_status(self, code, reason_phrase=None):
        self._status_code, self._reason_phrase = code, reason_phrase

    def get_response_status_code(self):
        return self._status_code

    def get_response_status_phrase(self):
        return self._reason_phrase

    def add_response_property(self, key, value):
        self._response_header[key] = value

    def get_response_headers(self):
        return self._response_header

    def get_response_header(self, key):
        return self._response_header.get(key)


class Metrics:
    """Takes what TorchServe's takes, and counts for nobody."""

    def __init__(self):
        self.request_ids, self.model_name, self.cache = None, "model", {}

    def add_metric(self, name, value, unit, idx=None, dimensions=(), metric_type=None):
        checked(name, str(unit))

    def add_counter(self, name, value, idx=None, dimensions=()):
        checked(name)

    def add_time(self, name, value, idx=None, unit="ms", dimensions=(), metric_type=None):
        checked(name, unit, ("ms", "s"))

    def add_size(self, name, value, idx=None, unit="MB", dimensions=(), metric_type=None):
        checked(name, unit, ("MB", "kB", "GB", "B"))

    def add_percent(self, name, value, idx=None, dimensions=(), metric_type=None):
        checked(name)

    def add_error(self, name, value, dimensions=()):
        checked(name)

    def add_metric_to_cache(self, metric_name, unit, dimension_names=(), metric_type=None):
        checked(metric_name, unit)
        return self.cache.setdefault(metric_name, Metric())

    def get_metric(self, metric_name, metric_type=None):
        return self.cache[metric_name]


class Metric:
    def add_or_update(self, value, dimension_values=(), request_id=""):
        return None

    update = add_or_update


def checked(name, unit="", units=None):
    if not isinstance(name, str):
        raise TypeError("`metric_name` must be a str")
    if units and unit not in units:
        raise ValueError("the unit of a metric should be one of {}".format(list(units)))


def manifest_of(model_dir):
    path = os.path.join(model_dir, "MAR-INF", "MANIFEST.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Context:
    def __init__(self, model_dir):
        self.model_name, self.manifest, self.model_yaml_config = "model", manifest_of(model_dir), {}
        self.system_properties = {
            "model_dir": model_dir,
            "gpu_id": None,
            "batch_size": 1,
            "server_name": "MMS",
            "server_version": "0.12.0",
            "limit_max_image_pixels": True,
        }
        self.request_ids = self.request_processor = self.stopping_criteria = self.cl_socket = None
        self.metrics = Metrics()

    def get_request_id(self, idx=0):
        return None if self.request_ids is None else self.request_ids.get(idx)

    def get_request_header(self, idx, key):
        return self.request_processor[idx].get_request_property(key)

    def get_sequence_id(self, idx):
        return self.get_request_header(idx, os.environ.get("TS_REQUEST_SEQUENCE_ID", "ts_request_sequence_id"))

    def get_all_request_header(self, idx):
        return self.request_processor[idx].get_request_properties()

    def set_response_content_type(self, idx, value):
        self.set_response_header(idx, "content-type", value)

    def get_response_content_type(self, idx):
        return self.get_response_headers(idx).get("content-type")

    def get_response_status(self, idx):
        processor = self.request_processor[idx]
        return processor.get_response_status_code(), processor.get_response_status_phrase()

    def set_response_status(self, code=200, phrase="", idx=0):
        if self.request_processor is not None and self.request_processor[idx] is not None:
            self.request_processor[idx].report_status(code, reason_phrase=phrase)

    def set_all_response_status(self, code=200, phrase=""):
        for processor in self.request_processor:
            processor.report_status(code, reason_phrase=phrase)

    def get_response_headers(self, idx):
        return self.request_processor[idx].get_response_headers()

    def set_response_header(self, idx, key, value):
        self.request_processor[idx].add_response_property(key, value)


class Service:
    """TorchServe's: calls the handler service and encodes what it returns."""

    def __init__(self, handler_service, model_dir, connection):
        self.context, self.handle, self.connection = Context(model_dir), handler_service.handle, connection
        handler_service.initialize(self.context)

    def answer(self, kind, body, accept):
        request = batch(kind, body, accept)[0]
        headers = {"body": {"content-type": kind}}
        headers.update({header["name"].decode(): header["value"].decode() for header in request["headers"]})
        self.context.request_ids = {0: request["requestId"].decode()}
        self.context.request_processor = [RequestProcessor(headers)]
        self.context.cl_socket = self.connection
        try:
            returned = self.handle([{"body": request["parameters"][0]["value"]}], self.context)
        except MemoryError:
            return 507, "Out of resources", "", b""
        except Exception as error:
            traceback.print_exc()
            return (507, "Out of resources", "", b"") if "CUDA" in str(error) else (503, "Prediction failed", "", b"")
        return self.encoded(returned[0])

    def encoded(self, value):
        if os.environ.get("LOCAL_RANK", "0") != "0":
            raise TypeError("a worker whose LOCAL_RANK is not 0 sends no answer")
        kind = self.context.get_response_content_type(0)
        if kind is not None and len(kind) > 0:
            kind.encode("utf-8")
        status, phrase = self.context.get_response_status(0)
        for name, text in self.context.get_response_headers(0).items():
            name.encode("utf-8"), text.encode("utf-8")
        if isinstance(value, (bytes, bytearray)):
            body = bytes(value)
        elif isinstance(value, str):
            body = value.encode("utf-8")
        elif "torch" in sys.modules and isinstance(value, sys.modules["torch"].Tensor):
            torch = sys.modules["torch"]
            stream = io.BytesIO()
            torch.save(value, stream)
            body = stream.getvalue()
        else:
            try:
                body = json.dumps(value, indent=2).encode("utf-8")
            except TypeError:
                traceback.print_exc()
                return 503, "Unsupported model output data type.", "", b""
        if not sendable(self.context):
            return unsendable(body)
        status = 200 if status is None else status
        struct.pack("!i", status)
        return status, phrase or "", kind or "", body
