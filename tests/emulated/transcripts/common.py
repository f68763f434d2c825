"""What the transcripts share; runs on every MicroPython and prints nothing by itself."""

from binascii import crc32
from os import listdir


class Draw:
    """Numbers that are the same everywhere, from 31-bit arithmetic only."""

    def __init__(self, seed):
        self._state = seed % 65536 + 1

    def below(self, limit):
        """Return a number from 0 to limit - 1; limit is at most 65536."""
        self._state = self._state * 75 % 65537
        return (self._state - 1) % limit


def checksum(words):
    """Return the CRC-32 of an array as 8 hex digits."""
    return "%08x" % crc32(words)


def turns(few, many):
    """Return `many` when the file "long" is there: the emulated machine takes minutes for them."""
    return many if "long" in listdir() else few


def begin():
    print("BEGIN")


def end():
    print("END")
