"""Writes the packaged archive in one of two ways.

`splice` keeps the model's own compressed bytes: a new gzip header, the inference code as stored deflate blocks, the
model's deflate stream verbatim, one trailer. The model is inflated once, beside the copy, to check it. `recompress`
deflates anew, in blocks on all cores, where splicing cannot serve.
"""

import collections
import hashlib
import os
import queue
import threading
import zlib

import package_gzip as gzip
from package_common import Refused, quoted
from package_header import BLOCK, FILE, FOLDER
from package_read import CHUNK, SourceFile, chunks_of
from package_repack import Copied, Repacked
from package_reread import Reread
from package_scan import TarScanner

# Links to one file of more than a megabyte: each costs a pass over the archive.
MAX_COPIES = 20
# Inflated bytes that an archive may have: a bomb hits this instead of the disk.
MIN_LIMIT = 16 << 30
LIMIT_RATIO = 100
DEFLATE_BLOCK = 512 << 10
WINDOW = 32 << 10
SAMPLE = 16 << 10
END_OF_TAR = bytes(2 * BLOCK)


class CannotSplice(Exception):
    """Splicing cannot serve this archive; says why, and the archive is recompressed."""


class CannotWrite(Exception):
    """The package cannot be written; holds the OSError."""


class HashedFile:
    """Writes and hashes in a thread of its own, so that both go on beside the inflating."""

    def __init__(self, path):
        self.size, self._sha256 = 0, hashlib.sha256()
        try:
            self._file = open(path, "wb")
        except OSError as error:
            raise CannotWrite(error)
        self._queue = queue.Queue(8)
        self._error = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def write(self, data):
        if self._error:
            raise self._error
        self.size += len(data)
        self._queue.put(data)

    def close(self):
        self._queue.put(None)
        self._thread.join()
        try:
            self._file.close()
        except OSError as error:
            self._error = self._error or CannotWrite(error)
        if self._error:
            raise self._error
        return self._sha256.hexdigest()

    def _work(self):
        for data in iter(self._queue.get, None):
            if self._error:
                continue
            try:
                self._file.write(data)
                self._sha256.update(data)
            except OSError as error:
                self._error = CannotWrite(error)


def splice(source, target, code):
    """Returns (scanner, sha256, size). Raises CannotSplice, Refused, NotGzip or CannotWrite."""
    reread = Reread()
    scanner = TarScanner(Kept(reread))
    out = HashedFile(target)
    try:
        out.write(gzip.HEADER)
        for block in gzip.stored_blocks(code.data):
            out.write(block)
        code.expected_by(reread)
        crc, size = copy_deflate(source, out, scanner)
        scanner.finish()
        if scanner.obstacles:
            raise CannotSplice("; ".join(scanner.obstacles))
        if not scanner.ended:
            raise CannotSplice("the model's tar lacks its end mark")
        crc = gzip.crc_combine(zlib.crc32(code.data), crc, size)
        out.write(gzip.trailer(crc, size + len(code.data)))
        reread.finish()
    finally:
        reread.close()
        digest = out.close()
    return scanner, digest, out.size


class Kept:
    """Takes the entries of an archive that is spliced: all of them are kept, so they only have to read the same."""

    def __init__(self, reread):
        self._reread = reread

    def entry(self, entry):
        # What keeps the archive from being spliced is looked at when it is recompressed.
        if entry.kind in (FILE, FOLDER) and entry.sparse is None:
            self._reread.expect(entry.head, entry.name, entry.kind, entry.size)


def copy_deflate(source, out, scanner):
    """Copies the deflate stream while it is inflated and scanned; returns its CRC-32 and inflated size."""
    inflater, size = zlib.decompressobj(31), 0
    limit = inflated_limit(source)
    with SourceFile(source) as file:
        head = file.read(CHUNK)
        skip = gzip.header_length(head)
        if skip is None:
            raise CannotSplice("the gzip header is longer than a megabyte")
        held = b""
        chunk = head
        while chunk:
            for data in gzip.inflate(inflater, chunk):
                size = checked_size(size + len(data), limit)
                scanner.feed(data)
            end = len(chunk) - len(inflater.unused_data)
            # The trailer is the last eight bytes, wherever chunks end.
            held += chunk[skip:end]
            skip = 0
            if inflater.eof:
                break
            out.write(held[: -gzip.TRAILER_BYTES])
            held = held[-gzip.TRAILER_BYTES :]
            chunk = file.read(CHUNK)
        if not inflater.eof:
            raise gzip.NotGzip("truncated gzip stream")
        out.write(held[: -gzip.TRAILER_BYTES])
        check_rest(inflater.unused_data, file)
    return int.from_bytes(held[-8:-4], "little"), size


