"""Trains the example: does a buyer's message try to abuse the return process? Writes model.tar.gz beside this file.

    pip install torch==2.13.0 numpy
    python train.py

The messages are made up from phrases, so the model knows phrases and nothing of the world; it is here to be packaged,
not to be believed. Everything is seeded, one thread computes and the archive has no dates: the same PyTorch on the same
kind of processor gives the same bytes.
"""

import gzip
import io
import json
import pathlib
import random
import sys
import tarfile

import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "scripts"))

from network import MessageScorer, tensors  # noqa: E402  (the path comes first)

HONEST = [
    "where is my parcel", "the size does not fit me", "can i change the delivery address", "thank you it arrived today",
    "the colour is different from the picture", "how do i use this", "one part is missing in the box",
    "please send me the invoice", "it stopped working after a week", "when will it be back in stock",
]  # fmt: skip
ABUSIVE = [
    "refund me now or i leave a bad review", "i never got it and i want my money back again", "keep it and refund me",
    "i sent back an empty box", "send a new one or i report you", "i say it is broken so give me the money",
    "five stars only if you refund half", "i return it after the party", "my bank will take the money back anyway",
    "i always get refunds without returning",
]  # fmt: skip
FILLERS = ["hello", "hi there", "please", "again", "today", "as i said", "thanks", "listen", "really", "my order"]

HYPERPARAMETERS = {"dimensions": 12, "hidden": 16}
EPOCHS = 60


def make_message(chance):
    """One labelled message: (row, 1.0 for abuse). Some labels are wrong, as they are in life."""
    abusive = chance.random() < 0.4
    parts = [chance.choice(FILLERS), chance.choice(ABUSIVE if abusive else HONEST), chance.choice(FILLERS)]
    if chance.random() < 0.3:
        parts.append(chance.choice(HONEST))
    row = {
        "dialogue": " ".join(parts),
        "order_value": round(max(3.0, chance.gauss(95 if abusive else 45, 40)), 2),
        "days_since_order": max(0, int(chance.gauss(16 if abusive else 7, 7))),
    }
    label = abusive if chance.random() > 0.03 else not abusive
    return row, float(label)


def train(rows, labels):
    torch.manual_seed(7)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # how threads share a sum decides how it is rounded
    model = MessageScorer(**HYPERPARAMETERS)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-5)
    inputs, targets = tensors(rows), torch.tensor(labels)
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy(model(*inputs), targets).backward()
        optimizer.step()
    return model.eval()


def area_under_curve(scores, labels):
    """The chance that an abusive message scores higher than an honest one."""
    positive = [score for score, label in zip(scores, labels) if label]
    negative = [score for score, label in zip(scores, labels) if not label]
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


def write_archive(path, model):
    weights = io.BytesIO()
    torch.save(model.state_dict(), weights)
    files = {"hyperparameters.json": json.dumps(HYPERPARAMETERS).encode(), "model.pth": weights.getvalue()}
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name in sorted(files):
                member = tarfile.TarInfo(name)
                member.size = len(files[name])
                archive.addfile(member, io.BytesIO(files[name]))


def main():
    chance = random.Random(7)
    examples = [make_message(chance) for _ in range(3000)]
    rows, labels = [row for row, _ in examples], [label for _, label in examples]
    model = train(rows[:2400], labels[:2400])
    with torch.no_grad():
        scores = model(*tensors(rows[2400:])).tolist()
    write_archive(HERE / "model.tar.gz", model)
    print("held-out AUC {:.3f} on {} messages".format(area_under_curve(scores, labels[2400:]), len(scores)))
    print("model.tar.gz {:,} bytes".format((HERE / "model.tar.gz").stat().st_size))


if __name__ == "__main__":
    main()
