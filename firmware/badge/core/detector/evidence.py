"""What the detector weighs: bytes of evidence about an impact, and the posture learned in gait.

Called by detect.py, and bound by the same rules: its docstring says which. `const` folds within
one file only, so the layout of the state stands here again; a test compares the two.
Evidence is a byte each. Angles: 128 + 128 * cosine, 255 at most. Sizes: 8 * log2, so that 8 is a
factor of 2 and the ratio of two is their difference; a floor is added to what is small, because
a stillness below it tells one sensor from another, not one wearer.
"""

from badge.core.detector.posture import cosine, posture
from badge.core.portable import const, micropython, ptr32

S_PEAK_Q = const(2)
S_TILT_COS = const(4)
S_BLOCKS = const(5)
S_ANCHOR = const(6)
S_SEEN = const(7)
S_JUDGED = const(8)
S_UPRIGHTS = const(11)
S_EVIDENCE = const(36)
S_RING = const(128)

B_X = const(0)
B_Y = const(1)
B_Z = const(2)
B_Q_MAX = const(3)
B_Q_OFF = const(4)
B_STEP_MAX = const(5)

# Vectors of three words with a bias of 16384; 1 g is 406 * (blocks / next power of 2).
_UPRIGHT = const(16)
_BEFORE = const(19)
_NOW = const(22)
_ONE = const(25)
_OTHER = const(28)

# Evidence at the decision, then what the confirm stage adds.
E_TILT = const(0)
E_FROM_UPRIGHT = const(1)
E_TILT_SOON = const(2)
E_PEAK = const(3)
E_PEAK_OVER_AFTER = const(4)
E_SHAKEN = const(5)
E_TILT_LATE = const(6)
E_TURN_SPEED = const(7)
E_IMPACT_WIDTH = const(8)
E_TURN = const(9)
E_STILLEST = const(10)
E_BLOW = const(11)
E_PEAK_OVER_BEFORE = const(12)
E_JERK = const(13)
E_MOVED = const(14)
E_STILL_BEFORE = const(15)
E_SWING = const(16)
E_TILT_IMPACT = const(17)
E_TURN_AFTER_IMPACT = const(18)
E_STEADY_BEFORE = const(19)
E_SECOND_PEAK = const(20)
E_DROP = const(21)
E_SETTLED = const(22)
E_SHAKEN_BEFORE = const(23)
E_UP_AGAIN = const(24)
E_TILT_DOWN = const(25)
E_DOWN_FROM_UPRIGHT = const(26)
E_MOVED_DOWN = const(27)
EVIDENCE_OF_IMPACT = const(24)
EVIDENCE = const(28)

_MASK = const(0x3FFFFFFF)
_RING_MASK = const(63)
_BIAS = const(16384)
_BLOCK_BIAS = const(212992)
_MOVE_FLOOR = const(195)  # 30 mg of a block's sum, halved
_OFF_FLOOR = const(256)
_DOWN_BLOCKS = const(44)  # from the decision to the confirm stage: 5.5 s


