"""What verification unpacks: every file and folder, inside of its folder, for an ordinary user."""

import os
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "container"))

from job import special, tar_gz  # noqa: E402
from package_common import Refused  # noqa: E402
from package_unpack import unpack  # noqa: E402


class UnpackTest(unittest.TestCase):
    def unpacked(self, members):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        with open(place.name + "/a.tar.gz", "wb") as file:
            file.write(tar_gz(members))
        unpack(place.name + "/a.tar.gz", place.name + "/model")
        return place.name + "/model"

    def test_read_only_folders_can_be_filled(self):
        folder, script = special("sub", tarfile.DIRTYPE), tarfile.TarInfo("sub/run.sh")
        folder.mode, script.mode = 0o555, 0o4577
        model = self.unpacked([(folder, None), (script, b"x"), ("model.pth", b"w")])
        self.assertEqual(os.stat(model + "/sub").st_mode & 0o7777, 0o755)
        self.assertEqual(os.stat(model + "/sub/run.sh").st_mode & 0o7777, 0o755)
        self.assertEqual(sorted(os.listdir(model)), ["model.pth", "sub"])

    def test_links_are_refused(self):
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            with self.subTest(kind=kind), self.assertRaises(Refused):
                self.unpacked([("model.pth", b"w"), (special("l", kind, "model.pth"), None)])

    def test_nothing_is_written_outside(self):
        with self.assertRaises(Refused):
            self.unpacked([("../outside", b"w")])


if __name__ == "__main__":
    unittest.main()
