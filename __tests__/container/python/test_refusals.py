"""What must not be packaged is refused with one sentence that names it, and leaves nothing behind."""

import gzip
import io
import os
import sys
import tarfile
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(__file__))

from job import Job, special, tar_gz  # noqa: E402

MODEL = ("model.pth", b"w" * 3000)


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(*MODEL)
    return buffer.getvalue()


def pax_path(path):
    member = tarfile.TarInfo("harmless")
    member.pax_headers = {"path": path}
    return member


def pax_record(key, value):
    member = tarfile.TarInfo("harmless")
    member.pax_headers = {key: value}
    return member


GOOD = tar_gz([MODEL])
CORRUPT = bytearray(tar_gz([("model.pth", os.urandom(5000))]))
CORRUPT[3000] ^= 0xFF
WRONG_CRC = bytearray(GOOD)
WRONG_CRC[-5] ^= 0xFF
WRONG_CHECKSUM = bytearray(gzip.decompress(GOOD))
WRONG_CHECKSUM[0] ^= 1

CASES = [
    ("an absolute path", tar_gz([MODEL, ("/etc/passwd", b"x")]), '"/etc/passwd", which leads out of it'),
    ("a climbing path", tar_gz([MODEL, ("../up", b"x")]), '"../up", which leads out of it'),
    ("a path that climbs inside", tar_gz([MODEL, ("a/../../up", b"x")]), '"a/../../up", which leads out of it'),
    ("a climbing path in a PAX header", tar_gz([MODEL, (pax_path("../up"), b"x")]), "../up"),
    ("an absolute link", tar_gz([MODEL, (special("l", tarfile.SYMTYPE, "/etc"), None)]), '"l", a link to "/etc"'),
    ("a climbing link", tar_gz([MODEL, (special("a/l", tarfile.SYMTYPE, "../../x"), None)]), '"a/l", a link to'),
    (
        "a link that climbs through another",
        tar_gz(
            [
                MODEL,
                (special("x/y/l", tarfile.SYMTYPE, "../../z"), None),
                (special("m", tarfile.SYMTYPE, "x/y/l/../.."), None),
            ]
        ),
        '"m", a link to "x/y/l/../.."',
    ),
    ("a loop of links", tar_gz([MODEL, (special("l", tarfile.SYMTYPE, "l"), None)]), '"l", a link to "l"'),
    (
        "a file behind a link",
        tar_gz([MODEL, (special("d", tarfile.SYMTYPE, "e"), None), ("d/f", b"x")]),
        '"d" as a file and',
    ),
    ("a hard link out", tar_gz([MODEL, (special("h", tarfile.LNKTYPE, "../x"), None)]), '"h", a link to "../x"'),
    ("a hard link to nothing", tar_gz([MODEL, (special("h", tarfile.LNKTYPE, "nope"), None)]), "which is not in it"),
    ("a device", tar_gz([MODEL, (special("dev", tarfile.CHRTYPE), None)]), '"dev", a character device'),
    ("a pipe", tar_gz([MODEL, (special("pipe", tarfile.FIFOTYPE), None)]), '"pipe", a named pipe'),
    ("a name twice", tar_gz([MODEL, MODEL]), '"model.pth" twice'),
    ("a name twice in other writing", tar_gz([MODEL, (".//model.pth", b"x")]), '".//model.pth" twice'),
    ("a file that is a folder too", tar_gz([MODEL, ("model.pth/x", b"x")]), '"model.pth" as a file and as a folder'),
    ("a file named code", tar_gz([MODEL, ("code", b"x")]), '"code", which is no folder'),
    ("no file at all", tar_gz([(special("folder", tarfile.DIRTYPE), None)]), "holds no model file"),
    ("an empty tar", tar_gz([]), "holds no model file"),
    ("nothing", b"", "is no gzip tar"),
    ("a plain tar", gzip.decompress(GOOD), "is no gzip tar"),
    ("a zip", zipped(), "is no gzip tar"),
    ("a gzip of no tar", gzip.compress(os.urandom(5000)), "checksum is wrong"),
    ("a truncated gzip", GOOD[:-20], "truncated gzip stream"),
    ("a truncated tar", gzip.compress(gzip.decompress(GOOD)[:1500]), "truncated"),
    ("corrupt bytes", bytes(CORRUPT), "corrupt"),
    ("a wrong CRC", bytes(WRONG_CRC), "corrupt"),
    ("a wrong header checksum", gzip.compress(bytes(WRONG_CHECKSUM)), "checksum is wrong"),
    (
        "a link to a folder",
        tar_gz([MODEL, ("d/f", b"x"), (special("l", tarfile.SYMTYPE, "d"), None)]),
        "which is a folder; pack the files themselves: tar czhf",
    ),
    (
        "a link forward",
        tar_gz([(special("l", tarfile.SYMTYPE, "model.pth"), None), MODEL]),
        "which comes after it; pack the files themselves: tar czhf",
    ),
    (
        "a dangling link",
        tar_gz([MODEL, (special("l", tarfile.SYMTYPE, "nope"), None)]),
        "which is not in it; pack the files themselves",
    ),
    (
        "a hard link to a link",
        tar_gz([MODEL, (special("l", tarfile.SYMTYPE, "model.pth"), None), (special("h", tarfile.LNKTYPE, "l"), None)]),
        "which is a link itself",
    ),
    ("a file below a file's child", tar_gz([MODEL, ("model.pth/x/y", b"x")]), '"model.pth" as a file and as a folder'),
    ("a part of 256 bytes", tar_gz([MODEL, ("n" * 256, b"x")]), "a path of 256 bytes"),
    (
        "a path of more than a kilobyte",
        tar_gz([MODEL, ("n" * 200 + ("/" + "n" * 200) * 6, b"x")]),
        "a path of 1406 bytes",
    ),
    ("a foreign record", tar_gz([MODEL, (pax_record("SCHILY.realsize", "0"), b"x")]), "which readers take differently"),
    ("a time that is none", tar_gz([MODEL, (pax_record("mtime", "now"), b"x")]), '"mtime" = "now"'),
    ("a drive of Windows, which bsdtar drops", tar_gz([MODEL, ("C:code/inference.py", b"x")]), "drop as a drive"),
    ("a drive behind dots", tar_gz([MODEL, ("././c:code/inference.py", b"x")]), "drop as a drive"),
    ("a root of Windows, which bsdtar drops", tar_gz([MODEL, ("\\code/inference.py", b"x")]), "drop as a drive"),
    ("a second tar behind the first", gzip.compress(gzip.decompress(GOOD) * 2), "more data behind its end"),
]


