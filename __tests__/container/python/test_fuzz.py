"""Thousands of damaged and forged headers: what is packaged reads the same in GNU tar and in Python's tarfile.

Seeded, so that a failure comes again; BSM_FUZZ_MUTANTS sets how many.
"""

import contextlib
import gzip
import io
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zlib

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "container"))

from job import HANDLER, special  # noqa: E402
from package_code import Code  # noqa: E402
from package_common import Phases, Refused  # noqa: E402
from package_gzip import NotGzip  # noqa: E402
from package_model import package  # noqa: E402

MUTANTS = int(os.environ.get("BSM_FUZZ_MUTANTS", "2000"))
FIELDS = {
    "name": (0, 100), "mode": (100, 108), "uid": (108, 116), "gid": (116, 124), "size": (124, 136), "mtime": (136, 148),
    "kind": (156, 157), "link": (157, 257), "magic": (257, 265), "uname": (265, 297), "dev": (329, 345), "prefix": (345, 500),
    "sparse": (386, 483), "rest": (483, 512),
}  # fmt: skip
NAMES = [b"model.pth", b"code/inference.py", b"./code//inference.py", b"code/", b"code", b"../up", b"/tmp/up", b"a", b"a/", b"a//b",
         b"sub/file", b"sub/", b"a\0b", b"", b".", b"./", b"x" * 100, b"link", b"code/lib/"]  # fmt: skip
NUMBERS = [b"0", b"1", b"-1", b"+1", b"0000644", b"1_0", b" 7", b"7 ", b"0x10", b"1000", b"2000", b"00000001000", b"77777777777", b"9",
           b"\x80" + bytes(10) + b"\x03", b"\xff" * 12, b"\x80" + b"\xff" * 11, b"\t7", b"7\0x", b"", b"   ", b"0o7", b"00000000000\0"]  # fmt: skip
KINDS = [
    b"0",
    b"\0",
    b"1",
    b"2",
    b"3",
    b"5",
    b"6",
    b"7",
    b"S",
    b"V",
    b"L",
    b"K",
    b"x",
    b"g",
    b"X",
    b"D",
    b"M",
    b"N",
    b"A",
]
MAGICS = [b"ustar\x0000", b"ustar  \0", bytes(8), b"ustar\0\0\0", b"ustar 00", b"GNUtar \0", b"ustar\x0001"]
KEYS = [b"path", b"linkpath", b"size", b"mtime", b"uid", b"gid", b"uname", b"comment", b"hdrcharset", b"GNU.sparse.name",
        b"GNU.sparse.size", b"GNU.sparse.realsize", b"GNU.sparse.major", b"GNU.sparse.minor", b"GNU.sparse.map",
        b"SCHILY.realsize", b"SCHILY.xattr.user.a", b"LIBARCHIVE.creationtime", b"GNU.volume.label"]  # fmt: skip


def blocks(data):
    return data + bytes(-len(data) % 512)


def summed(header):
    header = bytearray(header)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def meta(kind, body, magic=b"ustar\x0000"):
    header = bytearray(512)
    header[:13] = b"././@LongLink"
    header[100:148] = b"0000644\x000000000\x000000000\0%011o\x0000000000000\0" % len(body)
    header[156:157], header[257:265] = kind, magic
    return summed(header) + blocks(body)


def record(key, value):
    length = len(key) + len(value) + 3
    while len(b"%d" % length) + len(key) + len(value) + 3 != length:
        length = len(b"%d" % length) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (length, key, value)


