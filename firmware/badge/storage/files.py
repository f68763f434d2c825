"""Small files replaced as a whole: after a cut of power there is the old one or the new one."""

import os

_FOLDER = 0x4000
_NOT_FOUND = 2


def replace(path, data):
    """Write `data` beside `path` and rename it there; littlefs does both or neither."""
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.rename(path + ".new", path)


def read(path):
    """The bytes of a file, or None when there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        if error.errno == _NOT_FOUND:
            return None
        raise


def remove(path):
    """Remove a file if it is there."""
    try:
        os.remove(path)
    except OSError as error:
        if error.errno != _NOT_FOUND:
            raise


def names(folder):
    """What a folder holds; nothing when it is not there."""
    try:
        return os.listdir(folder)
    except OSError as error:
        if error.errno == _NOT_FOUND:
            return []
        raise


def is_folder(path):
    """True for a folder."""
    try:
        return os.stat(path)[0] & _FOLDER != 0
    except OSError:
        return False


def room(path):
    """(bytes of a block, blocks in all, blocks free) of the file system that holds `path`."""
    disk = os.statvfs(path)
    block, blocks, free = disk[0], disk[2], disk[3]
    # littlefs counts some blocks twice when it is nearly full, and MicroPython subtracts what is
    # used from all without a sign: more than there are is none.
    return block, blocks, free if free <= blocks else 0


def remove_folder(path):
    """Remove a folder with the files in it; harmless when it is not there."""
    if is_folder(path):
        for name in names(path):
            os.remove(path + "/" + name)
        os.rmdir(path)
