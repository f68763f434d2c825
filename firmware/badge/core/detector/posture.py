"""Postures as vectors in the detector's state, and the upright one, learned from walking.

Bound by the rules in the docstring of detect.py; its layout of the state stands here again.
"""

from badge.core.portable import const, micropython, ptr32

S_BLOCKS = const(5)
S_UPRIGHTS = const(11)
S_RING = const(128)

B_X = const(0)
B_Y = const(1)
B_Z = const(2)
B_Q_MAX = const(3)

_UPRIGHT = const(16)
_ONE = const(25)

_RING_MASK = const(63)
_BIAS = const(16384)
_BLOCK_BIAS = const(212992)
_STEP_Q = const(313600)  # a step of gait: 1.12 g
_GAIT_Q = const(1690000)  # harder than walking: 2.6 g


@micropython.viper
def learn_upright(state: ptr32) -> int:
    """Move the upright posture towards that of the last 4 s, if these were walking."""
    end = state[S_BLOCKS]
    steps = 0
    dead = 0
    number = end - 32
    while number < end:
        q = state[S_RING + ((number & _RING_MASK) << 3) + B_Q_MAX]
        if q > _GAIT_Q:
            return 0
        if dead:
            dead -= 1
        elif q > _STEP_Q:
            steps += 1
            dead = 2
        number += 1
    if steps < 5 or steps > 13:
        return 0
    posture(state, end - 32, end, _ONE)
    size = int(length(state, _ONE))
    # 0.95-1.08 g on average: neither thrown about nor a sensor that is off.
    if size < 386 or size > 438:
        return 0
    known = state[S_UPRIGHTS]
    share = 0
    if known >= 1:
        share = 1
    if known >= 3:
        share = 2
    if known >= 7:
        share = 3
    k = 0
    while k < 3:
        v = state[_ONE + k]
        if known:
            v = state[_UPRIGHT + k] + ((v - state[_UPRIGHT + k]) >> share)
        state[_UPRIGHT + k] = v
        k += 1
    if known < 7:
        state[S_UPRIGHTS] = known + 1
    return 1


@micropython.viper
def posture(state: ptr32, number: int, end: int, to: int) -> int:
    """Set the vector `to` to the mean of [number, end), scaled down to the next power of 2."""
    x = 0
    y = 0
    z = 0
    count = end - number
    shift = 4
    while count > 1:
        count = (count + 1) >> 1
        shift += 1
    while number < end:
        block = S_RING + ((number & _RING_MASK) << 3)
        x += state[block + B_X] - _BLOCK_BIAS
        y += state[block + B_Y] - _BLOCK_BIAS
        z += state[block + B_Z] - _BLOCK_BIAS
        number += 1
    state[to] = (x >> shift) + _BIAS
    state[to + 1] = (y >> shift) + _BIAS
    state[to + 2] = (z >> shift) + _BIAS
    return 0


@micropython.viper
def cosine(state: ptr32, one: int, other: int) -> int:
    """Return 1024 + 1024 * the cosine between two vectors of the state; 2047 if one is nothing."""
    dot = 0
    k = 0
    while k < 3:
        dot += (state[one + k] - _BIAS) * (state[other + k] - _BIAS)
        k += 1
    negative = 0
    if dot < 0:
        negative = 1
        dot = 0 - dot
    # |dot| * 1024 / norms by long division: norms stay below 2 ** 29, so the remainder can be
    # doubled. No acceleration at all (free fall, dead sensor) counts as no tilt.
    norms = int(length(state, one)) * int(length(state, other))
    if dot > norms:
        dot = norms
    share = 0
    k = 0
    while k < 10:
        dot = dot << 1
        share = share << 1
        if dot >= norms:
            dot -= norms
            share += 1
        k += 1
    if negative:
        return 1024 - share
    return 1024 + share


@micropython.viper
def length(state: ptr32, vector: int) -> int:
    """Return the length of a vector of the state, rounded down."""
    square = 0
    k = 0
    while k < 3:
        v = state[vector + k] - _BIAS
        square += v * v
        k += 1
    root = 0
    bit = 1 << 28
    while bit:
        if square >= root + bit:
            square -= root + bit
            root = (root >> 1) + bit
        else:
            root = root >> 1
        bit = bit >> 2
    return root
