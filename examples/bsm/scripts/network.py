"""The network: a mean of embedded words beside the numbers, one hidden layer, one score."""

from itertools import accumulate

import torch
from torch import nn

from features import BUCKETS, NUMBER_NAMES, scaled_numbers, token_ids


class MessageScorer(nn.Module):
    def __init__(self, dimensions=12, hidden=16):
        super().__init__()
        self.words = nn.EmbeddingBag(BUCKETS, dimensions, mode="mean")
        self.layers = nn.Sequential(
            nn.Linear(dimensions + len(NUMBER_NAMES), hidden), nn.ReLU(), nn.Linear(hidden, 1)
        )

    def forward(self, tokens, offsets, numbers):
        """tokens: (total,) int64; offsets: (rows,) int64; numbers: (rows, 2) float32. Scores: (rows,), 0 to 1."""
        joined = torch.cat([self.words(tokens, offsets), numbers], dim=1)
        return torch.sigmoid(self.layers(joined)).squeeze(1)


def tensors(rows):
    """Rows (dictionaries by input name) as the three inputs of the network."""
    bags = [token_ids(row["dialogue"]) for row in rows]
    ends = list(accumulate(len(bag) for bag in bags))
    return (
        torch.tensor([token for bag in bags for token in bag], dtype=torch.int64),
        torch.tensor([0] + ends[:-1], dtype=torch.int64),
        torch.tensor([scaled_numbers(row) for row in rows], dtype=torch.float32),
    )
