"""Links of an archive: what they lead to, and which are packaged as the file itself. Serving does not follow links."""

import posixpath

from package_common import Refused, quoted
from package_header import FOLDER, HARD_LINK, REGULAR, SYMLINK

HELP = "pack the files themselves: tar czhf model.tar.gz -C folder . (and --hard-dereference for hard links)"


def is_code(path):
    return path == b"code" or path.startswith(b"code/")


def replacements(kinds, links):
    """(link, file) pairs of paths: each link outside of `code/` and the file that it stands for.

    `kinds` has path -> kind in the order of the archive, `links` (path, kind, link, files before it).
    """
    symlinks = {path: link for path, kind, link in links if kind == SYMLINK}
    for path, kind, link in links:
        start = posixpath.dirname(path) if kind == SYMLINK else b""
        if resolve(start, link, symlinks) is None:
            raise refusal(path, link, "which leads out of it")
    order = {path: number for number, path in enumerate(kinds)}
    folders = {path for path, kind in kinds.items() if kind == FOLDER}
    for path in kinds:
        while b"/" in path:
            path = posixpath.dirname(path)
            if path in folders:
                break
            folders.add(path)
    pairs, targets = [], {}
    for path, kind, link in links:
        if is_code(path):
            continue
        target = walk(posixpath.dirname(path) if kind == SYMLINK else b"", link, folders)
        check_target(path, link, target, (kinds, order, folders))
        if kinds[target] in (HARD_LINK, SYMLINK):
            if kind == HARD_LINK and kinds[target] == SYMLINK:
                raise refusal(path, link, "which is a link itself")
            target = targets[target]
        targets[path] = target
        pairs.append((path, target))
    return pairs


def check_target(path, link, target, tree):
    kinds, order, folders = tree
    if target == path:
        raise refusal(path, link, "which is the link itself")
    if target is not None and is_code(target):
        sentence = "The model archive holds {}, a link into code/, which is replaced; {}"
        raise Refused(sentence.format(quoted(path), HELP))
    if target in folders or target == b"":
        raise refusal(path, link, "which is a folder")
    if target not in kinds:
        raise refusal(path, link, "which is not in it")
    if order[target] > order[path]:
        raise refusal(path, link, "which comes after it")
    if kinds[target] not in REGULAR + (HARD_LINK, SYMLINK):
        raise refusal(path, link, "which is no file")


def refusal(path, link, why):
    sentence = "The model archive holds {}, a link to {}, {}; {}"
    return Refused(sentence.format(quoted(path), quoted(link), why, HELP))


def walk(start, link, folders):
    """The path that a link names, each part on the way a folder of the archive; None where one is not."""
    done = start.split(b"/") if start else []
    parts = link.split(b"/")
    for number, part in enumerate(parts):
        if part == b"..":
            done.pop()
        elif part not in (b"", b"."):
            done.append(part)
        if number < len(parts) - 1 and done and b"/".join(done) not in folders:
            return None
    # A slash or a dot at the end asks for a folder.
    return b"/".join(done) if parts[-1] not in (b"", b".") or b"/".join(done) in folders else None


def resolve(start, link, symlinks):
    """Where a link leads, through all other links; None where that is outside of the tree."""
    if link.startswith(b"/") or not link:
        return None
    todo = (start + b"/" + link).split(b"/")
    done, hops = [], 0
    while todo:
        part = todo.pop(0)
        if part == b"..":
            if not done:
                return None
            done.pop()
        elif part not in (b"", b"."):
            done.append(part)
            onward = symlinks.get(b"/".join(done))
            if onward is not None:
                hops += 1
                if hops > 40 or onward.startswith(b"/"):
                    return None
                done.pop()
                todo = onward.split(b"/") + todo
    return b"/".join(done)


def refuse_files_with_entries(kinds):
    """Refuses a file that other entries lie below."""
    seen = set()
    for path in kinds:
        parent = path.rpartition(b"/")[0]
        while parent and parent not in seen:
            if kinds.get(parent, FOLDER) != FOLDER:
                raise Refused("The model archive holds {} as a file and as a folder".format(quoted(parent)))
            seen.add(parent)
            parent = parent.rpartition(b"/")[0]
