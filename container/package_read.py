"""Reads the model archive from disk."""

from package_common import Refused, quoted

CHUNK = 1 << 20


class SourceFile:
    """The model archive; what keeps it from being read is told from what keeps the package from being written."""

    def __init__(self, path):
        try:
            self._file = open(path, "rb")
        except OSError as error:
            raise cannot_read(path, error)
        self._path = path

    def read(self, count):
        try:
            return self._file.read(count)
        except OSError as error:
            raise cannot_read(self._path, error)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


def cannot_read(path, error):
    return Refused("The model archive {} cannot be read: {}".format(quoted(path), error.strerror or error))


def chunks_of(path):
    with SourceFile(path) as file:
        yield from iter(lambda: file.read(CHUNK), b"")
