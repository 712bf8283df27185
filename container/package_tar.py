"""Reads a tar while it streams by, refuses what must not be in a model, and can tell apart what is to be dropped.

Formats: ustar, GNU (long names, old sparse files, base-256 numbers) and PAX. Nothing is unpacked.
"""

import posixpath

from package_common import Refused, quoted

BLOCK = 512
ZERO_BLOCK = bytes(BLOCK)
REGULAR = (b"0", b"\0", b"7", b"S")
# Meta entries describe the entry that follows them.
LONG_NAME, LONG_LINK, PAX, PAX_GLOBAL = b"L", b"K", b"x", b"g"
META_BYTES = 1 << 20
MAX_MEMBERS = 1000000
KINDS = {b"3": "a character device", b"4": "a block device", b"6": "a named pipe"}


class TarScanner:
    """Feed it the inflated bytes in any pieces; `finish` says whether it was a whole and harmless tar."""

    def __init__(self, keep=None):
        """`keep(bytes)`, where given, gets the raw bytes of every entry that does not lie in `code/`."""
        self.keep = keep
        self.kinds = {}
        self.links = []
        self.files = 0
        self.has_code = False
        self.ended = False
        self._pending = bytearray()
        self._skip = 0
        self._meta = {}
        self._raw = []
        self._collect = None
        self._dropped = False
        self._zeros = 0

    def feed(self, data):
        view = memoryview(data)
        while len(view):
            if self._skip:
                taken = min(self._skip, len(view))
                self._body(view[:taken])
                self._skip -= taken
                view = view[taken:]
                continue
            taken = BLOCK - len(self._pending)
            self._pending += view[:taken]
            view = view[taken:]
            if len(self._pending) == BLOCK:
                block, self._pending = bytes(self._pending), bytearray()
                self._block(block)

    def finish(self):
        if self._skip or self._pending or self._meta or self._collect is not None:
            raise Refused("The model archive is truncated: its tar ends in the middle of an entry")
        if not self.files:
            raise Refused("The model archive holds no model file")
        self.ended = self._zeros >= 2
        self._check_tree()

    def names(self):
        return [name.decode("utf-8", "surrogateescape") for name in self.kinds]

    def _body(self, view):
        if self._collect is not None:
            self._collect += view
        if self.keep and not self._dropped:
            if self._raw:
                self._raw.append(bytes(view))
            else:
                self.keep(view)
        if self._skip == len(view):
            self._end_of_body()

    def _end_of_body(self):
        if self._collect is None:
            return
        kind, size, data = self._collect_kind, self._collect_size, bytes(self._collect)
        self._collect = None
        self._read_meta(kind, data[:size])

    def _block(self, block):
        if block == ZERO_BLOCK:
            self._zeros += 1
            return
        if self._zeros >= 2:
            raise Refused("The model archive holds more data behind its end; expected one tar")
        if self._zeros:
            raise Refused("The model archive holds a block of zeros between its entries; expected one tar")
        if self._sparse_extension(block):
            return
        check_sum(block)
        kind = block[156:157]
        size = number(block[124:136])
        if kind in (LONG_NAME, LONG_LINK, PAX, PAX_GLOBAL):
            self._start_meta(block, kind, size)
        else:
            self._start_entry(block, kind, size)

    def _sparse_extension(self, block):
        """Old GNU sparse files carry further blocks of their map between header and data."""
        if not self._meta.get("sparse"):
            return False
        if not block[504]:
            self._skip = self._meta["size"]
            self._meta = {}
        if self.keep and not self._dropped:
            self.keep(block)
        return True

    def _start_meta(self, block, kind, size):
        if size > META_BYTES:
            sentence = "The model archive holds a name or attribute of {} bytes; expected at most 1 MiB"
            raise Refused(sentence.format(size))
        self._collect, self._collect_kind, self._collect_size = bytearray(), kind, size
        self._dropped = False
        self._skip = padded(size)
        if self.keep:
            self._raw.append(block)
        if not self._skip:
            self._end_of_body()

    def _read_meta(self, kind, data):
        if kind == LONG_NAME:
            self._meta["path"] = data.rstrip(b"\0")
        elif kind == LONG_LINK:
            self._meta["linkpath"] = data.rstrip(b"\0")
        elif kind == PAX_GLOBAL:
            refuse_global_names(pax_records(data))
            self._flush_raw()
        else:
            self._meta.update(pax_records(data))

    def _start_entry(self, block, kind, size):
        meta, self._meta = self._meta, {}
        if "size" in meta:
            size = int(meta["size"])
        name = meta.get("GNU.sparse.name") or meta.get("path") or header_name(block)
        link = meta.get("linkpath") or block[157:257].split(b"\0", 1)[0]
        path = self._check(name, kind, link)
        self._dropped = path == b"code" or path.startswith(b"code/")
        if self._dropped:
            self.has_code = True
            self._raw = []
        elif self.keep:
            self._flush_raw()
            self.keep(block)
        self._skip = padded(size) if kind in REGULAR else 0
        if kind == b"S" and block[482]:
            self._meta = {"sparse": True, "size": self._skip}
            self._skip = 0

    def _flush_raw(self):
        for part in self._raw:
            self.keep(part)
        self._raw = []

    def _check(self, name, kind, link):
        path = inside(name, "The model archive holds {}, which leads out of it")
        if kind in KINDS:
            sentence = "The model archive holds {}, {}; expected files, folders and links"
            raise Refused(sentence.format(quoted(name), KINDS[kind]))
        if kind not in REGULAR + (b"1", b"2", b"5"):
            raise Refused("The model archive holds {} of the unknown kind {}".format(quoted(name), quoted(kind)))
        if path == b"." and kind == b"5":
            return path
        if path in self.kinds:
            raise Refused("The model archive holds {} twice".format(quoted(name)))
        if path == b"code" and kind != b"5":
            raise Refused('The model archive holds "code", which is no folder; the inference code goes there')
        if len(self.kinds) >= MAX_MEMBERS:
            raise Refused("The model archive holds more than {} members".format(MAX_MEMBERS))
        self.kinds[path] = kind
        self.files += kind in REGULAR
        if kind in (b"1", b"2"):
            self.links.append((path, kind, link))
        return path

    def _check_tree(self):
        """What only the whole shows: files that are folders too, and where links really lead."""
        symlinks = {path: link for path, kind, link in self.links if kind == b"2"}
        for path in self.kinds:
            parent = posixpath.dirname(path)
            if parent and self.kinds.get(parent, b"5") != b"5":
                raise Refused("The model archive holds {} as a file and as a folder".format(quoted(parent)))
        for path, kind, link in self.links:
            start = posixpath.dirname(path) if kind == b"2" else b""
            target = resolve(start, link, symlinks)
            if target is None:
                raise Refused(
                    "The model archive holds {}, a link to {}, which leads out of it".format(quoted(path), quoted(link))
                )
            if kind == b"1" and target not in self.kinds:
                sentence = "The model archive holds {}, a link to {}, which is not in it"
                raise Refused(sentence.format(quoted(path), quoted(link)))
            if kind == b"1" and target.startswith(b"code/") and not path.startswith(b"code/"):
                raise Refused("The model archive holds {}, a link into code/, which is replaced".format(quoted(path)))


