"""Sparse files of GNU tar, written in full: not every reader knows them."""

from package_header import FILE, SPARSE_KEYS, any_number, holds, padded

MAP_BYTES = 1 << 20
ZEROS = bytes(1 << 20)


def sparse_of_pax(meta, kind, name):
    """(size and map, name) of a sparse file in the newest of GNU's PAX formats, the only one that is taken."""
    version = (meta.get(b"GNU.sparse.major"), meta.get(b"GNU.sparse.minor"))
    if not SPARSE_KEYS <= set(meta) or version != (b"1", b"0") or kind != FILE:
        raise holds(name, "a sparse file whose header is incomplete; pack it without -S")
    if b"path" in meta and meta[b"path"] != meta[b"GNU.sparse.name"]:
        raise holds(name, "a sparse file with two names; pack it without -S")
    # The map stands before the data.
    return (int(meta[b"GNU.sparse.realsize"]), None), meta[b"GNU.sparse.name"]


class OldMap:
    """The map of an old GNU sparse file: four pieces in its header, 21 in each block behind it."""

    def __init__(self, entry):
        self.entry, self.pieces, self.complete = entry, [], False
        self.real_size = any_number(entry.header, 483, 495, "size")
        self._read(entry.header, 386, 4)
        self.complete = not entry.header[482]

    def add(self, block):
        if len(self.pieces) > MAP_BYTES // 24:
            raise holds(self.entry.name, "a sparse file of too many pieces; pack it without -S")
        self._read(block, 0, 21)
        self.complete = not block[504]

    def _read(self, block, start, count):
        for at in range(start, start + 24 * count, 24):
            if not block[at + 12]:
                break
            self.pieces.append(tuple(any_number(block, place, place + 12, "map") for place in (at, at + 12)))

    def checked(self):
        return checked_map(self.entry, self.pieces, self.entry.size, self.real_size)


def checked_map(entry, pieces, stored, real_size):
    """The pieces in order, none beyond the end, as many bytes as are stored; refused otherwise."""
    at = 0
    for offset, length in pieces:
        if offset < at:
            raise holds(entry.name, "a sparse file whose pieces are not in order; pack it without -S")
        at = offset + length
    if at > real_size or sum(length for _, length in pieces) != stored:
        raise holds(entry.name, "a sparse file whose map is wrong; pack it without -S")
    return pieces


class Expander:
    """Turns the stored body of a sparse entry into the whole file, padded; `write` takes the bytes."""

    def __init__(self, entry, write):
        self.entry, self.write = entry, write
        self.real_size, self.pieces = entry.sparse
        self._map = b""
        self._left = entry.size
        self._at = self._piece = self._in_piece = 0

    def body(self, data):
        data = bytes(data[: self._left])
        self._left -= len(data)
        if self.pieces is None:
            self._map += data
            data = self._read_map()
        while data and self._piece < len(self.pieces):
            offset, length = self.pieces[self._piece]
            if not self._in_piece:
                self._zeros(offset - self._at)
            part = data[: length - self._in_piece]
            self.write(part)
            self._at += len(part)
            self._in_piece += len(part)
            data = data[len(part) :]
            if self._in_piece == length:
                self._piece, self._in_piece = self._piece + 1, 0

    def finish(self):
        if self.pieces is None:
            raise holds(self.entry.name, "a sparse file without a map; pack it without -S")
        self._zeros(self.real_size - self._at)
        self._zeros(padded(self.real_size) - self._at)

    def _zeros(self, count):
        self._at += count
        while count > 0:
            part = ZEROS[:count]
            self.write(part)
            count -= len(part)

    def _read_map(self):
        """PAX sparse 1.0: a count, then an offset and a length for each piece, as lines in whole blocks."""
        lines = self._map.split(b"\n")
        if len(self._map) > MAP_BYTES or not all(len(line) < 20 for line in lines[:1]):
            raise holds(self.entry.name, "a sparse file whose map is wrong; pack it without -S")
        if len(lines) < 2:
            return b""
        count = self._number(lines[0])
        if len(lines) < 2 * count + 2:
            return b""
        numbers = [self._number(line) for line in lines[1 : 2 * count + 1]]
        length = padded(sum(len(line) + 1 for line in lines[: 2 * count + 1]))
        if len(self._map) < length:
            return b""
        pieces = list(zip(numbers[::2], numbers[1::2]))
        self.pieces = checked_map(self.entry, pieces, self.entry.size - length, self.real_size)
        return self._map[length:]

    def _number(self, line):
        if not line.isdigit() or len(line) > 19:
            raise holds(self.entry.name, "a sparse file whose map is wrong; pack it without -S")
        return int(line)