class RefusalTest(unittest.TestCase):
    def refused(self, sentence, *arguments, **options):
        job = Job(*arguments, **options)
        self.addCleanup(job.close)
        self.assertNotEqual(job.exit_code, 0)
        self.assertIn(sentence, job.message)
        self.assertEqual(job.message.strip(), job.stderr.strip())
        self.assertEqual(job.left_behind(), [])
        self.assertLessEqual(len(job.message.encode("utf-8")), 1024)
        self.assertNotIn("\n", job.message)
        return job

    def test_archives(self):
        for name, archive, sentence in CASES:
            with self.subTest(name):
                self.refused(sentence, archive)

    def test_an_older_code_does_not_hide_what_is_wrong(self):
        self.refused("leads out of it", tar_gz([("code/x.py", b"x"), MODEL, ("../up", b"x")]))

    def test_a_link_into_the_older_code(self):
        members = [MODEL, ("code/x.py", b"x"), (special("h", tarfile.LNKTYPE, "code/x.py"), None)]
        self.refused("a link into code/", tar_gz(members))

    def test_code_that_is_no_file(self):
        class PipeJob(Job):
            def run(self, python, env):
                os.mkfifo(self.root + "/opt/ml/processing/input/script/pipe")
                return super().run(python, env)

        job = PipeJob(GOOD)
        self.addCleanup(job.close)
        self.assertEqual((job.exit_code, job.message), (1, 'The inference code\'s "code/pipe" is no file'))

    def test_a_closed_output_is_no_reason_to_fail(self):
        class ClosedJob(Job):
            def run(self, python, env):
                import subprocess

                from job import SCRIPT

                done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", python, SCRIPT], env=env)
                return done.returncode, "", ""

        job = ClosedJob(GOOD)
        self.addCleanup(job.close)
        self.assertEqual(job.exit_code, 0)

    def test_a_missing_entry_point(self):
        self.refused('its entry point "serve.py"', GOOD, SAGEMAKER_PROGRAM="serve.py")

    def test_a_missing_archive(self):
        self.refused(
            'no model archive "other.tar.gz"; the input holds "model.tar.gz"', GOOD, MODEL_ARCHIVE_NAME="other.tar.gz"
        )

    def test_a_long_name_is_cut_within_the_kilobyte(self):
        self.refused("leads out of it", tar_gz([MODEL, ("../" + "ü" * 3000, b"x")]))

    def test_a_name_cannot_forge_a_second_line(self):
        self.refused('"../a\\n::error::b"', tar_gz([MODEL, ("../a\n::error::b", b"x")]))

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_a_full_disk(self):
        job = Job(GOOD)
        self.addCleanup(job.close)
        os.remove(job.output)
        os.symlink("/dev/full", job.output)
        import subprocess

        from job import SCRIPT

        env = {"PATH": os.environ["PATH"], "BSM_CONTAINER_ROOT": job.root}
        done = subprocess.run([sys.executable, SCRIPT], env=env, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("The disk is full", job.message)
        self.assertEqual(job.left_behind(), [])

    def test_an_output_folder_that_is_a_file(self):
        job = Job(GOOD)
        self.addCleanup(job.close)
        job.write("output/package.json", b"{}")
        folder = os.path.dirname(job.output)
        os.remove(folder + "/package.json")
        os.remove(job.output)
        os.rmdir(folder)
        with open(folder, "wb"):
            pass
        self.run_again(job, "The package cannot be written: File exists")

    def test_a_package_that_may_not_be_written(self):
        job = Job(GOOD)
        self.addCleanup(job.close)
        os.remove(job.output)
        os.mkdir(job.output)
        self.run_again(job, "The package cannot be written: Is a directory")

    def test_an_archive_that_cannot_be_read(self):
        job = Job(GOOD)
        self.addCleanup(job.close)
        # It opens and cannot be read, also for root.
        self.run_again(job, "cannot be read: Input/output error", MODEL_ARCHIVE_NAME="../../../../proc/self/mem")

    def run_again(self, job, sentence, **environment):
        import subprocess

        from job import SCRIPT

        if "MODEL_ARCHIVE_NAME" in environment:
            path = job.root + "/opt/ml/processing/input/model/mem"
            os.symlink("/proc/self/mem", path)
            environment["MODEL_ARCHIVE_NAME"] = "mem"
        env = {"PATH": os.environ["PATH"], "BSM_CONTAINER_ROOT": job.root, **environment}
        done = subprocess.run([sys.executable, SCRIPT], env=env, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(sentence, job.message)
        self.assertNotIn("gzip", job.message)
        self.assertEqual(job.message.strip(), done.stderr.decode().strip())

    def test_a_stopped_job_leaves_nothing(self):
        import signal
        import subprocess

        from job import SCRIPT

        job = Job(tar_gz([("model.pth", os.urandom(30000000))]))
        self.addCleanup(job.close)
        os.remove(job.output)
        env = {"PATH": os.environ["PATH"], "BSM_CONTAINER_ROOT": job.root}
        # A pipe that nobody reads holds the packager in the middle of its work.
        os.mkfifo(job.output)
        with subprocess.Popen([sys.executable, SCRIPT], env=env, stderr=subprocess.PIPE) as running:
            with open(job.output, "rb") as pipe:
                pipe.read(1)
                running.send_signal(signal.SIGTERM)
                while pipe.read(1 << 20):
                    pass
            said = running.stderr.read().decode()
        self.assertEqual((running.returncode, said.strip()), (1, "Packaging was stopped by signal 15"))
        self.assertEqual(job.left_behind(), [])

    def test_a_message_is_one_line(self):
        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "container"))
        from package_common import one_line

        self.assertEqual(one_line("a\n  b\r\tc\x1b[0m"), "a b c [0m")

    def test_tarfile_has_the_last_word(self):
        """A header that tarfile reads otherwise than it was written, few and in a process of its own."""
        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "container"))
        from package_reread import Different, Reread

        def read(kinds, count, wrong):
            reread = Reread()
            self.addCleanup(reread.close)
            for number in range(count):
                member = tarfile.TarInfo("m{}".format(number))
                member.size, member.uid = 3, number % kinds
                odd = wrong if number == count // 2 else None
                name = b"other" if odd == "name" else member.name.encode()
                reread.expect(member.tobuf(), name, b"5" if odd == "kind" else b"0", 2000 if odd == "size" else 3)
            reread.finish()

        # With one kind of header its functions are asked; with many, it reads them all.
        for kinds, count in ((1, 1), (1, 2000), (2000, 2000)):
            for wrong in ("name", "size", "kind", None):
                with self.subTest(kinds=kinds, count=count, wrong=wrong):
                    if wrong is None:
                        read(kinds, count, wrong)
                    else:
                        self.assertRaises(Different, read, kinds, count, wrong)

    def test_a_bomb_hits_the_limit(self):
        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "..", "container"))
        import package_write
        from package_common import Refused

        with self.assertRaises(Refused) as refusal:
            package_write.checked_size((16 << 30) + 1, package_write.inflated_limit(__file__))
        self.assertIn("bomb", str(refusal.exception))


if __name__ == "__main__":
    unittest.main()
