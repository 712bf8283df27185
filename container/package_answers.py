"""What the answers of a packaged model are worth, the same for every level of verification.

A transcript holds, by payload file, the answers in the order in which they came: status, phrase, content type, body,
milliseconds; and where the process that gave them ended itself, when, with what error. Raises Refused for what fails.
"""

import ast
import csv
import io
import json
import os
import re
import statistics

from package_common import Refused

DECLARED = "The outputs are declared in registration.source_model_inference_output_variable_list."
FUNCTIONS = r"(pre_model_fn|model_warmup_fn|model_fn|input_fn|predict_fn|output_fn|transform_fn)"
LONGEST_ERROR, LONGEST_PAYLOAD = 300, 80


class Transcript:
    def __init__(self):
        self.loaded, self.finished, self.torch = False, False, None
        self.answers = {}
        # Of a process that ended itself: the payload that it had been given, what it left of an error, how it ended.
        self.died = None

    def failed(self):
        return self.died is not None or any(answer["status"] >= 400 for answer in self.all_answers())

    def unexplained(self):
        """Whether the worker died and left no error."""
        if self.died is not None:
            return not self.died.get("trace")
        return any(answer["status"] >= 500 and not told(text_of(answer))[0] for answer in self.all_answers())

    def all_answers(self):
        return [answer for given in self.answers.values() for answer in given]


def text_of(answer):
    return answer["body"].decode("utf-8", "replace")


def judge(transcript, job):
    """The payloads of package.json."""
    if transcript.died is not None and not transcript.loaded:
        raise Refused(cannot(died(transcript.died, job)))
    results = []
    for payload in job["payloads"]:
        answers = transcript.answers.get(payload["file"], [])
        for answer in answers:
            check(answer, payload, job)
        if len(answers) < job["calls"]:
            raise Refused(cannot(died(transcript.died or {}, job, payload)))
        compare(answers, payload, job)
        results.append(passed(payload, answers))
    if transcript.died is not None:
        raise Refused(cannot(died(transcript.died, job)))
    return results


def passed(payload, answers):
    # The first answer also pays for what is loaded lazily.
    taken = [answer["ms"] for answer in answers[1:]] or [answers[0]["ms"]]
    latency = {"min": min(taken), "median": statistics.median(taken), "max": max(taken)}
    rounded = {name: round(value, 3) for name, value in latency.items()}
    print("{} answered in {:.1f} ms".format(payload["file"], latency["median"]), flush=True)
    return {"file": payload["file"], "content_type": payload["content_type"], "status": "passed", "latency_ms": rounded}


def cannot(sentence):
    return one_line("The packaged model cannot answer: {}".format(sentence), 1000)


def one_line(text, longest=LONGEST_ERROR):
    """Printable text on one line: errors hold line breaks, and what a log would take for a command."""
    text = "".join(char if char.isprintable() else " " for char in str(text))
    text = re.sub(r" +", " ", text).strip()
    return text if len(text) <= longest else text[: longest - 3] + "..."


def died(end, job, payload=None):
    """A sentence on a process that ended itself, or that was ended."""
    if end.get("returned_twice"):
        return "the handler forks a process that comes back from the function as well, and the worker dies of it"
    error, function = told(end.get("trace", ""))
    where = " for {}".format(payload["file"]) if payload else ""
    sent = "; " + was_sent(payload) if payload else ""
    if error:
        return "{} failed{}: {}{}".format(function or job["program"], where, error, sent)
    how = end.get("how", "the worker died")
    return "{}{}{}".format(how, where and " while it answered" + where.replace(" for", ""), sent)


def told(trace):
    """(The error, the function of the handler it came from) of a traceback; empty where it tells none."""
    lines = trace.rstrip().split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    if not starts:
        return "", ""
    after = lines[starts[-1] + 1 :]
    tail = next((number for number, line in enumerate(after) if line and not line[0].isspace()), len(after))
    # Behind the error's first line stand only more lines of its message.
    error = one_line(" ".join(after[tail:]))
    if error.startswith("SyntaxError"):
        place = next((line for line in reversed(after[:tail]) if line.lstrip().startswith("File ")), "")
        found = re.search(r'([^/"]+)", line (\d+)', place)
        error += " ({}, line {})".format(*found.groups()) if found and "line" not in error else ""
    frames = re.findall(r"self\._" + FUNCTIONS + r"\b, \*\(", "\n".join(after[:tail]))
    if not frames and re.search(r"in _?transform\n[^\0]*in _run_handler_function\n", trace):
        # The toolkit's call of it has two lines, of which a traceback shows the first.
        frames = ["transform_fn"]
    named = re.match(r"\w+: (?:default_)?" + FUNCTIONS + r"(?:\(\))? takes ", error)
    if not named and not frames and re.search(r"in (create_predict_response|encoded)\b", trace):
        return error, "sending the answer"
    return error, named.group(1) if named else frames[-1] if frames else ""


def was_sent(payload):
    with open(payload["path"], "rb") as file:
        start = file.read(4 * LONGEST_PAYLOAD).decode("utf-8", "replace")
    shown = one_line(start, LONGEST_PAYLOAD).replace("`", "'")
    sentence = (
        "it was sent as {}: `{}` (registration.source_model_inference_content_types decides what is sent; "
        "package.verify: false hands a package on unasked)"
    )
    return sentence.format(payload["content_type"], shown)


