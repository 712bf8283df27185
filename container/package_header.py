"""One tar header, read strictly: only what GNU tar, Python's tarfile, busybox and bsdtar read in the same way.

Where readers differ, the header is refused: two sources of one name, a prefix that only some look at, a number with a
sign or an underscore, a body where a kind has none. `canonical` writes a header that none can misread.
"""

import re
import tarfile
import zlib

from package_common import Refused, quoted

BLOCK = 512
ZERO_BLOCK = bytes(BLOCK)
LONG_NAME, LONG_LINK, PAX, PAX_GLOBAL = b"L", b"K", b"x", b"g"
META = (LONG_NAME, LONG_LINK, PAX, PAX_GLOBAL)
FILE, OLD_FILE, HARD_LINK, SYMLINK, FOLDER, LABEL, SPARSE = b"0", b"\0", b"1", b"2", b"5", b"V", b"S"
REGULAR = (FILE, OLD_FILE, b"7", SPARSE)

USTAR = (b"ustar\x0000", b"ustar\0\0\0", b"ustar\0  ")
USUAL_MAGICS = (USTAR[0], b"ustar  \0")
MAGICS = USTAR + USUAL_MAGICS + (bytes(8),)
# Mode, owner, group, size, time and checksum as nearly all programs write them; anything else takes the long way.
USUAL = re.compile(rb"(?:[0-7]{7}[\0 ]|[0-7]{6} \0){3}(?:[0-7]{11}[\0 ]){2}[0-7]{6}(?:\0 | \0)", re.DOTALL).fullmatch
# The whole header of a file or folder as nearly all programs write it, in one look: all but the name has its width.
PLAIN = re.compile(
    rb"([^\0]{1,100})\0*(?:[0-7]{7}[\0 ]|[0-7]{6} \0){3}([0-7]{11})[\0 ][0-7]{11}[\0 ]([0-7]{6})(?:\0 | \0)([05])"
    rb"\0{100}ustar(?:\x0000|  \0).{64}(?:\0{16}|(?:0{7}[\0 ]|0{6} \0){2})\0{167}",
    re.DOTALL,
).fullmatch
# A path of ordinary parts, with `./` before it or a slash behind it.
SIMPLE_PATH = re.compile(rb"(?:\./)?(?![A-Za-z]:|\\)((?:[^/.][^/]*/)*[^/.][^/]*)/?", re.DOTALL).fullmatch
# What bsdtar drops from the start of a name, so that `C:code/inference.py` is a second handler.
WINDOWS_START = re.compile(rb"[A-Za-z]:|\\").match
# A number needs an end: busybox reads on into the next field otherwise.
OCTAL = re.compile(rb" *([0-7]+)[ \0]+|\0+", re.DOTALL).fullmatch
# More than seven or eleven digits hold: bsdtar and busybox give up the end of the field.
OCTAL_UNENDED = re.compile(rb"[0-7]{8}|[0-7]{12}").fullmatch
UNENDED = ("owner", "group", "size", "time")
NO_PREFIX, NO_DEVICE = bytes(BLOCK - 345), bytes(16)
MAX_SIZE = 1 << 62
# Sizes from here on do not fit eleven octal digits.
PAX_SIZE_FROM = 8**11
MAX_PATH_BYTES, MAX_PART_BYTES, MAX_DEPTH = 1024, 255, 256

RECORD = re.compile(rb"([1-9][0-9]{0,6}) ([^=\n\0]+)=").match
TIME = re.compile(rb"-?[0-9]{1,11}(?:\.[0-9]{0,30})?").fullmatch
# A block with the record of one time: nothing that this packager takes from a PAX header.
ONE_TIME = re.compile(rb"([1-9][0-9]?)( mtime=-?[0-9]{1,11}(?:\.[0-9]{0,30})?\n)\0*", re.DOTALL).fullmatch
DIGITS = re.compile(rb"0|[1-9][0-9]{0,18}").fullmatch
TIMES = (b"mtime", b"atime", b"ctime")
NAMES = (b"path", b"linkpath", b"GNU.sparse.name")
SPARSE_KEYS = {b"GNU.sparse.major", b"GNU.sparse.minor", b"GNU.sparse.name", b"GNU.sparse.realsize"}
KEYS = set(TIMES + NAMES + (b"size", b"uid", b"gid", b"uname", b"gname", b"comment")) | SPARSE_KEYS
GLOBAL_KEYS = set(TIMES + (b"comment", b"GNU.volume.label"))
# What no reader takes a name, a kind or a size from.
HARMLESS = re.compile(
    rb"SCHILY\.(?:dev|ino|nlink|fflags|acl\..+|xattr\..+)|LIBARCHIVE\..+|RHT\.security\..+"
    rb"|(?!GNU\.|SCHILY\.|SUN\.)[A-Z][A-Za-z0-9_-]*\..+",
    re.DOTALL,
).fullmatch


