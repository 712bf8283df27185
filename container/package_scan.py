"""Reads a tar while it streams by, refuses what readers could take differently, and tells what cannot stay as it is.

Formats: ustar, GNU (long names, old sparse files, base-256 numbers) and PAX. Nothing is unpacked.
"""

from package_common import Refused, quoted
from package_header import (
    BLOCK,
    FILE,
    FOLDER,
    GLOBAL_KEYS,
    HARD_LINK,
    LABEL,
    LONG_NAME,
    META,
    OLD_FILE,
    PAX,
    PAX_GLOBAL,
    REGULAR,
    SPARSE,
    SPARSE_KEYS,
    SYMLINK,
    USUAL_MAGICS,
    ZERO_BLOCK,
    body_size,
    clean_path,
    holds,
    holds_one_time,
    long_name,
    no_tar,
    padded,
    pax_records,
    read_header,
)
from package_links import is_code, refuse_files_with_entries, replacements
from package_sparse import OldMap, sparse_of_pax

META_BYTES = 1 << 20
MOST_METAS = 100
MAX_MEMBERS = 1000000
KINDS = {b"3": "a character device", b"4": "a block device", b"6": "a named pipe"}

# Why an archive cannot be spliced.
OLD_CODE = "the model archive holds an older code/"
HOLDS_LINKS = "the model archive holds links, in place of which their files are packaged"
HOLDS_LABEL = "the model archive holds a volume label"
HOLDS_SPARSE = "the model archive holds a sparse file, which is packaged in full"
ODD_PATH = "the model archive holds paths with empty parts or dots"
OLD_FORMAT = "the model archive holds headers of an old format"


class Entry:
    """One file, folder or link: `path` is clean, `name` as it stands; `head` all its blocks before the body."""

    __slots__ = ("path", "name", "kind", "size", "head", "header", "global_bytes", "dropped", "sparse", "plain")


