"""Samples of motion in few bytes, and none lost: differences as Rice codes.

The samples go in chunks of CHUNK, the last one shorter. A chunk is, most significant bit first:
for x, y and z five bits with a width k, then the codes of its samples in turn, x before y and z.
A code is of the difference d to the sample before, which of the first is 0: z = 2 d, or -2 d - 1
where d is below 0, as z >> k ones, a zero, and the k low bits of z. Zeros fill it up to a byte.
"""

from array import array

from badge.core.portable import const, micropython, ptr8, ptr16, ptr32

CHUNK = const(32)
# 15 bits, and per number at most k + 2 on average, of which the largest k is 17.
CHUNK_BYTES = const(232)

# x, y and z of the sample before, and how many there are.
_JOB_SAMPLES = const(3)


class Encoder:
    """Encodes chunks in their order; `out` has the bytes of the newest."""

    def __init__(self):
        self.out = bytearray(CHUNK_BYTES)
        self._job = array("i", [0, 0, 0, 0])

    def chunk(self, samples, n):
        """Encode the first `n` samples (array of uint16 bits of 3 * n int16); how many bytes."""
        if not 0 < n <= CHUNK or 3 * n > len(samples):
            raise ValueError("A chunk of motion has 1 to %d samples." % CHUNK)
        self._job[_JOB_SAMPLES] = n
        return _encode(self.out, samples, self._job)


@micropython.viper
def _widths(samples: ptr16, job: ptr32) -> int:
    n = job[_JOB_SAMPLES]
    widths = 0
    axis = 0
    while axis < 3:
        last = ((job[axis] & 0xFFFF) ^ 0x8000) - 0x8000
        total = 0
        i = axis
        while i < 3 * n:
            value = (samples[i] ^ 0x8000) - 0x8000
            total += int(_folded(value - last))
            last = value
            i += 3
        k = 0
        while (n << k) < total:
            k += 1
        widths = (widths << 5) | k
        axis += 1
    return widths


@micropython.viper
def _encode(out: ptr8, samples: ptr16, job: ptr32) -> int:
    end = 3 * job[_JOB_SAMPLES]
    widths = int(_widths(samples, job))
    # The first byte at once: 15 bits more could not be shifted by a width.
    out[0] = (widths >> 7) & 255
    at = 1
    held = widths & 127
    bits = 7
    i = 0
    axis = 0
    while i < end:
        k = (widths >> (10 - 5 * axis)) & 31
        value = (samples[i] ^ 0x8000) - 0x8000
        code = int(_folded(value - (((job[axis] & 0xFFFF) ^ 0x8000) - 0x8000)))
        job[axis] = value & 0xFFFF
        ones = code >> k
        while ones > 0:
            held = (held << 1) | 1
            bits += 1
            ones -= 1
            while bits >= 8:
                bits -= 8
                out[at] = (held >> bits) & 255
                at += 1
            held = held & 0xFF
        # A zero, and the low bits.
        held = (held << (k + 1)) | (code & ((1 << k) - 1))
        bits += k + 1
        while bits >= 8:
            bits -= 8
            out[at] = (held >> bits) & 255
            at += 1
        held = held & 0xFF
        i += 1
        axis += 1
        if axis == 3:
            axis = 0
    if bits:
        out[at] = (held << (8 - bits)) & 255
        at += 1
    return at


@micropython.viper
def _folded(step: int) -> int:
    if step < 0:
        return 0 - 2 * step - 1
    return 2 * step
