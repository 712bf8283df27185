"""Unpacks a packaged archive for verification: files and folders only, none outside of the folder."""

import os
import shutil
import tarfile

from package_common import Refused, quoted


def unpack(archive, folder):
    """Unpacks into `folder`, which it makes. Raises Refused where an entry may not be unpacked or has no room."""
    os.makedirs(folder)
    with tarfile.open(archive, "r|gz") as packed:
        for member in packed:
            if not member.isreg() and not member.isdir():
                sentence = "The packaged archive holds {}, which is no file or folder"
                raise Refused(sentence.format(quoted(member.name)))
            free = shutil.disk_usage(folder).free
            if member.size > free:
                sentence = "Verification needs {} bytes for {} and {} are free; enlarge processing_volume_size"
                raise Refused(sentence.format(member.size, quoted(member.name), free))
            extract(packed, member, folder)


def extract(packed, member, folder):
    # Read-only folders could not be filled by an ordinary user, nor removed; nobody else has to write into any.
    member.mode = 0o755 if member.isdir() else member.mode & 0o755 | 0o600
    member.uid, member.gid, member.uname, member.gname = os.getuid(), os.getgid(), "", ""
    if hasattr(tarfile, "data_filter"):
        try:
            packed.extract(member, folder, filter="data")
        except tarfile.FilterError as error:
            sentence = "The packaged archive holds {}, which may not be unpacked: {}"
            raise Refused(sentence.format(quoted(member.name), error))
        return
    root = os.path.realpath(folder)
    if not (os.path.realpath(os.path.join(root, member.name)) + os.sep).startswith(root + os.sep):
        raise Refused("The packaged archive holds {}, which leads out of it".format(quoted(member.name)))
    packed.extract(member, folder)
