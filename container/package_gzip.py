"""Gzip (RFC 1952) and deflate (RFC 1951), as far as bytes are put together here without being compressed again."""

import zlib

# Method deflate, no flags, no time, no extra flags, unknown system: the same bytes at any time and on any machine.
HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
MAGIC = b"\x1f\x8b\x08"
TRAILER_BYTES = 8
# A stored block has a 16-bit length.
STORED_BYTES = 65535
# Inflated bytes that are in memory at a time.
PIECE_BYTES = 4 << 20

FHCRC, FEXTRA, FNAME, FCOMMENT = 2, 4, 8, 16


class NotGzip(Exception):
    """Why the model archive is no whole gzip stream, in a few words."""


def header_length(data):
    """Length of the gzip header at the start of `data`, None where more bytes are needed.

    Raises NotGzip where this is no gzip header.
    """
    if data[:3] != MAGIC[: len(data)]:
        raise NotGzip("no gzip header")
    if len(data) < 10:
        return None
    flags, at = data[3], 10
    if flags & 0xE0:
        raise NotGzip("reserved gzip flags")
    if flags & FEXTRA:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (FNAME, FCOMMENT):
        if flags & flag:
            end = data.find(b"\0", at)
            if end < 0:
                return None
            at = end + 1
    if flags & FHCRC:
        at += 2
    return at if at <= len(data) else None


def stored_blocks(data):
    """`data` in stored, non-final deflate blocks: they begin and end on byte borders, so that more can follow."""
    for start in range(0, len(data), STORED_BYTES):
        part = data[start : start + STORED_BYTES]
        length = len(part)
        yield b"\x00" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + bytes(part)


def trailer(crc, size):
    return crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


def crc_combine(first, second, second_length):
    """CRC-32 of A+B from those of A and B and the length of B; the algorithm of zlib's crc32_combine."""
    return _multiply(_power(second_length), first) ^ second


def _multiply(a, b):
    """The product of two polynomials over GF(2) modulo the CRC polynomial; bits in CRC-32's reflected order."""
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = (b >> 1) ^ 0xEDB88320 if b & 1 else b >> 1
    return product


def _power(length):
    """x to the power of eight times `length`, modulo the CRC polynomial."""
    result, square = 1 << 31, 1 << 23
    while length:
        if length & 1:
            result = _multiply(square, result)
        square = _multiply(square, square)
        length >>= 1
    return result


def inflate(inflater, chunk):
    """The inflated bytes of a chunk in pieces: one megabyte of zeros is a gigabyte otherwise."""
    while chunk:
        yield inflater.decompress(chunk, PIECE_BYTES)
        chunk = inflater.unconsumed_tail


def inflate_members(chunks):
    """The inflated bytes of all gzip members in a stream of chunks; zeros after the last one are padding.

    Raises NotGzip where the stream is no gzip or ends early, zlib.error where it is corrupt.
    """
    inflater, started = zlib.decompressobj(31), False
    for chunk in chunks:
        while chunk:
            if inflater.eof:
                if not chunk.strip(b"\0"):
                    break
                inflater = zlib.decompressobj(31)
            started = True
            yield from inflate(inflater, chunk)
            chunk = inflater.unused_data
    if not inflater.eof or not started:
        raise NotGzip("truncated gzip stream")