def check(answer, payload, job):
    where = "The answer to {}".format(payload["file"])
    if not 200 <= answer["status"] < 300:
        raise Refused(cannot(failed(answer, payload)))
    accepted = job["accepted"]
    kind = (answer["content_type"] or "").split(";")[0].strip().lower()
    if kind not in accepted:
        sentence = (
            "{} has content type {}; expected {}, which registration.source_model_inference_response_types declares; {}"
        )
        raise Refused(
            cannot(sentence.format(where, one_line(kind, 60) or "none", " or ".join(accepted), was_sent(payload)))
        )
    if kind not in ("application/json", "text/csv"):
        return
    try:
        body = answer["body"].decode("utf-8")
    except UnicodeDecodeError:
        shown = one_line(repr(bytes(answer["body"][:40])))
        form_name = "JSON" if kind.endswith("json") else "CSV"
        wrong(where, "is no {}: it is no UTF-8 text but {}", (form_name, shown), payload)
    for problem in (check_csv if kind == "text/csv" else check_json)(body, job["outputs"]):
        wrong(where, "{}", (problem,), payload)


def wrong(where, sentence, given, payload):
    raise Refused(cannot("{} {}; {}".format(where, sentence.format(*given).rstrip("."), was_sent(payload))))


def failed(answer, payload):
    body = text_of(answer)
    error, function = told(body)
    if not error:
        error = answer.get("cause") or answer["phrase"] or one_line(body) or "no reason given"
        error = "the answer has status {}: {}".format(answer["status"], one_line(error))
        return "{} for {}; {}".format(error, payload["file"], was_sent(payload))
    return "{} failed for {}: {}; {}".format(function or "the handler", payload["file"], error, was_sent(payload))


def check_json(body, outputs):
    """What is wrong with a JSON answer: nothing or one thing."""
    try:
        value = json.loads(body, parse_constant=no_constant)
    except RecursionError:
        yield "is no JSON that can be read: it is nested too deeply"
        return
    except ValueError as problem:
        reason = "it holds {}".format(problem) if str(problem) in ("NaN", "Infinity", "-Infinity") else None
        yield "is no JSON: {}".format(reason or one_line(body, 200) or "it is empty")
        return
    if not outputs:
        return
    rows = value if isinstance(value, list) and value and isinstance(value[0], (dict, list)) else [value]
    for row in rows:
        if isinstance(row, dict):
            missing = [name for name in outputs if name not in row]
            if missing:
                found = ", ".join(sorted(map(str, row))) or "nothing"
                yield "lacks the output {}; it holds {}. {}".format(", ".join(missing), one_line(found), DECLARED)
                return
            continue
        count = len(row) if isinstance(row, list) else 1
        if count != len(outputs):
            yield "has {} values; expected {}: {}. {}".format(count, len(outputs), ", ".join(outputs), DECLARED)
            return


def no_constant(name):
    raise ValueError(name)


def check_csv(body, outputs):
    if not outputs:
        return
    try:
        rows = [row for row in csv.reader(io.StringIO(body, newline="")) if row] or [[]]
    except csv.Error as problem:
        yield "is no CSV: {}".format(problem)
        return
    for row in rows:
        if len(row) != len(outputs):
            yield "has {} values; expected {}: {}. {}".format(len(row), len(outputs), ", ".join(outputs), DECLARED)
            return


def compare(answers, payload, job):
    """The same question must be answered in the same form each time."""
    where = "The answer to {}".format(payload["file"])
    forms = [form(answer) for answer in answers]
    other = next((found for found in forms if found != forms[0]), None)
    if other is not None:
        sentence = "has another form when the same payload is sent again: first {}, then {}"
        wrong(where, sentence, (one_line(forms[0], 100), one_line(other, 100)), payload)
    if payload.get("size_of_tensor") and (
        len({bytes(answer["body"]) for answer in answers}) > 1 or not job["functions"] & {"predict_fn"}
    ):
        sentence = (
            "comes from uninitialised memory: without an input_fn, serving takes one whole number for the size of a "
            "tensor, not for its value"
        )
        wrong(where, sentence, (), payload)


def form(answer):
    if not answer["content_type"].lower().startswith("application/json"):
        return answer["content_type"]
    return shape(json.loads(answer["body"].decode("utf-8")))


def shape(value):
    if isinstance(value, dict):
        return "an object of " + (", ".join(sorted(value)) or "nothing")
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return "a list of {}: {}".format(len(value), shape(value[0]))
    return "a list of {}".format(len(value)) if isinstance(value, list) else "one value"


def functions_of(module):
    """Names that a handler's source may give a value; an empty set where it cannot be read."""
    try:
        with open(module, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names |= {"input_fn", "predict_fn"} if node.name == "*" else {node.asname or node.name}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)
    return names


def is_one_integer(path):
    if os.path.getsize(path) > 30:
        return False
    with open(path, "rb") as file:
        return re.fullmatch(rb"\s*\+?\d+\s*", file.read()) is not None
