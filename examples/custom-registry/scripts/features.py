"""Features of a buyer-seller message: what training and serving must compute in the very same way."""

import re
import zlib

NUMBER_NAMES = ("order_value", "days_since_order")
# Order of the model's inputs in a CSV row; the configuration lists the same.
INPUT_NAMES = ("dialogue",) + NUMBER_NAMES

BUCKETS = 2048
# Means and deviations of the training data, so that numbers and text weigh alike.
NUMBER_SCALES = {"order_value": (60.0, 50.0), "days_since_order": (10.0, 9.0)}

WORD = re.compile(r"[a-z']+")


def token_ids(dialogue):
    """Hashed words and pairs of words; at least one, so that an empty message has a mean."""
    words = WORD.findall(dialogue.lower())
    pairs = [first + " " + second for first, second in zip(words, words[1:])]
    # CRC-32 is the same in every Python and on every machine; hash() is not.
    return [zlib.crc32(text.encode()) % BUCKETS for text in words + pairs] or [0]


def scaled_numbers(row):
    """The numbers of one row, a dictionary by input name, on a common scale."""
    return [(float(row[name]) - mean) / deviation for name, (mean, deviation) in NUMBER_SCALES.items()]