def no_tar(why):
    return Refused("The model archive is no tar, or a corrupt one: {}".format(why))


def holds(name, what, *details):
    """A refusal that names the entry: 'The model archive holds "x", ...'."""
    return Refused("The model archive holds {}, {}".format(quoted(name), what.format(*details)))


def read_header(block):
    """(kind, name, link, size) of a header block, each as the block alone tells it."""
    plain = PLAIN(block)
    if plain:
        name, size, stored, kind = plain.groups()
        check_sum(block, int(stored, 8))
        return kind, name, b"", int(size, 8)
    numbers = block[100:156]
    if USUAL(numbers):
        check_sum(block, int(numbers[48:54], 8))
        size = int(numbers[24:35], 8)
    else:
        size = unusual_numbers(block)
    if block[329:345] != NO_DEVICE:
        for field in (block[329:337], block[337:345]):
            if not OCTAL(field):
                raise holds(name_field(block[:100]), "whose device number is {}; expected octal digits", quoted(field))
    kind, name = block[156:157], name_field(block[:100])
    if block[257:265] not in MAGICS:
        raise holds(name, "whose format is {}; expected ustar, GNU or PAX", quoted(block[257:265]))
    if block[345:] != NO_PREFIX and kind != SPARSE:
        name = with_prefix(block, kind, name)
    link = block[157:257]
    return kind, name, name_field(link) if link[0] else b"", size


def with_prefix(block, kind, name):
    """Only a ustar header has a prefix; the same bytes elsewhere are one for some readers and none for others."""
    if block[257:265] not in USTAR or kind in (LONG_NAME, LONG_LINK) or block[500:] != bytes(12):
        raise holds(name, "whose header has bytes where only a ustar header has a prefix; pack it with --format=posix")
    prefix = name_field(block[345:500])
    return prefix + b"/" + name if prefix else name


def name_field(field):
    name = field.rstrip(b"\0")
    if b"\0" in name:
        raise holds(name, "a name with a zero byte in it")
    return name


def unusual_numbers(block):
    """Checks the numbers of a header one by one; returns the size."""
    check_sum(block, octal(block, 148, 156, "checksum"))
    octal(block, 100, 108, "mode")
    for start, what in ((108, "owner"), (116, "group")):
        if any_number(block, start, start + 8, what) >= 1 << 32:
            raise holds(name_field(block[:100]), "whose {} is out of range", what)
    time = any_number(block, 136, 148, "time")
    if not -(1 << 31) <= time < 1 << 36:
        raise holds(name_field(block[:100]), "whose time is out of range")
    return any_number(block, 124, 136, "size")


def octal(block, start, end, what):
    found = OCTAL(block[start:end])
    if not found:
        name, field = block[:100].rstrip(b"\0"), block[start:end]
        if what == "checksum":
            raise no_tar("a header's checksum is wrong")
        raise holds(name, "whose {} is {}; expected an octal number", what, quoted(field.rstrip(b"\0")))
    return int(found[1] or b"0", 8)


def any_number(block, start, end, what):
    """Octal, or GNU's base-256 for large numbers; only a time may be negative."""
    first = block[start]
    if first == 0x80 or (first == 0xFF and what == "time"):
        value = int.from_bytes(block[start + 1 : end], "big") - ((first == 0xFF) << 8 * (end - start - 1))
        if value >= MAX_SIZE:
            raise holds(block[:100].rstrip(b"\0"), "whose {} is out of range", what)
        return value
    if what in UNENDED and OCTAL_UNENDED(block[start:end]):
        return int(block[start:end], 8)
    return octal(block, start, end, what)


def check_sum(block, stored):
    """The low half of Adler-32 is one more than the sum of the bytes, modulo 65521: quicker than adding them here."""
    if (stored - 255 + sum(block[148:156])) % 65521 != zlib.adler32(block) & 0xFFFF or stored > 1 << 17:
        raise no_tar("a header's checksum is wrong")


def mode_and_time(block):
    """Of a header that was read already."""
    return octal(block, 100, 108, "mode") & 0o7777, max(0, any_number(block, 136, 148, "time"))