def check_rest(rest, file):
    while rest:
        if rest.strip(b"\0"):
            raise CannotSplice("the model archive has several gzip members")
        rest = file.read(CHUNK)
    for rest in iter(lambda: file.read(CHUNK), b""):
        if rest.strip(b"\0"):
            raise CannotSplice("the model archive has several gzip members")


def recompress(source, target, code):
    """Returns (scanner, sha256, size). Raises Refused, NotGzip or CannotWrite."""
    out, reread, deflate = HashedFile(target), Reread(), None
    try:
        out.write(gzip.HEADER)
        deflate = ParallelDeflate(out, inflated_limit(source))
        deflate.write(code.data)
        code.expected_by(reread)
        scanner = scan(source, Repacked(deflate.write, reread))
        copies = {}
        for link, file in scanner.replaced:
            copies.setdefault(file, []).append(link)
        # Another pass for each further copy of a large file, so that none has to be kept in memory or on disk.
        for _ in range(MAX_COPIES):
            if any(copies.values()):
                scan(source, Copied(deflate.write, reread, copies))
        for file, links in copies.items():
            if links:
                sentence = "The model archive holds more than {} links to {}; pack a model without them"
                raise Refused(sentence.format(MAX_COPIES, quoted(file)))
        deflate.write(END_OF_TAR)
        deflate.close()
        out.write(gzip.trailer(deflate.crc, deflate.size))
        reread.finish()
    finally:
        reread.close()
        if deflate:
            deflate.stop()
        digest = out.close()
    return scanner, digest, out.size


def scan(source, sink):
    scanner, size, limit = TarScanner(sink), 0, inflated_limit(source)
    for data in gzip.inflate_members(chunks_of(source)):
        size = checked_size(size + len(data), limit)
        scanner.feed(data)
    scanner.finish()
    sink.finish()
    return scanner


class ParallelDeflate:
    """One deflate stream from blocks that are compressed side by side; zlib works without the interpreter's lock.

    Where the blocks begin depends on the data alone, so the same input gives the same bytes on any number of cores.
    """

    def __init__(self, out, limit):
        self.crc = self.size = 0
        self._limit = limit
        self._out, self._buffer, self._window = out, bytearray(), b""
        self._cores = os.cpu_count() or 1
        # Only here: it costs a fifth of the start of a small job.
        from concurrent.futures import ThreadPoolExecutor

        self._pool = ThreadPoolExecutor(self._cores)
        self._running = collections.deque()

    def write(self, data):
        self._buffer += data
        while len(self._buffer) >= DEFLATE_BLOCK:
            block = bytes(self._buffer[:DEFLATE_BLOCK])
            del self._buffer[:DEFLATE_BLOCK]
            self._submit(block, zlib.Z_SYNC_FLUSH)

    def close(self):
        self._submit(bytes(self._buffer), zlib.Z_FINISH)
        while self._running:
            self._out.write(self._running.popleft().result())

    def stop(self):
        self._pool.shutdown()

    def _submit(self, block, flush):
        self.crc = zlib.crc32(block, self.crc)
        # What sparse files and links blow up counts, too.
        self.size = checked_size(self.size + len(block), self._limit)
        self._running.append(self._pool.submit(deflate_block, block, self._window, flush))
        self._window = block[-WINDOW:]
        while len(self._running) > 2 * self._cores:
            self._out.write(self._running.popleft().result())


def deflate_block(block, window, flush):
    """Weights gain next to nothing from searching for repeats: Huffman codes alone are several times faster there."""
    sample = block[:SAMPLE]
    coded, searched = (deflate(sample, strategy) for strategy in (zlib.Z_HUFFMAN_ONLY, zlib.Z_DEFAULT_STRATEGY))
    if len(coded) <= 1.1 * len(searched):
        return deflate(block, zlib.Z_HUFFMAN_ONLY, flush=flush)
    return deflate(block, zlib.Z_DEFAULT_STRATEGY, 5, window, flush)


def deflate(data, strategy, level=1, window=b"", flush=zlib.Z_FINISH):
    """Raw deflate; `window` is what came before, so that repeats across blocks are found."""
    dictionary = (window,) if window else ()
    deflater = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 8, strategy, *dictionary)
    return deflater.compress(data) + deflater.flush(flush)


def inflated_limit(source):
    return max(MIN_LIMIT, LIMIT_RATIO * os.path.getsize(source))


def checked_size(size, limit):
    if size > limit:
        sentence = "The model archive inflates to more than {} bytes, {} times its size; that looks like a bomb"
        raise Refused(sentence.format(limit, LIMIT_RATIO))
    return size