def seeds():
    """Tars as lists of entries, each all of its blocks, without the end."""
    folder = special("sub", tarfile.DIRTYPE)
    folder.mode = 0o755
    members = [
        [("model.pth", b"weights" * 20), (folder, None), ("sub/file", b"x" * 700), ("empty", b"")],
        [
            ("model.pth", b"w"),
            ("d" * 60 + "/" + "n" * 120, b"long"),
            (special("link", tarfile.SYMTYPE, "model.pth"), None),
        ],
        [
            ("code/inference.py", b"old"),
            ("model.pth", b"w" * 512),
            (special("hard", tarfile.LNKTYPE, "model.pth"), None),
        ],
        [("é", b"u"), ("a/b/c", b"c"), ("a/b/d", b"d")],
    ]
    for entries in members:
        for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            parts = []
            for name, content in entries:
                member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
                member.size = len(content or b"")
                if form == tarfile.PAX_FORMAT:
                    member.mtime = 1700000000.5
                parts.append(member.tobuf(form, "utf-8", "surrogateescape") + blocks(content or b""))
            yield parts
    for options in (
        "--format=gnu",
        "--format=posix",
        "--format=ustar",
        "--format=v7",
        "-S --format=gnu",
        "-S --format=posix",
        "--label=l",
    ):
        with tempfile.TemporaryDirectory() as place:
            with open(place + "/sparse", "wb") as file:
                file.write(b"begin")
                file.seek(100000)
                file.write(b"end")
                file.truncate(200000)
            os.mkdir(place + "/sub")
            with open(place + "/sub/file", "wb") as file:
                file.write(b"x" * 600)
            os.chmod(place, 0o755)
            always = ["--sort=name", "--mtime=@1700000000", "--owner=0", "--group=0", "--mode=u=rwX"]
            always.append("--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime")
            always = always[:-1] if "posix" not in options else always
            command = ["tar", "-cf", "-"] + always + options.split() + ["-C", place, "."]
            made = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            yield entries_of(made.stdout)


