"""The inference code, as the tar entries that go before the model's own."""

import io
import os
import tarfile

from package_common import CODE_FOLDER, Refused, quoted
from package_header import FILE, padded


class Code:
    """`data` holds the entries without an end mark, `names` their names. The same bytes on any machine."""

    def __init__(self, program, folder=CODE_FOLDER):
        self.names, self._entries = [], []
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for path in files_below(folder):
                name = "code/" + os.path.relpath(path, folder).replace(os.sep, "/")
                self._add(archive, name, content_of(path, name))
            length = archive.offset
        if "code/" + program not in self.names:
            raise Refused("The inference code lacks its entry point {} (SAGEMAKER_PROGRAM)".format(quoted(program)))
        self.data = buffer.getvalue()[:length]

    def expected_by(self, reread):
        """What tarfile has to read of it."""
        for start, end, name, size in self._entries:
            reread.expect(self.data[start:end], name.encode("utf-8", "surrogateescape"), FILE, size)

    def _add(self, archive, name, content):
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o644
        start = archive.offset
        archive.addfile(member, io.BytesIO(content))
        self.names.append(name)
        self._entries.append((start, archive.offset - padded(len(content)), name, len(content)))


def files_below(folder):
    for parent, folders, files in os.walk(folder, onerror=unreadable):
        folders.sort()
        for file in sorted(files):
            yield os.path.join(parent, file)


def unreadable(error):
    sentence = "The inference code's {} cannot be read: {}"
    raise Refused(sentence.format(quoted(error.filename), error.strerror or error))


def content_of(path, name):
    try:
        # A pipe would be waited for.
        if not os.path.isfile(path) and os.path.exists(path):
            raise Refused("The inference code's {} is no file".format(quoted(name)))
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        sentence = "The inference code's {} cannot be read: {}"
        raise Refused(sentence.format(quoted(name), error.strerror or error))
