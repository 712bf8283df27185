"""The second lock: Python's own tarfile reads the headers of the packaged archive while it is written.

What it reads must be the list that the packager wrote: name by name, kind and size, at the same places. Bodies are not
needed for that, so nothing is inflated again. Where there are many entries, a process of its own reads them.
"""

import functools
import marshal
import os
import sys
import tarfile

# Up to here, reading is quicker than starting a process.
FEW = 500
BATCH = 256
BLOCK = 512
FILE, FOLDER = b"0", b"5"
ENCODING = ("utf-8", "surrogateescape")


class Different(Exception):
    """Where tarfile reads something else than was written; one sentence."""


class Reread:
    """`expect` takes the entries in the order of the archive; `finish` raises Different where tarfile disagrees."""

    def __init__(self):
        self.position = 0
        self._rows = []
        self._child = None

    def expect(self, head, name, kind, size):
        """`head` is all of an entry's blocks before its body, `size` that of the body."""
        self._rows.append((self.position, head, name, kind, size))
        self.position += len(head) + (size + BLOCK - 1) // BLOCK * BLOCK
        if len(self._rows) >= BATCH and (self._child or len(self._rows) >= FEW):
            self._send()

    def finish(self):
        if self._child is None:
            check(iter(self._rows), self.position)
            return
        self._send()
        self._write(marshal.dumps(self.position))
        child, self._child = self._child, None
        try:
            child.stdin.close()
        except OSError:
            pass
        said = child.stdout.read().decode("utf-8", "replace").strip()
        child.stdout.close()
        if child.wait() or said != "the same":
            raise Different(said or "the reading process ended with exit code {}".format(child.returncode))

    def close(self):
        """Ends what still runs, where packaging fails or goes another way."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.stdout.close()
        try:
            child.stdin.close()
        except OSError:
            pass
        child.wait()

    def _send(self):
        if self._child is None:
            # Only here: small archives need no process.
            import subprocess

            pipe = subprocess.PIPE
            command = [sys.executable, "-I", "-S", os.path.abspath(__file__)]
            self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe)
        self._write(marshal.dumps(self._rows))
        self._rows = []

    def _write(self, data):
        try:
            self._child.stdin.write(data)
        except BrokenPipeError:
            # It has ended, and says why when it is asked in the end.
            pass


class Heads:
    """The archive as tarfile sees it: a file that has the blocks before each body and nothing else."""

    def __init__(self):
        self.at, self.start, self.head = 0, 0, b""

    def tell(self):
        return self.at

    def seek(self, at):
        self.at = at

    def read(self, count):
        if count == 1:
            # tarfile looks whether the last byte of a body is there.
            self.at += 1
            return b"\0"
        start = self.at - self.start
        if start < 0 or start + count > len(self.head):
            raise Different("it looks for a header at byte {}, where none is".format(self.at))
        self.at += count
        return self.head[start : start + count]


class Member(tarfile.TarInfo):
    """The header before a PAX header is often the same one."""

    last = (None, None)

    @classmethod
    def frombuf(cls, buf, encoding, errors):
        if buf == cls.last[0]:
            return cls.last[1]
        member = super().frombuf(buf, encoding, errors)
        if member.type == tarfile.XHDTYPE:
            cls.last = (buf, member)
        return member


def check(rows, end=None):
    """Raises Different where tarfile does not read `rows` of (position, head, name, kind, size), then the end."""
    heads, archive, position = Heads(), None, 0
    for row in rows:
        if isinstance(row, int):
            end = row
            break
        position, heads.head, name, kind, size = row
        heads.start = position
        archive, member = next_member(heads, archive, name)
        compare(member, name, kind, size)
    heads.start, heads.head = end, bytes(2 * BLOCK)
    archive, member = next_member(heads, archive, b"the end")
    if member is not None:
        raise Different("it reads {!r} behind the end".format(member.name))


def next_member(heads, archive, name):
    try:
        if archive is None:
            archive = tarfile.TarFile(fileobj=heads, mode="r", tarinfo=Member, encoding=ENCODING[0], errors=ENCODING[1])
        member = archive.next()
    except (tarfile.TarError, ValueError, RecursionError) as error:
        raise Different("it cannot read {!r}: {}".format(name.decode(*ENCODING), error))
    # It keeps all that it has read.
    archive.members = []
    return archive, member


def compare(member, name, kind, size):
    expected = name.decode(*ENCODING)
    if member is None:
        raise Different("it reads an end in place of {!r}".format(expected))
    found, is_kind = member.name, member.isdir() if kind == FOLDER else member.isreg() and not member.sparse
    if kind == FOLDER:
        expected, found = expected.rstrip("/"), found.rstrip("/")
    if found != expected or not is_kind or member.size != size:
        sentence = "it reads {!r} of kind {!r} and {} bytes in place of {!r} of kind {!r} and {} bytes"
        kinds = (member.type.decode("latin-1"), kind.decode("latin-1"))
        raise Different(sentence.format(found, kinds[0], member.size, expected, kinds[1], size))


def received(file):
    """The rows that the packager sends in lists, then the position of the end."""
    while True:
        batch = marshal.load(file)
        if isinstance(batch, int):
            yield batch
            return
        yield from batch


def remember():
    """The same fields stand in most headers: tarfile's own functions are asked once about each.

    The sum with signed bytes, which it would take as well, is not needed: the packager takes the usual one alone.
    """
    for name in ("nti", "nts"):
        setattr(tarfile, name, functools.lru_cache(1024)(getattr(tarfile, name)))
    tarfile.calc_chksums = lambda block: (sum(block) - sum(block[148:156]) + 256,)


if __name__ == "__main__":
    remember()
    try:
        check(received(sys.stdin.buffer))
        print("the same")
    except Different as different:
        print(str(different).encode("unicode_escape").decode("ascii"))
