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
JOB_WORDS = const(8)

# Tag sensor 2 is the accelerometer, not compressed (AN5272, FIFO_DATA_OUT_TAG).
_ACCELEROMETER = const(2)
# 100 mg, squared: less than that is free fall.
_LEAST_Q = const(10_000)


@micropython.viper
def convert(dst: ptr16, words: ptr8, n: int, job: ptr32) -> int:
    """Turn n words into milli-g, rounded to nearest; return how many came before a bad one.

    A word is bad when it is not acceleration or its tag has not even parity. The tags that were
    looked at are no longer there afterwards.
    """
    mg_q16 = job[J_MG_Q16]
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
        if (parity & 1) != 0 or (tag >> 3) != _ACCELEROMETER:
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
            # The rails are 0x7FFF and 0x8000: next to each other, one step on.
            railed = 0
            if ((raw_x + 1) & 0xFFFF) >> 1 == 0x4000:
                railed = 1
            if ((raw_y + 1) & 0xFFFF) >> 1 == 0x4000:
                railed = 1
            if ((raw_z + 1) & 0xFFFF) >> 1 == 0x4000:
                railed = 1
            x = (((raw_x ^ 0x8000) - 0x8000) * mg_q16 + 0x8000) >> 16
            y = (((raw_y ^ 0x8000) - 0x8000) * mg_q16 + 0x8000) >> 16
            z = (((raw_z ^ 0x8000) - 0x8000) * mg_q16 + 0x8000) >> 16
            odd += 1
            if railed == 0 and x * x + y * y + z * z >= _LEAST_Q:
                odd = 0
            dst[at] = x & 0xFFFF
            dst[at + 1] = y & 0xFFFF
            dst[at + 2] = z & 0xFFFF
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


def heard(words, n):
    """Return how many of the first n words have come, whole or not, since they were last read."""
    for i in range(n):
        if words[i * WORD_BYTES] >> 3 != _ACCELEROMETER:
            return i
    return n


def forget(words):
    """Take all words for read."""
    for at in range(0, len(words), WORD_BYTES):
        words[at] = 0
