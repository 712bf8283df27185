"""Which file serving takes for the handler, by name: what else is on the worker's path comes first."""

import importlib.machinery
import os
import re
import sys

from package_common import Refused, quoted

# Modules in the toolkit's own folder, which stands first on the path.
TOOLKIT = "default_pytorch_inference_handler handler_service serving torchserve ts_environment ts_parameters".split()
# What the worker has imported before it looks for the handler (TorchServe 0.12.0): the name is then taken.
LOADED = (
    "numpy psutil sagemaker_inference sagemaker_pytorch_serving_container scipy six torch torchgen ts "
    "typing_extensions yaml argparse array ast asyncio base64 binascii bisect bz2 calendar cmath collections "
    "concurrent contextlib contextvars copy copyreg csv ctypes dataclasses datetime difflib dis email encodings "
    "enum fcntl fileinput fnmatch functools gettext glob grp gzip hashlib heapq hmac http importlib inspect "
    "ipaddress json keyword linecache locale logging lzma math mmap multiprocessing numbers opcode operator os "
    "pathlib pickle pickletools pkgutil platform pprint pydoc queue quopri random re reprlib resource secrets "
    "select selectors shutil signal socket ssl string struct subprocess sys sysconfig tarfile tempfile textwrap "
    "threading time timeit token tokenize traceback types typing unittest urllib uuid warnings weakref zipfile "
    "zlib"
).split()
# Of these a copy in the package breaks the worker before it starts: it would be imported in their place. Packages may
# bring a whole one of others'; the handler's process tries these (package_handler.py).
BREAKING = set(LOADED) - {"numpy", "psutil", "scipy", "six", "torchgen", "typing_extensions", "yaml", "torch"}


def refuse_program(program):
    """Refuses an entry point that serving does not import, or in whose place it imports something else."""
    module = program[:-3] if program.endswith(".py") else None
    if module is None or not re.fullmatch(r"[^./\\]+", module):
        reason = "serving imports a module at the root of the inference code, and ignores anything else"
    elif module in TOOLKIT:
        reason = "serving has a module of that name that comes first"
    elif module in LOADED:
        reason = "the model server imports a module of that name itself"
    else:
        return
    sentence = "The entry point {} is never asked: {}; name it name.py (model.inference_entry_point)"
    raise Refused(sentence.format(quoted(program), reason))


def inside_python(module):
    """Whether Python has the module in itself, so that no file takes its place."""
    return module in sys.builtin_module_names or importlib.machinery.FrozenImporter.find_spec(module) is not None


def refuse_breaking_module(folders):
    """Refuses modules that the model server would import in place of its own; it tells so itself where it is there."""
    for folder in folders:
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            module, extension = os.path.splitext(name)
            package = os.path.isfile(os.path.join(folder, name, "__init__.py"))
            if module in BREAKING and not inside_python(module) and (extension == ".py" or (package and not extension)):
                sentence = "The package holds {}, which the model server imports in place of its own {}; rename it"
                raise Refused(sentence.format(quoted(name), module))
