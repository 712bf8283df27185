"""Serves a model package as a real-time endpoint would: GET /ping, POST /invocations, a process for each worker.

    python3 serve_package.py --container DIR --model model.tar.gz --payloads payload.tar.gz --folder DIR --workers 2

`--container` holds the packager, whose handler functions answer here too. When all workers have loaded the model, the
file `ready.json` lies in the folder: {"port", "by", "payloads": [{"path", "content_type"}]}. A model that cannot be
loaded ends it, with a sentence on standard error.
"""

import argparse
import http.server
import json
import os
import shutil
import signal
import socket
import sys
import tarfile
import threading

CONTENT_TYPES = {"payload_text_csv_": "text/csv", "payload_application_json_": "application/json"}


def main():
    options = read_options()
    sys.path.insert(0, options.container)
    from package_verify import install_requirements, unpack

    model = os.path.join(options.folder, "model")
    unpack(options.model, model)
    site = install_requirements(os.path.join(model, "code", "requirements.txt"), os.path.join(options.folder, "site"))
    if site:
        sys.path.insert(0, site)
    payloads = read_payloads(options)
    os.environ.setdefault("SM_MODEL_DIR", model)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    readable, writable = os.pipe()
    workers = {fork(lambda: work(options, model, listener, writable)) for _ in range(options.workers)}
    os.close(writable)
    # One byte from each worker that has loaded the model; a worker that ends without one leaves the pipe short.
    if sum(len(chunk) for chunk in iter(lambda: os.read(readable, 64), b"")) < options.workers:
        stop(workers)
        sys.exit("The model could not be loaded; the lines above say why.")
    announce(options, {"port": listener.getsockname()[1], "by": "built-in", "payloads": payloads})
    while workers:
        ended, _ = os.wait()
        workers.discard(ended)
    sys.exit("All workers have died.")


def read_options():
    parser = argparse.ArgumentParser()
    for name in ("container", "model", "folder"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--payloads")
    parser.add_argument("--program", default=os.environ.get("SAGEMAKER_PROGRAM") or "inference.py")
    parser.add_argument("--content-type", default="application/json")
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


def read_payloads(options):
    """The sample payloads, each in a file of its own."""
    folder = os.path.join(options.folder, "payloads")
    os.makedirs(folder)
    payloads = []
    with tarfile.open(options.payloads, "r:gz") as packed:
        for member in packed:
            if not member.isfile():
                continue
            name = os.path.basename(member.name)
            kinds = [CONTENT_TYPES[start] for start in CONTENT_TYPES if name.startswith(start)]
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                shutil.copyfileobj(packed.extractfile(member), file)
            payloads.append({"path": path, "content_type": (kinds or [options.content_type])[0]})
    if not payloads:
        sys.exit("The payload archive holds no payload.")
    return payloads


def fork(job):
    child = os.fork()
    if child:
        return child
    try:
        job()
    finally:
        os._exit(1)


def work(options, model, listener, writable):
    """Loads the model and answers, one request at a time; requests that come meanwhile wait."""
    import package_handler

    handler = package_handler.load_handler({"model_dir": model, "program": options.program})
    loaded = package_handler.step("model_fn", None, lambda: handler["model_fn"](model))
    turn = threading.Lock()

    class Endpoint(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.reply(200 if self.path == "/ping" else 404, b"")

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            payload = {"content_type": self.headers.get("Content-Type") or options.content_type, "file": "request"}
            try:
                with turn:
                    answer = package_handler.respond(handler, loaded, body, (payload, self.headers.get("Accept")))
                answer = answer[0] if isinstance(answer, tuple) and answer else answer
                self.reply(200, answer.encode("utf-8") if isinstance(answer, str) else bytes(answer))
            except Exception as error:
                self.reply(500, str(error).encode("utf-8"))

        def reply(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def __init__(self):
            super().__init__(listener.getsockname(), Endpoint, bind_and_activate=False)
            self.socket.close()
            self.socket = listener

    os.write(writable, b".")
    os.close(writable)
    Server().serve_forever()


def announce(options, ready):
    path = os.path.join(options.folder, "ready.json")
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(ready, file)
    os.rename(path + ".new", path)


def stop(workers):
    for worker in workers:
        try:
            os.kill(worker, signal.SIGKILL)
        except OSError:
            pass


if __name__ == "__main__":
    main()