def long_name(data, size):
    """The body of a GNU long name: Python reads it to the end of its blocks, others to its size."""
    name = data.rstrip(b"\0")
    if not name or b"\0" in name or len(name) > size:
        raise holds(name, "a long name that is empty, has a zero byte in it or goes beyond its end")
    return name


def pax_records(data, size, keys=KEYS):
    """`length key=value\\n` records of a PAX header; keys and values as bytes."""
    records, at = {}, 0
    if data[size:].strip(b"\0"):
        raise no_tar("a PAX header goes beyond its end")
    while at < size:
        found = RECORD(data, at)
        end = at + int(found[1]) if found else 0
        if not found or end > size or end <= found.end() or data[end - 1 : end] != b"\n":
            raise no_tar("a PAX header cannot be read")
        key, value = found[2], data[found.end() : end - 1]
        if key in records:
            raise Refused("The model archive holds a PAX header with two records {}; expected one".format(quoted(key)))
        check_record(key, value, keys)
        records[key] = value
        at = end
    if b" hdrcharset=" in data:
        raise Refused("The model archive holds a PAX header with a character set of its own; expected UTF-8")
    return records


def holds_one_time(data, at, read):
    """Whether the body of a PAX header at `at` is a block with one time, as tarfile writes one before every file."""
    kind, size = read
    found = ONE_TIME(data, at, at + BLOCK) if kind == PAX and at + BLOCK <= len(data) else None
    return bool(found) and int(found[1]) == size == found.end(2) - at


def check_record(key, value, keys):
    if key not in keys and not (keys is KEYS and HARMLESS(key)):
        if keys is GLOBAL_KEYS:
            sentence = "The model archive holds a PAX header that sets {} of every entry; expected comments and times"
        else:
            sentence = "The model archive holds a PAX header with the record {}, which readers take differently"
        raise Refused(sentence.format(quoted(key)))
    if key in TIMES:
        good = TIME(value)
    elif key in (b"uid", b"gid"):
        good = DIGITS(value) and int(value) < 1 << 32
    elif key in (b"size", b"GNU.sparse.realsize"):
        good = DIGITS(value) and int(value) < MAX_SIZE
    elif key in NAMES:
        good = value and b"\0" not in value and is_utf8(value)
    else:
        good = key not in (b"uname", b"gname") or (b"\0" not in value and is_utf8(value))
    if not good:
        raise Refused("The model archive holds a PAX header with {} = {}".format(quoted(key), quoted(value)))


def is_utf8(value):
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def body_size(name, size, meta):
    """The size of the body by header and PAX header, which must agree; large ones do not fit an old header."""
    told = meta.get(b"size")
    if told is None:
        return size
    told = int(told)
    if told == size or (told >= PAX_SIZE_FROM and size in (0, PAX_SIZE_FROM - 1)):
        return told
    raise holds(name, "whose size is {} in its header and {} in its PAX header; expected one", size, told)


def clean_path(name):
    """The path without `./`, doubled and final slashes, and whether no reader has to clean more than `./` before it and
    a slash behind it; refused where it leads out or cannot be a path.
    """
    if len(name) <= MAX_PART_BYTES:
        simple = SIMPLE_PATH(name)
        if simple:
            return simple[1], True
    parts = name.split(b"/")
    if not name or name.startswith(b"/") or b".." in parts:
        raise holds(name, "which leads out of it")
    if len(name) > MAX_PATH_BYTES or len(parts) > MAX_DEPTH or max(map(len, parts)) > MAX_PART_BYTES:
        sentence = "a path of {} bytes; expected at most {}, and {} for each of at most {} parts"
        raise holds(name, sentence, len(name), MAX_PATH_BYTES, MAX_PART_BYTES, MAX_DEPTH)
    clean = [part for part in parts if part not in (b"", b".")]
    if clean and WINDOWS_START(clean[0]):
        raise holds(name, "whose start some readers drop as a drive or a root of Windows; rename it")
    start, end = parts[0] == b".", len(parts) - (parts[-1] == b"")
    return b"/".join(clean) or b".", parts[start:end] == clean


def canonical(path, kind, size, header):
    """A new header for what cannot stay as it is, with mode and time of `header`. GNU's format: all readers know it."""
    member = tarfile.TarInfo(path.decode("utf-8", "surrogateescape"))
    member.type, member.size = kind, size
    member.mode, member.mtime = mode_and_time(header)
    return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def padded(size):
    return (size + BLOCK - 1) // BLOCK * BLOCK
