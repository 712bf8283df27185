"""What teams did before: unpack to disk, copy the code in, compress it all again.

Arguments: archive, code, output, gzip level.
"""

import shutil
import sys
import tarfile
import tempfile

source, code, output, level = sys.argv[1:]
with tempfile.TemporaryDirectory(dir=output) as folder:
    with tarfile.open(source, "r:gz") as archive:
        archive.extractall(folder)
    shutil.copytree(code, folder + "/code")
    with tarfile.open(output + "/model.tar.gz", "w:gz", compresslevel=int(level)) as archive:
        archive.add(folder, arcname=".")