def entries_of(data):
    """Cuts a tar where tarfile finds its entries."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        starts = [member.offset for member in archive]
        end = archive.offset
    return [data[start:stop] for start, stop in zip(starts, starts[1:] + [end])]


def header_places(data):
    """Where blocks look like headers."""
    return [at for at in range(0, len(data) - 511, 512) if data[at + 257 : at + 262] == b"ustar" or at == 0]


def mutate(chance, parts):
    parts = list(parts)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(parts))
        way = chance.randrange(10)
        if way < 5:
            parts[at] = changed_field(chance, parts[at])
        elif way == 5:
            parts[at] = forged_meta(chance) + parts[at]
        elif way == 6:
            parts[at] = forged_meta(chance) + forged_meta(chance) + parts[at]
        elif way == 7:
            parts.insert(at, parts[chance.randrange(len(parts))])
        elif way == 8:
            parts[at] = changed_bytes(chance, parts[at])
        else:
            chance.shuffle(parts)
    return b"".join(parts)


def changed_field(chance, part):
    start = chance.choice(header_places(part) or [0])
    header = bytearray(part[start : start + 512])
    name, (begin, end) = chance.choice(list(FIELDS.items()))
    width = end - begin
    if name == "kind":
        value = chance.choice(KINDS)
    elif name == "magic":
        value = chance.choice(MAGICS)
    elif name in ("name", "link", "prefix"):
        value = chance.choice(NAMES)
    elif name in ("uname", "sparse", "rest"):
        value = chance.choice(NAMES + NUMBERS)
    else:
        value = chance.choice(NUMBERS)
        if chance.random() < 0.5 and value[:1] not in (b"\x80", b"\xff"):
            value = value.rjust(width - 1, b"0") + b"\0"
    header[begin:end] = value[:width].ljust(width, b"\0")
    if chance.random() < 0.1:
        header[chance.randrange(512)] = chance.randrange(256)
    return part[:start] + summed(header) + part[start + 512 :]


def changed_bytes(chance, part):
    part = bytearray(part)
    for _ in range(chance.randint(1, 3)):
        part[chance.randrange(len(part))] = chance.choice((0, 10, 32, 47, 48, 61, chance.randrange(256)))
    start = chance.choice(header_places(part) or [0])
    return bytes(part[:start]) + summed(part[start : start + 512]) + bytes(part[start + 512 :])


def forged_meta(chance):
    kind = chance.choice((b"L", b"K", b"x", b"x", b"x", b"g"))
    if kind in (b"L", b"K"):
        return meta(kind, chance.choice(NAMES) + chance.choice((b"\0", b"", b"\0\0", b"\0x")), b"ustar  \0")
    body = b"".join(
        record(chance.choice(KEYS), chance.choice(NAMES + NUMBERS + [b"1", b"0", b"10", b"1.5"]))
        for _ in range(chance.randint(1, 3))
    )
    return meta(kind, body + chance.choice((b"", b"", b"", b"\0", b"junk")))


def tree_by_gnu_tar(data, folder):
    """Path -> content (None for folders) of what it unpacks, and what it says. Links count as what they lead to."""
    done = subprocess.run(["tar", "-xf", "-", "-C", folder, "--no-same-owner"], input=data, stderr=subprocess.PIPE)
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in folders:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
                found[os.path.relpath(path, folder)] = None
        for name in names:
            path = os.path.join(parent, name)
            if os.path.isfile(path):
                if not os.path.islink(path):
                    os.chmod(path, 0o600)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = file.read()
    return done.returncode, done.stderr.decode(errors="replace"), found


def tree_by_tarfile(data):
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data), encoding="utf-8") as archive:
        for member in archive:
            path = os.path.normpath(member.name)
            assert member.isreg() or member.isdir(), (member.name, member.type)
            assert member.isdir() or path not in found, path
            if path != ".":
                found[path] = None if member.isdir() else archive.extractfile(member).read()
            while os.path.dirname(path):
                path = os.path.dirname(path)
                found.setdefault(path, None)
    return found


def without_code(tree):
    return {path: content for path, content in tree.items() if path.split("/")[0] != "code"}


@unittest.skipUnless(os.environ.get("BSM_SLOW_TESTS"), "slow: set BSM_SLOW_TESTS=1")
class FuzzTest(unittest.TestCase):
    def test_what_is_packaged_reads_the_same_in_gnu_tar_and_tarfile(self):
        seeds_ = list(seeds())
        accepted = 0
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(folder + "/code")
            with open(folder + "/code/inference.py", "wb") as file:
                file.write(HANDLER)
            code = Code("inference.py", folder + "/code")
            for number in range(MUTANTS):
                chance = random.Random(number)
                data = mutate(chance, chance.choice(seeds_)) + bytes(1024)
                with self.subTest(mutant=number):
                    accepted += self.packaged_alike(data, code, folder)
        # Mutants that are all refused would show nothing.
        self.assertGreater(accepted, MUTANTS // 10)
        self.assertLess(accepted, MUTANTS)

    def packaged_alike(self, data, code, folder):
        """Whether the mutant was packaged; fails where what came out is read in two ways."""
        source, target = folder + "/model.tar.gz", folder + "/out.tar.gz"
        with open(source, "wb") as file:
            file.write(gzip.compress(data, 1))
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                way = package(source, target, code, Phases())[0]
        except (Refused, NotGzip, zlib.error) as refusal:
            self.assertNotIn("\n", str(refusal))
            return False
        with open(target, "rb") as file:
            packaged = gzip.decompress(file.read())
        python = tree_by_tarfile(packaged)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            code_, said, gnu = tree_by_gnu_tar(packaged, place)
        self.assertEqual(code_, 0, said)
        self.assertEqual(gnu, python)
        self.assertEqual({path for path in python if path.split("/")[0] == "code"}, {"code", "code/inference.py"})
        self.assertEqual(python["code/inference.py"], HANDLER)
        if way == "spliced":
            return True
        # What was packed anew is what GNU tar reads in the archive as it was.
        with tempfile.TemporaryDirectory(dir=folder) as place:
            _, _, given = tree_by_gnu_tar(data, place)
        self.assertEqual(without_code(given), without_code(python))
        return True


if __name__ == "__main__":
    unittest.main()
