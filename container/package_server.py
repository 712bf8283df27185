"""Level `server`: the image's own model server answers the payloads over HTTP, as it will behind an endpoint."""

import http.client
import json
import os
import re
import shutil
import socket
import sys
import tempfile
import threading
import time

from package_process import ContainedProcess
from package_answers import Transcript, one_line

HERE = os.path.dirname(os.path.abspath(__file__))
POLL_SECONDS = 0.4
SHOWN_LINES = 100
# A Unix socket's path may have 107 bytes; TorchServe puts one into its folder for temporary files.
LONGEST_TEMP = 80
STOPPED = re.compile(r"Load model failed|Worker disconnected|Auto recovery start")
STARTED = "Torch worker started."


class CannotStart(Exception):
    """The server itself, not what is packaged, is at fault; one sentence."""


def reason_against(installed):
    """Why this level cannot be taken here; None where it can."""
    if not installed("ts"):
        return "TorchServe is not installed where this ran"
    java_home = os.environ.get("JAVA_HOME")
    if shutil.which(os.path.join(java_home, "bin", "java") if java_home else "java") is None:
        return "Java is not installed where this ran"
    return None


def transcribe(job, place, deadline):
    """Serves, asks and stops; raises CannotStart."""
    server = Server(job, place)
    try:
        transcript = converse(server, job, deadline)
        if transcript.failed():
            server.show_log()
        return transcript
    finally:
        server.stop()


def converse(server, job, deadline):
    transcript = Transcript()
    transcript.died = server.wait_until_ready(deadline)
    if transcript.died is not None:
        return transcript
    transcript.loaded = True
    for payload in job["payloads"]:
        answers = transcript.answers.setdefault(payload["file"], [])
        with open(payload["path"], "rb") as file:
            body = file.read()
        for _ in range(job["calls"]):
            answer = server.ask(payload["content_type"], body, job["accept"], deadline)
            if answer is None:
                transcript.died = server.end() or {"how": server.no_answer(deadline)}
                return transcript
            answers.append(answer)
    transcript.died = server.end_after_answers()
    return transcript


