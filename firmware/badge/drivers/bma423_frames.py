"""The frames of the BMA423's FIFO: those of acceleration closed up, the others taken out."""

from badge.core.portable import micropython, ptr8, ptr32


@micropython.viper
def close_up(data: ptr8, n: int, skipped: ptr32) -> int:
    """Make words of 7 bytes of `n` bytes read; return how many, and how many samples it skipped.

    A frame of acceleration is such a word. One that the end cuts off is left out, since the chip
    gives it again. A header that nobody knows stays in its word: it is bad, and will be counted.
    Nothing is allocated.
    """
    at = 0
    words = 0
    lost = 0
    while at < n:
        header = int(data[at])
        size = 7
        # Skipped samples; another configuration; dropped: two bytes each. The time: four.
        if header == 0x40 or header == 0x48 or header == 0x50:  # noqa: PLR1714  no tuples in viper
            size = 2
        if header == 0x44:
            size = 4
        # There was no more.
        if header == 0x80:
            size = n + 7
        if at + size <= n:
            if size == 7:
                to = words * 7
                if to != at:
                    i = 0
                    while i < 7:
                        data[to + i] = data[at + i]
                        i += 1
                words += 1
            if header == 0x40:
                lost += int(data[at + 1])
        at += size
    skipped[0] = lost
    # What was moved must not be heard twice.
    at = words * 7
    while at < n:
        data[at] = 0
        at += 7
    return words
