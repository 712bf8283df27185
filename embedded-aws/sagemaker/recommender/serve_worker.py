"""Loads the packaged model and answers requests, one at a time, in a process of its own; see `serve_workers.py`.

Arguments: the task (a JSON file) and the model folder. As in a verification, the handler sees nothing of ours.
"""

import importlib.util
import json
import multiprocessing.connection
import os
import socket
import sys
import traceback


def main(task, model_dir):
    spec = importlib.util.spec_from_file_location("_packager_package_handler", task["handler"])
    handler = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(handler)
    sys.argv = ["model_service_worker.py"] + handler.WORKER_ARGUMENTS
    # Stands for the connection to the model server's front end; the other end stays open as long as this process.
    connection, _front_end = socket.socketpair()
    caller = multiprocessing.connection.Connection(socket.create_connection(("127.0.0.1", task["port"])).detach())
    caller.send_bytes(task["key"].encode())
    try:
        service = handler.load(task, model_dir, connection)
        caller.send_bytes(b"ready")
        while True:
            answer(service, caller)
    except EOFError:
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        # A thread of the handler's would let it wait for ever.
        os._exit(1)


def answer(service, caller):
    kind, accept = json.loads(caller.recv_bytes().decode())
    status, phrase, answered, body = service(kind, caller.recv_bytes(), accept)
    if status != 200 and body:
        os.write(2, bytes(body) + b"\n")
    caller.send_bytes(json.dumps([status, phrase, answered]).encode())
    caller.send_bytes(bytes(body))


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    with open(sys.argv[1], encoding="utf-8") as task_file:
        main(json.load(task_file), sys.argv[2])
