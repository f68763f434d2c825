"""The words of the accelerometer's FIFO: which of them are samples, and what they measure.

Nothing here allocates. `job` is an array "i" of JOB_WORDS, all of them never negative, because
viper loads 32-bit words zero-extended on a 64-bit machine.
"""

from badge.core.portable import const, micropython, ptr8, ptr16, ptr32

WORD_BYTES = const(7)
# Words of a job: where to begin, milli-g a count in Q16, and what the words before have left.
J_FIRST = const(0)
J_MG_Q16 = const(1)
J_SLOT = const(2)  # the counter that the next word should have, 0 to 3
J_SAME = const(3)  # how many words in a row were exactly the same
J_ODD = const(4)  # how many in a row had a size that no wearer has for long
J_LAST_X = const(5)
J_LAST_Y = const(6)
J_LAST_Z = const(7)
J_TAG = const(8)  # what the bits of J_MASK are in the tag of a sample
J_MASK = const(9)
J_STEP = const(10)  # a count, in units of the lowest bit
J_TO = const(11)  # which of the badge's axes the chip's x, y and z are, two bits each
J_FLIP = const(12)  # which of the chip's axes point the other way, a bit each
JOB_WORDS = const(13)

# 100 mg, squared: less than that is free fall.
_LEAST_Q = const(10_000)


def reads(job, mg_q16, tag, mask, step):
    """Say in a job how the words of a chip are read."""
    job[J_MG_Q16] = mg_q16
    job[J_TAG] = tag
    job[J_MASK] = mask
    job[J_STEP] = step


def turns(job, axes):
    """Say in a job how the chip lies: for each axis of the badge the chip's, as "x" or "-z"."""
    job[J_TO] = job[J_FLIP] = 0
    for axis, name in enumerate(axes):
        of_chip = "xyz".index(name[-1])
        job[J_TO] |= axis << 2 * of_chip
        if name[0] == "-":
            job[J_FLIP] |= 1 << of_chip


@micropython.viper
def convert(dst: ptr16, words: ptr8, n: int, job: ptr32) -> int:
    """Turn n words into milli-g, rounded to nearest; return how many came before a bad one.

    A word is bad when its tag is not that of acceleration or has not even parity. The tags that
    were looked at are no longer there afterwards.
    """
    mg_q16 = job[J_MG_Q16]
    wanted = job[J_TAG]
    mask = job[J_MASK]
    step = job[J_STEP]
    flip = job[J_FLIP]
    to_x = job[J_TO] & 3
    to_y = (job[J_TO] >> 2) & 3
    to_z = (job[J_TO] >> 4) & 3
    word = job[J_FIRST] * WORD_BYTES
    slot = job[J_SLOT]
    same = job[J_SAME]
    odd = job[J_ODD]
    last_x = job[J_LAST_X]
    last_y = job[J_LAST_Y]
    last_z = job[J_LAST_Z]
    good = 0
    at = 0
    while good < n:
        tag = int(words[word])
        words[word] = 0
        parity = tag ^ (tag >> 4)
        parity ^= parity >> 2
        parity ^= parity >> 1
        if (parity & 1) != 0 or (tag & mask) != wanted:
            n = good
        else:
            slot = ((tag >> 1) + 1) & 3
            raw_x = int(words[word + 1]) | (int(words[word + 2]) << 8)
            raw_y = int(words[word + 3]) | (int(words[word + 4]) << 8)
            raw_z = int(words[word + 5]) | (int(words[word + 6]) << 8)
            same += 1
            if raw_x != last_x or raw_y != last_y or raw_z != last_z:
                same = 0
            last_x = raw_x
            last_y = raw_y
            last_z = raw_z
            # The rails are 0x8000 and the count before it: next to each other, one step on.
            railed = 0
            if (raw_x + step + 0x8000) & 0xFFFF < 2 * step:
                railed = 1
            if (raw_y + step + 0x8000) & 0xFFFF < 2 * step:
                railed = 1
            if (raw_z + step + 0x8000) & 0xFFFF < 2 * step:
                railed = 1
            x = (((raw_x ^ 0x8000) - 0x8000) * mg_q16 + 0x8000) >> 16
            y = (((raw_y ^ 0x8000) - 0x8000) * mg_q16 + 0x8000) >> 16
            z = (((raw_z ^ 0x8000) - 0x8000) * mg_q16 + 0x8000) >> 16
            odd += 1
            if railed == 0 and x * x + y * y + z * z >= _LEAST_Q:
                odd = 0
            if flip & 1 != 0:
                x = 0 - x
            if flip & 2 != 0:
                y = 0 - y
            if flip & 4 != 0:
                z = 0 - z
            dst[at + to_x] = x & 0xFFFF
            dst[at + to_y] = y & 0xFFFF
            dst[at + to_z] = z & 0xFFFF
            at += 3
            word += WORD_BYTES
            good += 1
    job[J_SLOT] = slot
    job[J_SAME] = same
    job[J_ODD] = odd
    job[J_LAST_X] = last_x
    job[J_LAST_Y] = last_y
    job[J_LAST_Z] = last_z
    return good


def heard(words, n, job):
    """Return how many of the first n words have come, whole or not, since they were last read."""
    for i in range(n):
        if words[i * WORD_BYTES] & job[J_MASK] != job[J_TAG]:
            return i
    return n


def forget(words):
    """Take all words for read."""
    for at in range(0, len(words), WORD_BYTES):
        words[at] = 0