@micropython.viper
def weigh_impact(state: ptr32) -> int:
    """Set the evidence of the decision about the anchored impact."""
    end = state[S_BLOCKS]
    # Both may be negative just after the block number has wrapped: only their distance counts.
    a = end - ((end - state[S_ANCHOR]) & _MASK)
    start = end - state[S_SEEN]
    first = a - 32
    if first < start:
        first = start
    posture(state, first, a - 8, _BEFORE)
    posture(state, end - 8, end, _NOW)
    if state[S_UPRIGHTS] == 0:
        k = 0
        while k < 3:
            v = state[_BEFORE + k] - _BIAS
            if a - first == 32:
                v += (v >> 2) + (v >> 4)  # 24 blocks are scaled by 3 / 4
            state[_UPRIGHT + k] = v + _BIAS
            k += 1
    tilt = int(cosine(state, _BEFORE, _NOW))
    state[S_TILT_COS] = tilt
    _set(state, E_TILT, tilt >> 3)
    _set(state, E_FROM_UPRIGHT, int(cosine(state, _UPRIGHT, _NOW)) >> 3)
    posture(state, a + 4, a + 8, _ONE)
    _set(state, E_TILT_SOON, int(cosine(state, _BEFORE, _ONE)) >> 3)
    _set(state, E_SETTLED, int(cosine(state, _NOW, _ONE)) >> 3)
    posture(state, a, a + 2, _ONE)
    _set(state, E_TILT_IMPACT, int(cosine(state, _BEFORE, _ONE)) >> 3)
    _set(state, E_TURN_AFTER_IMPACT, int(cosine(state, _NOW, _ONE)) >> 3)
    late = a - 16
    if late < start:
        late = start
    posture(state, late, a - 4, _ONE)
    _set(state, E_TILT_LATE, int(cosine(state, _NOW, _ONE)) >> 3)
    posture(state, a - 12, a - 4, _ONE)
    posture(state, a + 3, a + 11, _OTHER)
    _set(state, E_TURN, int(cosine(state, _ONE, _OTHER)) >> 3)
    half = (first + a - 8) >> 1
    posture(state, first, half, _ONE)
    posture(state, half, a - 8, _OTHER)
    _set(state, E_STEADY_BEFORE, int(cosine(state, _ONE, _OTHER)) >> 3)
    _set(state, E_TURN_SPEED, int(_turn_speed(state, a)) >> 3)
    _weigh_blows(state, a, first)
    if first == start:
        first += 1  # the first block has none before it to have moved from
    _set(state, E_STILL_BEFORE, int(_log(int(_stillest(state, first, a - 6)) - 130)))
    _set(state, E_STILLEST, int(_log(int(_stillest(state, a + 4, end)))))
    _set(state, E_MOVED, int(_log((int(_movement(state, a - 8, a + 8)) >> 4) + _MOVE_FLOOR)))
    _set(state, E_SWING, int(_log((int(_movement(state, end - 8, end)) >> 3) + _MOVE_FLOOR)))
    _set(state, E_DROP, int(_drop(state, a)))
    return 0


@micropython.viper
def weigh_rest(state: ptr32) -> int:
    """Add what the confirm stage knows: whether the wearer is still down."""
    end = state[S_BLOCKS]
    since = (end - state[S_JUDGED]) & _MASK
    if since > _DOWN_BLOCKS:
        since = _DOWN_BLOCKS
    number = end - since
    moved = int(_movement(state, number, end))
    # 1 / 44 is 93 / 4096; movement of a block is below 2 ** 21, so the shift comes first.
    _set(state, E_MOVED_DOWN, int(_log(((moved >> 6) * 93 >> 6) + _MOVE_FLOOR)))
    nearest = 0
    number += 8
    while number <= end:
        posture(state, number - 8, number, _NOW)
        tilt = int(cosine(state, _BEFORE, _NOW))
        if tilt > nearest:
            nearest = tilt
        number += 4
    _set(state, E_UP_AGAIN, nearest >> 3)
    posture(state, end - 8, end, _NOW)
    tilt = int(cosine(state, _BEFORE, _NOW))
    state[S_TILT_COS] = tilt
    _set(state, E_TILT_DOWN, tilt >> 3)
    _set(state, E_DOWN_FROM_UPRIGHT, int(cosine(state, _UPRIGHT, _NOW)) >> 3)
    return 0


