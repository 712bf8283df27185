"""What becomes of each entry of an archive that is packed anew: kept as it is, written anew, or left out."""

from package_header import FILE, FOLDER, canonical
from package_sparse import Expander

HELD_BYTES = 1 << 20


class Repacked:
    """Keeps the files and folders outside of `code/`, byte for byte where every reader reads them the same."""

    def __init__(self, write, reread):
        self.write, self.reread = write, reread
        self._body, self._expander = None, None

    def entry(self, entry):
        self._end()
        if entry.dropped or entry.kind not in (FILE, FOLDER):
            self._body = None
        elif entry.plain and entry.sparse is None:
            # A header for all entries would have to be followed by one, and holds comments and times only.
            self._put(entry.head[entry.global_bytes :], entry.name, entry.kind, entry.size)
            self._body = self.write
        else:
            self.anew(entry, entry.path)

    def anew(self, entry, path):
        """The entry under the name `path`, with a header of ours."""
        size = entry.sparse[0] if entry.sparse else entry.size
        self._put(canonical(path, entry.kind, size, entry.header), path, entry.kind, size)
        self._expander = Expander(entry, self.write) if entry.sparse else None
        self._body = self._expander.body if entry.sparse else self.write

    def body(self, data):
        if self._body:
            self._body(data)

    def finish(self):
        self._end()

    def _put(self, head, name, kind, size):
        self.reread.expect(head, name, kind, size)
        self.write(head)

    def _end(self):
        if self._expander:
            self._expander.finish()
        self._body, self._expander = None, None


class Copied(Repacked):
    """Packs files once more, under the names of the links to them: one copy a pass, all copies of a small file."""

    def __init__(self, write, reread, links):
        """`links` has file -> links; what is packed is taken out of it."""
        super().__init__(write, reread)
        self._links = links
        self._entry, self._held = None, None

    def entry(self, entry):
        self._end()
        links = self._links.get(entry.path)
        if links and entry.kind == FILE:
            self.anew(entry, links.pop(0))
            if links and entry.size <= HELD_BYTES:
                self._entry, self._held = entry, bytearray()

    def body(self, data):
        super().body(data)
        if self._held is not None:
            self._held += data

    def _end(self):
        super()._end()
        if self._held is None:
            return
        entry, held, self._held = self._entry, bytes(self._held), None
        links = self._links[entry.path]
        while links:
            self.anew(entry, links.pop(0))
            self._body(held)
            super()._end()
