"""Serves a model package as a real-time endpoint would: GET /ping, POST /invocations, a process for each worker.

    python3 serve_package.py --container DIR --model model.tar.gz --payloads payload.tar.gz --folder DIR --workers 2

By the highest level of verification that is there: the image's own model server, else the handler's processes behind a
front of ours (`serve_workers.py`). `--container` holds the packager, whose code does both. The environment that the
package is registered with comes as for a verification, with `SERVING_` before each name. When the workers have loaded
the model, the file `ready.json` lies in the folder: {"port", "by", "payloads": [{"path", "content_type"}]}. A model
that cannot be loaded ends it, with a sentence on standard error. What it starts ends with it.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tarfile
import threading
import time

CONTENT_TYPES = {"payload_text_csv_": "text/csv", "payload_application_json_": "application/json"}
# Three or four lines for every request: they stay in the server's own file.
COUNTED = (" TS_METRICS ", " ACCESS_LOG ", " MODEL_METRICS ")
POLL_SECONDS = 0.1


def main():
    options = read_options()
    # Whatever was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.path.insert(0, options.container)
    from package_common import Refused
    from package_place import Place, install_requirements
    from package_unpack import unpack

    deadline = time.monotonic() + options.start_seconds
    place = Place(options.folder, os.environ.get("SERVING_SAGEMAKER_PROGRAM") or "inference.py")
    try:
        unpack(options.model, place.model)
        place.serve_with({})
        install_requirements(place, deadline)
        payloads = read_payloads(options)
        serve(options, place, deadline, lambda level, port: announce(options, level, port, payloads))
    except Refused as refusal:
        sys.exit(str(refusal))
    finally:
        place.close()


def read_options():
    parser = argparse.ArgumentParser()
    for name in ("container", "model", "payloads", "folder"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--content-type", default="application/json")
    parser.add_argument("--workers", type=int, default=1, help="where the package sets no number of its own")
    parser.add_argument("--start-seconds", type=float, default=300)
    options = parser.parse_args()
    own = os.environ.get("SERVING_SAGEMAKER_MODEL_SERVER_WORKERS", "")
    options.workers = int(own) if own.isdigit() and int(own) > 0 else options.workers
    return options


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


def serve(options, place, deadline, ready):
    """By the highest level that starts; never returns."""
    import package_server
    from package_verify import LEVELS, reason_against
    from serve_workers import serve_by_workers

    for level in LEVELS:
        why_not = reason_against(level)
        if why_not is None:
            print("Serving by {}".format(level), flush=True)
            try:
                if level == "server":
                    serve_by_server(options, place, deadline, ready)
                serve_by_workers(level, place, options.workers, ready)
            except package_server.CannotStart as cause:
                why_not = str(cause)
        print("Not served by {}: {}".format(level, why_not), flush=True)
    sys.exit("The package cannot be served; the lines above say why.")


def serve_by_server(options, place, deadline, ready):
    """Raises CannotStart where the next level is to be tried."""
    from package_server import Server

    job = {"workers": options.workers, "timeout": int(options.start_seconds), "code_marker": place.code}
    server = Server(job, place)
    told = threading.Thread(target=tell, args=(server,), daemon=True)
    told.start()
    try:
        died = server.wait_until_ready(deadline)
        if died is None:
            ready("server", server.ports[0])
            while server.process.poll() is None:
                time.sleep(POLL_SECONDS)
            died = {"how": "the model server has ended"}
    finally:
        server.stop()
        told.join()
    sys.exit("The model could not be served: {}".format(died.get("how") or died["trace"].strip().split("\n")[-1]))


def tell(server):
    """What the model server and its workers say, as it comes, but for what it counts."""
    with open(server.output_path, encoding="utf-8", errors="replace") as said:
        rest, over = "", False
        while True:
            # Asked before reading: what was written until the end is still told.
            ended, more = over, said.read()
            over = server.process.poll() is not None
            *lines, rest = (rest + more).split("\n")
            for line in lines:
                if not any(counted in line for counted in COUNTED):
                    print(line, flush=True)
            if ended and not more:
                return
            time.sleep(0 if more else POLL_SECONDS)


def announce(options, level, port, payloads):
    path = os.path.join(options.folder, "ready.json")
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump({"port": port, "by": level, "payloads": payloads}, file)
    os.rename(path + ".new", path)


if __name__ == "__main__":
    main()
