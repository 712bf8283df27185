"""The second lock: Python's own tarfile reads the headers of the packaged archive while it is written.

What it reads must be the list that the packager wrote: name by name, kind and size, at the same places. Bodies are not
needed for that, so nothing is inflated again. Headers that differ from one that it has read in name, size and time
alone need not be read as a whole: its functions for these fields are asked. Where many others come, a process of its
own reads them.
"""

import functools
import marshal
import os
import re
import sys
import tarfile
import zlib

# Up to here, reading is quicker than starting a process.
FEW = 500
BATCH = 256
BLOCK = 512
FILE, FOLDER = b"0", b"5"
ENCODING = ("utf-8", "surrogateescape")
# Header fields that tarfile has been asked about; an archive with more kinds of headers is read as a whole.
MOST_KNOWN = 1000
NO_PREFIX = bytes(BLOCK - 345)
# Records that tarfile takes neither a name nor a size from.
TIME = re.compile(rb"([0-9]+) [mac]time=[0-9.]+\n").match


nti = functools.lru_cache(4096)(tarfile.nti)


class Different(Exception):
    """Where tarfile reads something else than was written; one sentence."""


class Reread:
    """`expect` takes the entries in the order of the archive; `finish` raises Different where tarfile disagrees."""

    def __init__(self):
        self.position, self._read = 0, 0
        self._rows = []
        self._child = None
        self._reader = Reader()

    def expect(self, head, name, kind, size):
        """`head` is all of an entry's blocks before its body, `size` that of the body."""
        position = self.position
        self.position += len(head) + (size + BLOCK - 1) // BLOCK * BLOCK
        if self._reader.knows(head, name, kind, size):
            return
        row = (position, head, name, kind, size)
        if self._read < FEW:
            self._read += 1
            self._reader.read(row)
            return
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._send()

    def finish(self):
        self._reader.read_end(self.position)
        if self._child is None:
            for row in self._rows:
                self._reader.read(row)
            return
        self._send()
        self._write(marshal.dumps([]))
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
        if not self._rows:
            return
        if self._child is None:
            # Only here: most archives need no process.
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


class Reader:
    """tarfile, and what it has read so far."""

    def __init__(self):
        self._heads, self._archive = Heads(), None
        # The headers that it has read, but for name, size, time and sum.
        self._known = set()
        # Headers before PAX headers -> the length of these.
        self._extended = {}

    def knows(self, head, name, kind, size):
        """Whether tarfile, which has read such headers, reads this one in the same way."""
        if len(head) > BLOCK:
            block = head[:BLOCK]
            length = self._extended.get(block)
            if length is None:
                told = self.fields(block)
                if told is None or block[156:157] != b"x":
                    return False
                length = told[1]
                if len(self._extended) < MOST_KNOWN:
                    self._extended[block] = length
            if len(head) != 2 * BLOCK + (length + BLOCK - 1) // BLOCK * BLOCK or not only_times(head, length):
                return False
            head = head[-BLOCK:]
        found = self.fields(head)
        if found is None or found[1] != size or head[156:157] != kind or (size and kind != FILE):
            return False
        expected = name.decode(*ENCODING)
        return found[0] == expected or (kind == FOLDER and found[0].rstrip("/") == expected.rstrip("/"))

    def fields(self, block):
        """(name, size) as tarfile's functions read them; None where it has to be asked about the whole header."""
        if block[100:124] + block[156:] not in self._known:
            return None
        try:
            size, total = nti(block[124:136]), nti(block[148:156])
            nti(block[136:148])
        except tarfile.HeaderError:
            return None
        # The low half of Adler-32 is one more than the sum of the bytes, modulo 65521.
        if (total - 255 + sum(block[148:156])) % 65521 != zlib.adler32(block) & 0xFFFF:
            return None
        return tarfile.nts(block[:100], *ENCODING), size

    def read(self, row):
        """Raises Different where tarfile does not read the row (position, head, name, kind, size)."""
        position, head, name, kind, size = row
        member = self._next(position, head, name)
        compare(member, name, kind, size)
        end = position + len(head) + (size + BLOCK - 1) // BLOCK * BLOCK
        if self._archive.offset != end:
            sentence = "it looks for the entry behind {!r} at byte {} in place of {}"
            raise Different(sentence.format(member.name, self._archive.offset, end))
        self._learn(head, kind)

    def read_end(self, position):
        member = self._next(position, bytes(2 * BLOCK), b"the end")
        if member is not None:
            raise Different("it reads {!r} behind the end".format(member.name))

    def _learn(self, head, kind):
        # What is set for all entries may change how it reads them.
        if self._archive.pax_headers or len(self._known) >= MOST_KNOWN:
            self._known.clear()
            self._extended.clear()
            return
        block, first = head[-BLOCK:], head[:BLOCK]
        if kind != block[156:157] or kind not in (FILE, FOLDER) or block[345:] != NO_PREFIX:
            return
        if len(head) == BLOCK:
            self._known.add(block[100:124] + block[156:])
        elif first[156:157] == b"x" and first[345:] == NO_PREFIX and only_times(head, nti(first[124:136])):
            self._known.add(block[100:124] + block[156:])
            self._known.add(first[100:124] + first[156:])

    def _next(self, position, head, name):
        heads = self._heads
        heads.start, heads.head, heads.at = position, head, position
        try:
            if self._archive is None:
                self._archive = tarfile.TarFile(
                    fileobj=heads, mode="r", tarinfo=Member, encoding=ENCODING[0], errors=ENCODING[1]
                )
            else:
                self._archive.offset = position
            member = self._archive.next()
        except (tarfile.TarError, ValueError, RecursionError) as error:
            raise Different("it cannot read {!r}: {}".format(name.decode(*ENCODING), error))
        # It keeps all that it has read.
        self._archive.members = []
        return member


def only_times(head, length):
    """Whether the PAX header behind the first block holds times alone, as tarfile parses it."""
    at, end = BLOCK, BLOCK + length
    while at < end:
        found = TIME(head, at)
        if not found or found.end() - at != int(found[1]):
            return False
        at = found.end()
    return at == end


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


def read_received(file):
    """Reads the rows that the packager sends in lists; an empty one is the last."""
    reader = Reader()
    for rows in iter(lambda: marshal.load(file), []):
        for row in rows:
            reader.read(row)


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
        read_received(sys.stdin.buffer)
        print("the same")
    except Different as different:
        print(str(different).encode("unicode_escape").decode("ascii"))
