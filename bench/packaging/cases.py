"""Model archives to measure with, made as teams make them: files, then `tar` with gzip at its usual level."""

import os
import random
import sys
import tarfile

MB = 1000 * 1000


def make(name, folder, scale):
    """Makes the archive of one case in `folder`; returns its path. `scale` 1 is the full size."""
    tree = os.path.join(folder, "tree")
    os.makedirs(tree)
    CASES[name](tree, scale)
    path = os.path.join(folder, "model.tar.gz")
    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        archive.add(tree, arcname=".")
    return path


def weights(kind, megabytes):
    def write(tree, scale):
        import torch

        torch.manual_seed(1)
        count = int(megabytes * MB * scale) // (4 if kind == torch.float32 else 2)
        parts = [torch.randn(count // 10).to(kind) * 0.02 for _ in range(10)]
        torch.save({"layer{}".format(index): part for index, part in enumerate(parts)}, os.path.join(tree, "model.pth"))

    return write


def float32(tree, scale):
    import torch

    weights(torch.float32, 600)(tree, scale)


def bfloat16(tree, scale):
    import torch

    weights(torch.bfloat16, 600)(tree, scale)


def compressible(tree, scale):
    line = b"".join(b"token %06d 0.000\n" % number for number in range(2000))
    with open(os.path.join(tree, "vocabulary.txt"), "wb") as file:
        for _ in range(int(300 * MB * scale) // len(line)):
            file.write(line)


def small_files(tree, scale):
    chance = random.Random(1)
    for number in range(int(20000 * scale)):
        folder = os.path.join(tree, "part{:03d}".format(number // 100))
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "{:05d}.json".format(number)), "wb") as file:
            file.write(b'{"weights": "%s"}' % chance.getrandbits(8 * 2000).to_bytes(2000, "big").hex().encode())


def small_model(tree, _scale):
    with open(os.path.join(tree, "model.pth"), "wb") as file:
        file.write(random.Random(1).getrandbits(8 * MB).to_bytes(MB, "big"))


CASES = {
    "float32": float32,
    "bfloat16": bfloat16,
    "compressible": compressible,
    "small files": small_files,
    "1 MB": small_model,
}

if __name__ == "__main__":
    make(sys.argv[1], sys.argv[2], float(sys.argv[3]))