class Server:
    def __init__(self, job, place):
        self.job, self.folder = job, os.path.join(place.scratch, "server")
        # One answers alone to be verified; an endpoint has several.
        self.wanted_workers = job.get("workers", 1)
        os.makedirs(self.folder)
        temp = os.path.join(self.folder, "tmp")
        self.short_temp = None
        if len(temp) > LONGEST_TEMP:
            temp = self.short_temp = tempfile.mkdtemp(prefix="ts-", dir="/tmp")
        os.makedirs(temp, exist_ok=True)
        self.ports = free_ports(5)
        environment = dict(place.environment, TEMP=temp)
        python_path = environment.pop("PYTHONPATH", "")
        task = {
            "ports": self.ports,
            "workers": self.wanted_workers,
            "folder": self.folder,
            "temp": temp,
            "python_path": os.pathsep.join(part for part in (place.code, python_path) if part),
        }
        task_file = os.path.join(self.folder, "task.json")
        with open(task_file, "w", encoding="utf-8") as file:
            json.dump(task, file)
        self.output_path = os.path.join(self.folder, "output.log")
        command = [place.python, "-u", os.path.join(HERE, "package_serve.py"), task_file]
        with open(self.output_path, "wb") as output:
            self.process = ContainedProcess(
                command + [place.model], place.base, env=environment, cwd=self.folder, stdout=output, stderr=output
            )

    def wait_until_ready(self, deadline):
        """None when the workers are ready; else how it died. Raises CannotStart."""
        # A server that never gets as far as a worker must leave the next level its time.
        halfway = (time.monotonic() + deadline) / 2
        while time.monotonic() < (deadline if STARTED in self.output() else halfway):
            if sum(worker.get("status") == "READY" for worker in self.workers()) >= self.wanted_workers:
                return None
            if self.process.poll() is not None:
                return self.end() or self.give_way()
            if STOPPED.search(self.output()):
                # What the worker said may still be on its way into the log.
                time.sleep(POLL_SECONDS)
                return self.end() or self.give_way()
            time.sleep(POLL_SECONDS)
        if STARTED in self.output():
            return {"how": "the worker was not ready in time ({} s)".format(self.job["timeout"])}
        raise CannotStart("the model server started no worker within {} s".format(self.job["timeout"] // 2))

    def give_way(self):
        lines = [line for line in self.output().split("\n") if re.search(r"(Exception|Error)\b.*:", line)]
        said = re.sub(r"^\S+ \[.*?\] ", "", lines[0]) if lines else "it gave no reason"
        raise CannotStart("the model server did not start: {}".format(one_line(said, 200)))

    def workers(self):
        try:
            status, _, body = self.request(self.ports[1], ("GET", "/models/model", b"", {}), 10)
            described = json.loads(body.decode("utf-8"))
            return described[0].get("workers", []) if status == 200 else []
        except (OSError, ValueError, http.client.HTTPException, LookupError):
            return []

    def ask(self, kind, body, accept, deadline):
        headers = {"Content-Type": kind, "Accept": accept}
        before = len(self.output())
        started = time.perf_counter()
        answer = self.answer_while_alive(("POST", "/invocations", body, headers), before, deadline)
        if answer is None:
            return None
        status, answered, said = answer
        taken = (time.perf_counter() - started) * 1000
        answer = {"status": status, "phrase": "", "content_type": answered, "body": said, "ms": taken}
        if status >= 400:
            self.explain(answer, before)
        return answer

    def answer_while_alive(self, what, before, deadline):
        """TorchServe leaves a request without an answer when its worker dies: the log is watched beside it."""
        answers = []
        left = max(1.0, deadline - time.monotonic())
        asking = threading.Thread(target=self.keep_answer, args=(answers, what, left), daemon=True)
        asking.start()
        while asking.is_alive() and time.monotonic() < deadline:
            asking.join(POLL_SECONDS)
            if asking.is_alive() and STOPPED.search(self.output()[before:]):
                asking.join(2 * POLL_SECONDS)
                break
        return answers[0] if answers else None

    def keep_answer(self, answers, what, seconds):
        try:
            answers.append(self.request(self.ports[0], what, seconds))
        except (OSError, http.client.HTTPException):
            # The log tells more than a broken connection.
            return

    def explain(self, answer, before):
        """TorchServe's own errors are JSON with a message; why they came is in its log."""
        try:
            answer["phrase"] = json.loads(answer["body"].decode("utf-8"))["message"]
        except (ValueError, LookupError, TypeError):
            return
        time.sleep(POLL_SECONDS)
        trace = self.trace(self.output()[before:])
        if trace:
            answer["body"] = trace.encode("utf-8")

    def request(self, port, what, seconds):
        method, path, body, headers = what
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers.get("content-type", ""), response.read()
        finally:
            connection.close()

    def end(self):
        """How the worker ended; None where it never began."""
        output = self.output()
        if STARTED not in output:
            trace = self.trace(output)
            return {"trace": trace} if self.job["code_marker"] in trace else None
        trace = self.trace(output.split("Backend worker process died.")[-1])
        if trace:
            return {"trace": trace}
        said = [line for line in worker_lines(output) if line.strip()]
        exits = [line for line in said if " error: " in line]
        last = exits[-1] if exits else ""
        how = "the worker ended itself (sys.exit, os._exit or a crash)"
        return {"how": "{}: {}".format(how, one_line(last)) if last else how}

    def end_after_answers(self):
        """How the worker ended after it had answered everything; None where it lives and says so."""
        workers = self.workers()
        alive = workers and all(worker.get("status") == "READY" for worker in workers)
        return None if alive and not STOPPED.search(self.output()) else self.end()

    def no_answer(self, deadline):
        if time.monotonic() >= deadline:
            return "there was no answer in time ({} s)".format(self.job["timeout"])
        return "the server closed the connection"

    def trace(self, output):
        """The last traceback that the worker or the server's start printed."""
        lines = worker_lines(output) or output.split("\n")
        starts = [number for number, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
        if not starts:
            return ""
        end = next(
            (number + 1 for number, line in enumerate(lines) if number > starts[-1] and line and not line[0].isspace()),
            len(lines),
        )
        return "\n".join(lines[starts[-1] : end])

    def output(self):
        with open(self.output_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def show_log(self):
        """The end of what the worker printed, for whoever reads the job's log."""
        for line in worker_lines(self.output())[-SHOWN_LINES:]:
            print(line, file=sys.stderr)

    def stop(self):
        self.process.stop()
        if self.short_temp:
            shutil.rmtree(self.short_temp, ignore_errors=True)


def worker_lines(output):
    return [line.split(" MODEL_LOG - ", 1)[1] for line in output.split("\n") if " MODEL_LOG - " in line]


def free_ports(count):
    """Held all at once, so that they differ; another program may still be faster, which gives way with a reason."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