class TarScanner:
    """Feed it the inflated bytes in any pieces; `finish` says whether it was a whole and harmless tar.

    `sink.entry(Entry)` is told of every entry as it comes by; `sink.body(bytes)`, if there is one, gets padded bodies.
    """

    def __init__(self, sink=None):
        self.sink = sink
        self.kinds = {}
        self.links = []
        self.replaced = []
        self.files = 0
        # Why the archive cannot stay as it is; a dictionary keeps the order.
        self.obstacles = {}
        self.ended = False
        self._wants_body = getattr(sink, "body", None)
        self._pending = b""
        self._skip = 0
        self._collect = None
        self._zeros = 0
        # Headers before PAX headers and long names that came by: block -> (kind, size).
        self._metas = {}
        self._start_group()

    def _start_group(self):
        self._head, self._meta, self._seen, self._global_bytes, self._sparse = b"", {}, b"", 0, None
        self._old_format = False

    def feed(self, data):
        at, end = 0, len(data)
        while at < end:
            if self._skip:
                taken = min(self._skip, end - at)
                self._skip -= taken
                if self._collect is not None:
                    self._collect += data[at : at + taken]
                    if not self._skip:
                        self._end_of_meta()
                elif self._wants_body:
                    self._wants_body(data[at : at + taken])
                at += taken
            elif not self._pending and at + BLOCK <= end:
                block = data[at : at + BLOCK]
                meta = self._metas.get(block)
                if meta and not self._head and holds_one_time(data, at + BLOCK, meta):
                    self._head, self._seen = data[at : at + 2 * BLOCK], PAX
                    at += 2 * BLOCK
                else:
                    self._block(block)
                    at += BLOCK
            else:
                block = self._pending + data[at : at + BLOCK - len(self._pending)]
                at += len(block) - len(self._pending)
                self._pending = b""
                if len(block) == BLOCK:
                    self._block(block)
                else:
                    self._pending = block

    def finish(self):
        if self._skip or self._pending or self._head:
            raise Refused("The model archive is truncated: its tar ends in the middle of an entry")
        if not self.files:
            raise Refused("The model archive holds no model file")
        self.ended = self._zeros >= 2
        refuse_files_with_entries(self.kinds)
        if self.links:
            self.replaced = replacements(self.kinds, self.links)

    def names(self):
        return [name.decode("utf-8", "surrogateescape") for name in self.kinds]

    def _block(self, block):
        if block == ZERO_BLOCK:
            if self._head:
                raise no_tar("a header describes an entry that does not follow")
            self._zeros += 1
            self._metas = {}
            return
        if self._zeros >= 2:
            raise Refused("The model archive holds more data behind its end; expected one tar")
        if self._zeros:
            raise Refused("The model archive holds a block of zeros between its entries; expected one tar")
        if self._sparse is not None:
            self._sparse_extension(block)
            return
        if block in self._metas:
            return self._start_meta(block, *self._metas[block])
        kind, name, link, size = read_header(block)
        if block[257:265] not in USUAL_MAGICS:
            self._old_format = True
        if kind in META:
            if not self._old_format and len(self._metas) < MOST_METAS:
                self._metas[block] = (kind, size)
            self._start_meta(block, kind, size)
        else:
            self._start_entry(block, (kind, name, link, size))

    def _start_meta(self, block, kind, size):
        if size > META_BYTES:
            sentence = "The model archive holds a name or attribute of {} bytes; expected at most 1 MiB"
            raise Refused(sentence.format(size))
        if not size:
            raise no_tar("a long name or PAX header is empty")
        if kind in self._seen:
            raise Refused("The model archive holds an entry with two headers of the kind {}".format(quoted(kind)))
        if kind == PAX_GLOBAL and self._seen:
            raise Refused("The model archive holds a PAX header for all entries between another and its entry")
        self._seen += kind
        self._collect, self._collect_kind, self._collect_size = bytearray(block), kind, size
        self._skip = padded(size)

    def _end_of_meta(self):
        kind, size, blocks = self._collect_kind, self._collect_size, bytes(self._collect)
        self._collect = None
        self._head += blocks
        data = blocks[BLOCK:]
        if kind == PAX_GLOBAL:
            pax_records(data, size, GLOBAL_KEYS)
            self._global_bytes = len(self._head)
            return
        if kind == PAX:
            records = pax_records(data, size)
        else:
            records = {b"path" if kind == LONG_NAME else b"linkpath": long_name(data, size)}
        for key, value in records.items():
            if key in self._meta:
                sentence = "The model archive holds {} with two sources of its {}; expected one"
                raise Refused(sentence.format(quoted(value), "name" if key == b"path" else "link"))
        self._meta.update(records)

    def _start_entry(self, block, read):
        kind, short, link, size = read
        meta = self._meta
        entry = Entry()
        entry.head = self._head + block if self._head else block
        entry.header, entry.global_bytes = block, self._global_bytes
        entry.sparse = None
        name = meta.get(b"path", short) if meta else short
        if meta:
            size = body_size(name, size, meta)
            link = meta.get(b"linkpath", link)
            if not SPARSE_KEYS.isdisjoint(meta):
                entry.sparse, name = sparse_of_pax(meta, kind, name)
        entry.kind = self._kind(kind, short, name)
        entry.name, entry.size = name, size
        if entry.kind != FILE and size:
            raise holds(name, "which is no file and has a body of {} bytes", size)
        if link and entry.kind in (FILE, FOLDER):
            raise holds(name, "which is no link and has the target of one")
        self._check(entry, link)
        if kind == SPARSE:
            self._start_sparse(entry)
            return
        self._start_group()
        self._skip = padded(size)
        if self.sink:
            self.sink.entry(entry)

    def _kind(self, kind, short, name):
        """The kind as all readers see it: old programs mark a folder by a slash behind its name."""
        if kind in REGULAR:
            slash = name.endswith(b"/")
            if kind == OLD_FILE and slash and short.endswith(b"/"):
                if b"size" in self._meta:
                    raise holds(name, "which is a folder and has a size")
                self._old_format = True
                return FOLDER
            if slash or (kind == OLD_FILE and short.endswith(b"/")):
                raise holds(name, "which is a file for some programs and a folder for others")
            return FILE
        if kind in KINDS:
            raise holds(name, "{}; expected files, folders and links", KINDS[kind])
        if kind not in (FOLDER, HARD_LINK, SYMLINK, LABEL):
            raise Refused("The model archive holds {} of the unknown kind {}".format(quoted(name), quoted(kind)))
        return kind

    def _check(self, entry, link):
        if entry.kind == LABEL:
            if self._head:
                raise holds(entry.name, "a volume label with more than one header")
            entry.path, entry.dropped, entry.plain = b"", True, True
            self.obstacles[HOLDS_LABEL] = True
            return
        entry.path, entry.plain = path, _ = clean_path(entry.name)
        if not entry.plain:
            self.obstacles[ODD_PATH] = True
        if self._old_format:
            entry.plain = False
            self.obstacles[OLD_FORMAT] = True
        entry.dropped = is_code(path)
        if path == b"code" and entry.kind != FOLDER:
            raise Refused('The model archive holds "code", which is no folder; the inference code goes there')
        if path == b".":
            if entry.kind != FOLDER:
                raise holds(entry.name, "which is no folder")
            return
        self._add(entry, link)
        if entry.dropped:
            self.obstacles[OLD_CODE] = True
        elif entry.kind in (HARD_LINK, SYMLINK):
            self.obstacles[HOLDS_LINKS] = True
        elif entry.sparse is not None:
            self.obstacles[HOLDS_SPARSE] = True

    def _add(self, entry, link):
        path, kind = entry.path, entry.kind
        before = self.kinds.get(path)
        if before is not None and not (before == kind == FOLDER):
            sentence = "The model archive holds {} twice, as tar -r and tar -u leave a file that changed; pack it anew"
            raise Refused(sentence.format(quoted(entry.name)))
        if len(self.kinds) >= MAX_MEMBERS:
            raise Refused("The model archive holds more than {} members".format(MAX_MEMBERS))
        self.kinds[path] = kind
        if kind == FILE:
            self.files += 1
        elif kind != FOLDER:
            if not link or b"\0" in link:
                raise holds(entry.name, "a link without a target")
            self.links.append((path, kind, link))

    def _start_sparse(self, entry):
        self.obstacles[HOLDS_SPARSE] = True
        self._sparse = (entry, OldMap(entry))
        self._head = entry.head
        if self._sparse[1].complete:
            self._end_of_sparse()

    def _sparse_extension(self, block):
        """Old GNU sparse files carry further blocks of their map between header and data."""
        entry, table = self._sparse
        table.add(block)
        self._head = entry.head = entry.head + block
        if table.complete:
            self._end_of_sparse()

    def _end_of_sparse(self):
        entry, table = self._sparse
        entry.sparse = (table.real_size, table.checked())
        self._start_group()
        self._skip = padded(entry.size)
        if self.sink:
            self.sink.entry(entry)
