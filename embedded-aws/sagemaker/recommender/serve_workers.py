"""Levels `toolkit` and `built-in` as an endpoint: an HTTP front, and processes that answer one request at a time each.

A worker that ends is started again, as TorchServe does; what it was asked then is answered with 500.
"""

import http.server
import json
import multiprocessing.connection
import os
import queue
import secrets
import socket
import sys
import threading
import uuid

from package_process import ContainedProcess
from package_names import refuse_breaking_module
from package_worker import response_seconds, served_root, toolkit_folder

HERE = os.path.dirname(os.path.abspath(__file__))
POLL_SECONDS = 0.05
# TorchServe waits a second before it starts a worker again, and longer each time that it ends at once.
AGAIN_SECONDS = (1, 1, 2, 3, 5, 8)
JSON = "application/json"


class Died(Exception):
    """The worker did not answer; one sentence."""


def serve_by_workers(level, place, count, ready):
    """Serves until it is stopped. Raises Refused; exits where the model cannot be loaded."""
    if level == "built-in":
        refuse_breaking_module((place.code, place.model))
    requests = queue.Queue()
    lanes = [Lane(Start(level, place), requests) for _ in range(count)]
    try:
        for lane in lanes:
            lane.first.wait()
        if not all(lane.loaded for lane in lanes):
            sys.exit("The model could not be loaded; the lines above say why.")
        front = Front(requests)
        ready(level, front.server_address[1])
        front.serve_forever()
    finally:
        for lane in lanes:
            lane.stop()


class Start:
    """How a worker's process is started, with the paths and the environment that TorchServe gives its worker."""

    def __init__(self, level, place):
        self.level, self.place = level, place
        self.limit = response_seconds(place.environment)
        folder = os.path.join(place.scratch, "workers", uuid.uuid4().hex)
        store = os.path.join(folder, "models")
        os.makedirs(store)
        self.root, self.task_file = served_root(place.model), os.path.join(folder, "task.json")
        self.link = os.path.join(store, os.path.basename(self.root))
        os.symlink(self.root, self.link)
        path = [toolkit_folder(), place.code, self.root, store, place.environment.get("PYTHONPATH")]
        # The toolkit's configuration of TorchServe; a variable of the package's comes before it.
        self.environment = dict({"TS_DECODE_INPUT_REQUEST": "false"}, **place.environment)
        self.environment["PYTHONPATH"] = os.pathsep.join(part for part in path if part)

    def process(self, port, key):
        import package_handler

        with open(self.task_file, "w", encoding="utf-8") as file:
            json.dump({"level": self.level, "handler": package_handler.__file__, "port": port, "key": key}, file)
        command = [self.place.python, "-u", os.path.join(HERE, "serve_worker.py"), self.task_file, self.link]
        return ContainedProcess(command, self.place.base, env=self.environment, cwd=self.root)


class Worker:
    """A process that has loaded the model, and the connection to it. Raises Died where it ends before."""

    def __init__(self, start, stopping):
        self.limit, self.connection = start.limit, None
        key = secrets.token_hex(16)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(POLL_SECONDS)
            self.process = start.process(listener.getsockname()[1], key)
            try:
                self.connection = self.connected(listener, key, stopping)
                while not self.connection.poll(POLL_SECONDS):
                    self.check_alive(stopping)
                self.connection.recv_bytes()
            except (Died, EOFError, OSError):
                self.stop()
                raise Died("the worker ended before it had loaded the model")

    def connected(self, listener, key, stopping):
        while True:
            try:
                accepted = listener.accept()[0]
            except socket.timeout:
                self.check_alive(stopping)
                continue
            accepted.setblocking(True)
            connection = multiprocessing.connection.Connection(accepted.detach())
            # Any program of this machine can connect; only the worker knows the key.
            if connection.poll(10) and connection.recv_bytes() == key.encode():
                return connection
            connection.close()

    def check_alive(self, stopping):
        if stopping.is_set() or self.process.poll() is not None:
            raise Died("the worker has ended")

    def ask(self, kind, accept, body):
        """(status, phrase, content type, body). Raises Died."""
        try:
            self.connection.send_bytes(json.dumps([kind, accept]).encode())
            self.connection.send_bytes(body)
            if not self.connection.poll(self.limit):
                raise Died("Worker did not respond within {} seconds.".format(self.limit))
            status, phrase, answered = json.loads(self.connection.recv_bytes().decode())
            return status, phrase, answered, self.connection.recv_bytes()
        except (EOFError, OSError):
            raise Died("Worker died.")

    def stop(self):
        self.process.stop()
        if self.connection:
            self.connection.close()


class Lane(threading.Thread):
    """One worker after another; takes what waits as soon as its worker is free."""

    def __init__(self, how, requests):
        super().__init__(daemon=True)
        self.how, self.requests, self.loaded = how, requests, False
        self.first, self.stopping = threading.Event(), threading.Event()
        self.start()

    def run(self):
        failures = 0
        while not self.stopping.is_set():
            try:
                worker = Worker(self.how, self.stopping)
            except Died:
                if not self.loaded:
                    self.first.set()
                    return
            else:
                self.loaded = True
                self.first.set()
                failures = 0 if self.work(worker) else failures
            if not self.stopping.is_set():
                print("A worker has ended; another one is started.", flush=True)
            self.stopping.wait(AGAIN_SECONDS[min(failures, len(AGAIN_SECONDS) - 1)])
            failures += 1

    def work(self, worker):
        """Answers until the worker ends; whether it has answered anything."""
        answered = False
        try:
            while not self.stopping.is_set():
                try:
                    request = self.requests.get(timeout=POLL_SECONDS)
                except queue.Empty:
                    worker.check_alive(self.stopping)
                    continue
                try:
                    request.answer(worker.ask(*request.asked))
                    answered = True
                except Died as death:
                    request.answer((500, str(death), "", b""))
                    raise
        except Died:
            pass
        finally:
            worker.stop()
        return answered

    def stop(self):
        self.stopping.set()
        self.join()


class Request:
    def __init__(self, *asked):
        self.asked, self.answers = asked, queue.Queue()

    def answer(self, given):
        self.answers.put(given)


class Front(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, requests):
        super().__init__(("127.0.0.1", 0), Endpoint)
        self.requests = requests


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply(200 if self.path == "/ping" else 404, JSON, b"{}")

    def do_POST(self):
        if self.path != "/invocations":
            self.reply(404, JSON, b"{}")
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.headers.get("Content-Type") or JSON, self.headers.get("Accept") or "", body)
        self.server.requests.put(request)
        status, phrase, kind, said = request.answers.get()
        if status >= 400:
            # As TorchServe tells of it; the rest is in the log.
            said = json.dumps({"code": status, "type": "InternalServerException", "message": phrase}).encode()
            kind = JSON
        self.reply(status, kind, said)

    def reply(self, status, kind, body):
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            # A user whose test is over has gone; the answer is nobody's.
            pass