@micropython.viper
def _weigh_blows(state: ptr32, a: int, first: int) -> int:
    """Set the evidence that block peaks hold: of the impact, around it, before and after."""
    end = state[S_BLOCKS]
    peak_q = state[S_PEAK_Q]
    before_q = 1
    near_q = 1
    after_q = 1
    width = 0
    jerk = 16
    off_before = 0
    off_at = 0
    off_near = 0
    number = first
    while number < end:
        block = S_RING + ((number & _RING_MASK) << 3)
        q = state[block + B_Q_MAX]
        off = state[block + B_Q_OFF]
        d = number - a
        number += 1
        if d < -4:
            if q > before_q:
                before_q = q
        elif d < 5:
            off_near += off
            if q > peak_q >> 2:
                width += 1
        elif q > after_q:
            after_q = q
        if d >= -8 and d < -1:
            off_before += off
        if d >= -1 and d <= 1:
            off_at += off
        elif d >= -6 and d <= 6 and q > near_q:
            near_q = q
        if d >= -2 and d <= 2 and state[block + B_STEP_MAX] > jerk:
            jerk = state[block + B_STEP_MAX]
    peak = int(_log(peak_q))
    _set(state, E_PEAK, peak)
    _set(state, E_PEAK_OVER_BEFORE, peak - int(_log(before_q)) + 64)
    _set(state, E_PEAK_OVER_AFTER, peak - int(_log(after_q)) + 64)
    _set(state, E_SECOND_PEAK, int(_log(near_q)))
    _set(state, E_IMPACT_WIDTH, width)
    _set(state, E_JERK, int(_log(jerk)))
    _set(state, E_SHAKEN_BEFORE, int(_log((off_before >> 3) + _OFF_FLOOR)))
    _set(state, E_BLOW, int(_log((off_at >> 3) + _OFF_FLOOR)))
    _set(state, E_SHAKEN, int(_log((off_near >> 3) + _OFF_FLOOR)))
    return 0


@micropython.viper
def _turn_speed(state: ptr32, a: int) -> int:
    """Return the smallest cosine between neighbouring half seconds around block `a`."""
    least = 2048
    number = a - 8
    while number <= a + 4:
        posture(state, number - 4, number, _ONE)
        posture(state, number, number + 4, _OTHER)
        turn = int(cosine(state, _ONE, _OTHER))
        if turn < least:
            least = turn
        number += 2
    return least


@micropython.viper
def _drop(state: ptr32, a: int) -> int:
    """Return the log of the largest sum of (1 g - a along upright) in the 1.3 s before `a`."""
    x = state[_UPRIGHT] - _BIAS
    y = state[_UPRIGHT + 1] - _BIAS
    z = state[_UPRIGHT + 2] - _BIAS
    total = 0
    most = 0
    number = a - 10
    while number <= a:
        block = S_RING + ((number & _RING_MASK) << 3)
        dot = x * ((state[block + B_X] - _BLOCK_BIAS) >> 4)
        dot += y * ((state[block + B_Y] - _BLOCK_BIAS) >> 4)
        dot += z * ((state[block + B_Z] - _BLOCK_BIAS) >> 4)
        total += 406 - (dot >> 9) - (dot >> 11)
        if total < 0:
            total = 0
        if total > most:
            most = total
        number += 1
    return int(_log(most + 100))


@micropython.viper
def _stillest(state: ptr32, first: int, end: int) -> int:
    """Return the movement of a block in the stillest half second of [first, end), floored."""
    least = 1 << 24
    while first + 4 <= end:
        movement = int(_movement(state, first, first + 4))
        if movement < least:
            least = movement
        first += 1
    return (least >> 2) + _MOVE_FLOOR


@micropython.viper
def _movement(state: ptr32, number: int, end: int) -> int:
    """Return the sum of the steps between the sums of neighbouring blocks."""
    total = 0
    block = S_RING + (((number - 1) & _RING_MASK) << 3)
    while number < end:
        last = block
        block = S_RING + ((number & _RING_MASK) << 3)
        k = 0
        while k < 3:
            step = state[block + k] - state[last + k]
            if step < 0:
                step = 0 - step
            total += step
            k += 1
        number += 1
    return total


@micropython.viper
def _set(state: ptr32, evidence: int, value: int) -> int:
    """Keep a piece of evidence as a byte."""
    if value < 0:
        value = 0
    if value > 255:
        value = 255
    state[S_EVIDENCE + evidence] = value
    return 0


@micropython.viper
def _log(value: int) -> int:
    """Return 8 * log2 of a value of 1 or more, straight lines between the powers of 2."""
    exponent = 0
    rest = value
    while rest > 1:
        rest = rest >> 1
        exponent += 1
    if exponent >= 3:
        rest = value >> (exponent - 3)
    else:
        rest = value << (3 - exponent)
    return (exponent << 3) + (rest & 7)
