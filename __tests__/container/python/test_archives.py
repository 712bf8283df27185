"""What goes in comes out, whoever made the archive and whoever reads it."""

import gzip
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))

from job import HANDLER, Job, read_python, special, tar_gz, unpacked_by  # noqa: E402

READERS = {
    "GNU tar": ("tar", "tar xzf {}"),
    "busybox tar": ("busybox", "busybox tar xzf {}"),
    "bsdtar": ("bsdtar", "bsdtar xf {}"),
    "Node zlib": ("node", "node -e 'const z=require(\"zlib\"),f=require(\"fs\");"
                          "f.writeFileSync(\"../a.tar\",z.gunzipSync(f.readFileSync(\"{}\")))' && tar xf ../a.tar"),
    "Java GZIPInputStream": ("java", "printf 'import java.io.*;class G{{public static void main(String[] a)throws Exception"
                             "{{new java.util.zip.GZIPInputStream(new FileInputStream(a[0])).transferTo(System.out);}}}}'"
                             " > ../G.java && java ../G.java {} | tar xf -"),
}  # fmt: skip
CODE = {"inference.py": HANDLER, "lib/deep/helper.py": b"x = 1\n", "empty.txt": b""}


class ArchiveTest(unittest.TestCase):
    def package(self, archive, **options):
        job = Job(archive, **options)
        self.addCleanup(job.close)
        self.assertEqual(job.exit_code, 0, job.stderr)
        return job

    def assertPackaged(self, job, model, code=None):
        expected = dict(model)
        expected.update({"code/" + path: content for path, content in (code or {"inference.py": HANDLER}).items()})
        for mode in ("r:gz", "r|gz"):
            found = {path: content for path, (_, content) in read_python(job.output, mode).items()}
            self.assertEqual(found, expected)

    def test_every_reader_reads_the_same(self):
        model = {"model.pth": os.urandom(300000), "a/b/" + "n" * 150: b"long", "empty": b""}
        for mark, archive in (("spliced", tar_gz(model.items())), ("recompressed", self.multi_member(model))):
            job = self.package(archive, code=CODE)
            self.assertEqual(job.report["way"], mark)
            self.assertPackaged(job, model, CODE)
            expected = {path: content for path, (_, content) in read_python(job.output).items()}
            for name, (program, command) in READERS.items():
                with self.subTest(reader=name, way=mark):
                    if shutil.which(program) is None:
                        self.skipTest(program + " is not installed")
                    self.assertEqual(unpacked_by(command, job.output), expected)

    def multi_member(self, model):
        raw = tar_gz(model.items(), mode="w")
        return gzip.compress(raw[:1000]) + gzip.compress(raw[1000:])

    def test_the_output_is_one_gzip_member(self):
        job = self.package(tar_gz([("model.pth", b"x" * 100000)]))
        with open(job.output, "rb") as file:
            data = file.read()
        import zlib

        inflater = zlib.decompressobj(31)
        inflater.decompress(data)
        self.assertTrue(inflater.eof)
        self.assertEqual(inflater.unused_data, b"")

    def test_the_same_input_gives_the_same_bytes(self):
        archive = tar_gz([("model.pth", os.urandom(2000000)), ("code/old.py", b"old")])
        for given in (tar_gz([("model.pth", b"w" * 70000)]), archive):
            digests = {self.package(given).report["sha256"] for _ in range(2)}
            self.assertEqual(len(digests), 1)

    def test_an_older_code_folder_is_replaced(self):
        members = [("code/inference.py", b"old"), ("code/gone.py", b"old"), ("model.pth", b"w" * 9000), ("codex", b"y")]
        job = self.package(tar_gz([(special("code", tarfile.DIRTYPE), None)] + members))
        self.assertEqual(job.report["way"], "recompressed")
        self.assertIn("older code/", job.report["why"])
        self.assertPackaged(job, {"model.pth": b"w" * 9000, "codex": b"y"})

    def test_modes_and_folders_stay_and_links_become_files(self):
        script = tarfile.TarInfo("bin/run.sh")
        script.mode = 0o755
        members = [(script, b"#!/bin/sh\n"), (special("bin/link", tarfile.SYMTYPE, "run.sh"), None),
                   (special("hard", tarfile.LNKTYPE, "bin/run.sh"), None), (special("folder", tarfile.DIRTYPE), None)]  # fmt: skip
        job = self.package(tar_gz(members))
        with tarfile.open(job.output) as archive:
            found = {member.name: (member.type, member.mode, member.size) for member in archive}
        self.assertEqual(found["folder"][0], tarfile.DIRTYPE)
        for name in ("bin/run.sh", "bin/link", "hard"):
            self.assertEqual(found[name], (tarfile.REGTYPE, 0o755, 10))

    def test_tar_formats(self):
        model = {"é/" + "ü" * 80: b"unicode", "d" * 99 + "/" + "f" * 99: b"long", "plain": b"p"}
        for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
            for old_code in (False, True):
                with self.subTest(format=form, old_code=old_code):
                    old = [("code/" + "o" * 120, b"old")] if old_code else []
                    self.assertPackaged(self.package(tar_gz(old + list(model.items()), format=form)), model)

    def test_gzip_headers_with_name_comment_extra_and_checksum(self):
        body = tar_gz([("model.pth", b"w" * 5000)])[10:]
        for flags, fields in (
            (8, b"model.tar\0"),
            (16, b"note\0"),
            (4, b"\x03\x00abc"),
            (2, b"\xb1\x2c"),
            (12, b"\x01\x00zname\0"),
        ):
            header = b"\x1f\x8b\x08" + bytes([flags]) + b"\x01\x02\x03\x04\x00\x03"
            if flags == 2:
                import zlib

                fields = (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little")
            with self.subTest(flags=flags):
                self.assertPackaged(self.package(header + fields + body), {"model.pth": b"w" * 5000})

    def test_numbers_that_fill_their_field(self):
        """As bsdtar and busybox write owners from two million on, and bsdtar times and sizes."""
        header = bytearray(tarfile.TarInfo("model.pth").tobuf(tarfile.USTAR_FORMAT))
        header[108:148] = b"13343277" + b"17777777" + b"000000000003" + b"014371573430"
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        self.assertPackaged(
            self.package(gzip.compress(bytes(header) + b"abc".ljust(512, b"\0") + bytes(1024))), {"model.pth": b"abc"}
        )

    def test_names_that_only_look_odd(self):
        model = {
            "a/C:/x": b"1",
            "a\\b": b"2",
            "model:1": b"3",
            "1:2": b"4",
            "--x=1": b"5",
            "*": b"6",
            "Code/inference.py": b"7",
        }
        job = self.package(tar_gz(model.items()))
        self.assertPackaged(job, model)

    def test_archives_of_other_programs(self):
        for name, command in (("GNU tar", "tar czf"), ("GNU tar, sparse", "tar cSzf"), ("bsdtar", "bsdtar czf"),
                              ("bsdtar, pax", "bsdtar --format pax -czf"), ("busybox tar", "busybox tar czf")):  # fmt: skip
            with self.subTest(made_by=name), tempfile.TemporaryDirectory() as folder:
                if shutil.which(command.split()[0]) is None:
                    self.skipTest(command.split()[0] + " is not installed")
                tree = os.path.join(folder, "tree")
                os.makedirs(os.path.join(tree, "a", "n" * 120))
                with open(os.path.join(tree, "a", "n" * 120, "sparse.bin"), "wb") as file:
                    file.write(b"begin")
                    file.truncate(3000000)
                    file.seek(2000000)
                    file.write(b"middle")
                with open(os.path.join(tree, "model.pth"), "wb") as file:
                    file.write(b"weights" * 1000)
                path = os.path.join(folder, "made.tar.gz")
                subprocess.run(command.split() + [path, "-C", tree, "."], check=True)
                with open(path, "rb") as file:
                    job = self.package(file.read())
                self.assertEqual(unpacked_by("tar xzf {}", job.output).keys(),
                                 {"model.pth", "a/" + "n" * 120 + "/sparse.bin", "code/inference.py"})  # fmt: skip
                found = unpacked_by("tar xzf {}", job.output)["a/" + "n" * 120 + "/sparse.bin"]
                self.assertEqual((len(found), found[:5], found[2000000:2000006]), (3000000, b"begin", b"middle"))

    def test_random_trees(self):
        """unpack(package(tree, code)) = tree + code"""
        for seed in range(40):
            chance = random.Random(seed)
            model = random_tree(chance, chance.randint(1, 12))
            code = dict(random_tree(chance, chance.randint(0, 5)), **{"inference.py": HANDLER})
            members = list(model.items())
            chance.shuffle(members)
            archive = tar_gz(members, format=chance.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)))
            if chance.random() < 0.3:
                raw = gzip.decompress(archive)
                cut = chance.randrange(len(raw))
                archive = gzip.compress(raw[:cut]) + gzip.compress(raw[cut:])
            with self.subTest(seed=seed):
                job = self.package(archive, code=code)
                self.assertPackaged(job, model, code)
                job.close()

    def test_the_report(self):
        job = self.package(tar_gz([("model.pth", b"w" * 5000)]))
        report = job.report
        self.assertEqual(report["members"]["list"], ["model.pth", "code/inference.py"])
        self.assertEqual((report["members"]["count"], report["way"]), (2, "spliced"))
        self.assertEqual(report["size_bytes"], os.path.getsize(job.output))
        self.assertEqual(report["verification"]["status"], "skipped")
        import hashlib

        with open(job.output, "rb") as file:
            self.assertEqual(report["sha256"], hashlib.sha256(file.read()).hexdigest())

    def test_another_archive_name(self):
        self.package(tar_gz([("model.pth", b"w")]), name="other.tar.gz")

    @unittest.skipUnless(os.environ.get("BSM_SLOW_TESTS"), "slow: set BSM_SLOW_TESTS=1")
    def test_a_member_over_4_gib(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "model.bin"), "wb") as file:
                file.truncate(5 << 30)
            path = os.path.join(folder, "made.tar.gz")
            subprocess.run("tar cf - -C {0} model.bin | gzip -1 > {1}".format(folder, path), shell=True, check=True)
            os.remove(os.path.join(folder, "model.bin"))
            job = self.package(path)
            listing = subprocess.run(["tar", "tvzf", job.output], stdout=subprocess.PIPE, check=True).stdout.decode()
            self.assertIn(str(5 << 30), listing)


def random_tree(chance, count):
    tree = {}
    for _ in range(count):
        depth = chance.randint(1, 4)
        path = "/".join(
            "".join(chance.choices("abcdé _-.x", k=chance.randint(1, 40))).strip(". ") or "z" for _ in range(depth)
        )
        if path.split("/")[0] == "code" or any(path.startswith(p + "/") or p.startswith(path + "/") for p in tree):
            continue
        size = chance.choice((0, 1, 511, 512, 513, 70000, 200000))
        tree[path] = chance.getrandbits(8 * size).to_bytes(size, "big") if chance.random() < 0.5 else b"s" * size
    return tree or {"only": io.BytesIO(b"one").getvalue()}


if __name__ == "__main__":
    unittest.main()