def inside(name, sentence):
    """The path without `./` and doubled slashes; refused where it is absolute or climbs."""
    if not name or name.startswith(b"/") or b".." in name.split(b"/"):
        raise Refused(sentence.format(quoted(name)))
    return posixpath.normpath(name)


def resolve(start, link, symlinks):
    """Where a link leads, through all other links; None where that is outside of the tree."""
    if link.startswith(b"/") or not link:
        return None
    todo = (start + b"/" + link).split(b"/")
    done, hops = [], 0
    while todo:
        part = todo.pop(0)
        if part == b"..":
            if not done:
                return None
            done.pop()
        elif part not in (b"", b"."):
            done.append(part)
            onward = symlinks.get(b"/".join(done))
            if onward is not None:
                hops += 1
                if hops > 40 or onward.startswith(b"/"):
                    return None
                done.pop()
                todo = onward.split(b"/") + todo
    return b"/".join(done)


def check_sum(block):
    try:
        stored = int(block[148:156].split(b"\0", 1)[0].strip() or b"0", 8)
    except ValueError:
        stored = -1
    if stored != sum(block) - sum(block[148:156]) + 256:
        raise Refused("The model archive is no tar, or a corrupt one: a header's checksum is wrong")


def number(field):
    """An octal number, or GNU's base-256 for large ones."""
    if field[0] & 0x80:
        return int.from_bytes(field, "big") & ((1 << 88) - 1)
    try:
        return int(field.split(b"\0", 1)[0].strip() or b"0", 8)
    except ValueError:
        raise Refused("The model archive is no tar, or a corrupt one: a size is no number")


def header_name(block):
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].split(b"\0", 1)[0]
        if prefix:
            return prefix + b"/" + name
    return name


def pax_records(data):
    """`length key=value\\n` records of a PAX header; values as bytes."""
    records, at = {}, 0
    while at < len(data):
        space = data.find(b" ", at)
        length = data[at:space]
        if space < 0 or not length.isdigit() or int(length) < 5 or at + int(length) > len(data):
            raise Refused("The model archive is no tar, or a corrupt one: a PAX header cannot be read")
        key, _, value = data[space + 1 : at + int(length) - 1].partition(b"=")
        records[key.decode("utf-8", "replace")] = value
        at += int(length)
    return records


def refuse_global_names(records):
    if {"path", "linkpath", "size"} & set(records):
        raise Refused("The model archive holds a PAX header that renames every entry")


def padded(size):
    return (size + BLOCK - 1) // BLOCK * BLOCK
