"""The inner loops of the accelerometer model: interpolate the world, pack it into FIFO words."""

from badge.core.portable import micropython, ptr8, ptr16, ptr32


@micropython.viper
def interpolate(out: ptr16, trace: ptr16, cursor: ptr32, n: int):
    """Write n samples of 3 axes; cursor is [index, fraction Q16, step Q16, last index]."""
    index = int(cursor[0])
    fraction = int(cursor[1])
    step = int(cursor[2])
    last = int(cursor[3])
    i = 0
    while i < n:
        if index >= last:
            index = last
            fraction = 0
        here = index * 3
        there = here
        if fraction > 0:
            there = here + 3
        axis = 0
        while axis < 3:
            a = (int(trace[here + axis]) ^ 0x8000) - 0x8000
            b = (int(trace[there + axis]) ^ 0x8000) - 0x8000
            out[i * 3 + axis] = a + (((b - a) * fraction + 0x8000) >> 16)
            axis += 1
        fraction += step
        index += fraction >> 16
        fraction &= 0xFFFF
        i += 1


@micropython.viper
def pack(out: ptr8, samples: ptr16, scale: ptr32, n: int):
    """Write n accelerometer words of 7 bytes, each sample with noise.

    scale is [counts a mg Q24, tag counter, noise in counts Q14, state of the generator] and the
    table of sim/models/noise.py.
    """
    counts_per_mg = int(scale[0])
    slot = int(scale[1])
    noise = int(scale[2])
    state = int(scale[3])
    i = 0
    while i < n:
        # Sensor 2 in bits 7:3, counter in 2:1, even parity over the byte in bit 0.
        counter = slot & 3
        tag = 0x10 | (counter << 1)
        tag |= 1 ^ (counter & 1) ^ (counter >> 1)
        word = i * 7
        out[word] = tag
        axis = 0
        while axis < 3:
            mg = (int(samples[i * 3 + axis]) ^ 0x8000) - 0x8000
            raw = mg * counts_per_mg + 0x800000
            if noise > 0:
                state = (state * 48269 + 12345) & 0x7FFFFFFF
                raw += (int(scale[4 + (state >> 23)]) - 4096) * noise
            raw = raw >> 24
            if raw > 32767:  # noqa: PLR1730  viper has no min()
                raw = 32767
            if raw < -32768:  # noqa: PLR1730
                raw = -32768
            out[word + 1 + axis * 2] = raw & 0xFF
            out[word + 2 + axis * 2] = (raw >> 8) & 0xFF
            axis += 1
        slot += 1
        i += 1
    scale[3] = state


@micropython.viper
def to_frames(out: ptr8, n: int):
    """Make n words of pack() frames of a BMA423: its header, and 12 bits at the top of 16."""
    i = 0
    while i < n:
        word = i * 7
        out[word] = 0x84
        axis = 0
        while axis < 3:
            at = word + 1 + axis * 2
            raw = int(out[at]) | (int(out[at + 1]) << 8)
            raw = (raw ^ 0x8000) - 0x8000
            if raw > 2047:  # noqa: PLR1730  viper has no min()
                raw = 2047
            if raw < -2048:  # noqa: PLR1730
                raw = -2048
            out[at] = (raw << 4) & 0xFF
            out[at + 1] = (raw >> 4) & 0xFF
            axis += 1
        i += 1
