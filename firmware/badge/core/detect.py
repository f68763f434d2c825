"""The fall detector: proposer, judge and confirm stage as integer kernels (design D1, D2).

The same source runs as MicroPython bytecode, native and viper code, under CPython and under
numba, and all five leave the same bits in `state`. What keeps it so (a test checks it):
- viper loads `ptr16` and, on 64-bit, `ptr32` zero-extended: every word of `state` and `params`
  is non-negative, signed values are stored with a bias;
- samples are halved on the way in, so that no sum of squares or product of norms reaches 2**30
  and a 32-bit VM needs no big integer; shifts take the place of division;
- `const` folds within one file only, and a viper function takes at most four arguments, so the
  kernels share this file and pass everything through `state`.
"""

from badge.core.portable import const, micropython, ptr16, ptr32

EV_IMPACT = const(1)
EV_FALL = const(2)
EV_CONFIRMED = const(4)
EV_RECOVERED = const(8)
EV_REJECTED = const(16)

PHASE_IDLE = const(0)
PHASE_WAIT = const(1)
PHASE_CONFIRM = const(2)

BLOCK_SAMPLES = const(13)
RATE_HZ = const(104)

# Words of `params`, made by detector_params.build(). Lengths are blocks, "q" is (mg / 2) ** 2
# summed over the axes, steps are half milli-g, cosines are Q10 with a bias of 1024.
P_IMPACT_Q = const(0)
P_DECIDE_BLOCKS = const(1)
P_CONFIRM_BLOCKS = const(2)
P_TILT_COS = const(3)
P_STILL_STEPS = const(4)
P_HARD_Q = const(5)
P_HARD_TILT_COS = const(6)
P_DOWN_TILT_COS = const(7)
P_DOWN_BLOCK_STEPS = const(8)
PARAM_WORDS = const(9)

# Words of `state`.
S_CLOCK = const(0)  # samples since reset, modulo 2 ** 30
S_PHASE = const(1)
S_PEAK_Q = const(2)  # largest q of the anchor block
S_ANCHOR_CLOCK = const(3)  # S_CLOCK at the end of the anchor block
S_TILT_COS = const(4)  # cosine between the posture before and now, Q10, bias 1024
S_REST_STEPS = const(5)  # sum of sample-to-sample steps of the last second, half milli-g
S_QUIET_BLOCKS = const(6)  # quiet blocks since the fall was judged
S_BLOCKS = const(7)  # blocks since reset, modulo 2 ** 30
S_ANCHOR = const(8)  # number of the anchor block
S_BEFORE_X = const(9)  # posture before the anchor, 305 a g, bias 16384
S_BEFORE_Y = const(10)
S_BEFORE_Z = const(11)
_S_FILL = const(12)
_S_LAST_X = const(13)
_S_LAST_Y = const(14)
_S_LAST_Z = const(15)
_S_OPEN = const(16)  # the block being filled, as in the ring
_S_RING = const(24)
STATE_WORDS = const(536)  # _S_RING + 64 blocks of 8 words

# Words of a block; its stride of 8 leaves room for what a verifier wants to add up.
_B_X = const(0)  # sums of halved milli-g, bias _BLOCK_BIAS
_B_Y = const(1)
_B_Z = const(2)
_B_STEPS = const(3)
_B_Q_MAX = const(4)

_MASK = const(0x3FFFFFFF)
_RING_MASK = const(63)
_BIAS = const(16384)
_ONE = const(1024)
_BLOCK_BIAS = const(212992)  # 13 samples of _BIAS
_BEFORE_FIRST = const(32)  # posture before: [-4, -1] s from the anchor
_BEFORE_LAST = const(8)
_BEFORE_LEAST = const(12)  # blocks before the first anchor: half a second of posture
_NOW_BLOCKS = const(8)  # posture now: the last second


def reset(state):
    """Make `state` (STATE_WORDS of int32) that of a badge which has just been switched on."""
    for i in range(STATE_WORDS):
        state[i] = 0
    state[S_TILT_COS] = 2 * _ONE
    for i in range(3):
        state[S_BEFORE_X + i] = _BIAS
        state[_S_LAST_X + i] = _BIAS
        state[_S_OPEN + _B_X + i] = _BLOCK_BIAS


@micropython.viper
def step_block(state: ptr32, samples: ptr16, n: int, params: ptr32) -> int:
    """Take `n` x 3 int16 milli-g (as uint16 bits) and return the EV_ bits that they caused.

    Unchecked: `samples` must hold 3 * n words. How a stream is cut into calls does not matter.
    """
    events = 0
    i = 0
    clock = state[S_CLOCK]
    fill = state[_S_FILL]
    last_x = state[_S_LAST_X] - _BIAS
    last_y = state[_S_LAST_Y] - _BIAS
    last_z = state[_S_LAST_Z] - _BIAS
    sum_x = state[_S_OPEN + _B_X] - _BLOCK_BIAS
    sum_y = state[_S_OPEN + _B_Y] - _BLOCK_BIAS
    sum_z = state[_S_OPEN + _B_Z] - _BLOCK_BIAS
    steps = state[_S_OPEN + _B_STEPS]
    q_max = state[_S_OPEN + _B_Q_MAX]
    while n > 0:
        take = BLOCK_SAMPLES - fill
        if take > n:
            take = n
        n -= take
        fill += take
        clock += take
        stop = i + 3 * take
        while i < stop:
            x = ((samples[i] ^ 0x8000) >> 1) - _BIAS
            y = ((samples[i + 1] ^ 0x8000) >> 1) - _BIAS
            z = ((samples[i + 2] ^ 0x8000) >> 1) - _BIAS
            i += 3
            sum_x += x
            sum_y += y
            sum_z += z
            step = x - last_x
            if step < 0:
                step = 0 - step
            steps += step
            step = y - last_y
            if step < 0:
                step = 0 - step
            steps += step
            step = z - last_z
            if step < 0:
                step = 0 - step
            steps += step
            last_x = x
            last_y = y
            last_z = z
            q = x * x + y * y + z * z
            if q > q_max:
                q_max = q
        if fill == BLOCK_SAMPLES:
            block = _S_RING + ((state[S_BLOCKS] & _RING_MASK) << 3)
            state[block + _B_X] = sum_x + _BLOCK_BIAS
            state[block + _B_Y] = sum_y + _BLOCK_BIAS
            state[block + _B_Z] = sum_z + _BLOCK_BIAS
            state[block + _B_STEPS] = steps
            state[block + _B_Q_MAX] = q_max
            fill = 0
            sum_x = 0
            sum_y = 0
            sum_z = 0
            steps = 0
            q_max = 0
            clock = clock & _MASK
            state[S_CLOCK] = clock
            events |= int(_end_block(state, params))
    state[S_CLOCK] = clock & _MASK
    state[_S_FILL] = fill
    state[_S_LAST_X] = last_x + _BIAS
    state[_S_LAST_Y] = last_y + _BIAS
    state[_S_LAST_Z] = last_z + _BIAS
    state[_S_OPEN + _B_X] = sum_x + _BLOCK_BIAS
    state[_S_OPEN + _B_Y] = sum_y + _BLOCK_BIAS
    state[_S_OPEN + _B_Z] = sum_z + _BLOCK_BIAS
    state[_S_OPEN + _B_STEPS] = steps
    state[_S_OPEN + _B_Q_MAX] = q_max
    return events


@micropython.viper
def _end_block(state: ptr32, params: ptr32) -> int:
    """Propose, judge and confirm on the block that was just completed; return EV_ bits."""
    number = state[S_BLOCKS]
    state[S_BLOCKS] = (number + 1) & _MASK
    block = _S_RING + ((number & _RING_MASK) << 3)
    phase = state[S_PHASE]
    age = (number - state[S_ANCHOR]) & _MASK
    q = state[block + _B_Q_MAX]

    if phase == PHASE_CONFIRM:
        if state[block + _B_STEPS] <= params[P_DOWN_BLOCK_STEPS]:
            state[S_QUIET_BLOCKS] = state[S_QUIET_BLOCKS] + 1
        if age < params[P_CONFIRM_BLOCKS]:
            return 0
        _measure_posture(state)
        down = int(_still_down(state, params))
        _next_anchor(state, params)
        if down:
            return EV_CONFIRMED
        return EV_RECOVERED

    floor = params[P_IMPACT_Q]
    if phase == PHASE_WAIT:
        floor = state[S_PEAK_Q] + 1
    # Without the posture before it an impact says nothing about a change of posture.
    if q >= floor and number >= _BEFORE_LEAST:
        state[S_PHASE] = PHASE_WAIT
        state[S_ANCHOR] = number
        state[S_ANCHOR_CLOCK] = state[S_CLOCK]
        state[S_PEAK_Q] = q
        return EV_IMPACT
    if phase == PHASE_IDLE or age < params[P_DECIDE_BLOCKS]:
        return 0

    _remember_posture_before(state)
    _measure_posture(state)
    if int(_judge(state, params)):
        state[S_PHASE] = PHASE_CONFIRM
        state[S_QUIET_BLOCKS] = 0
        return EV_FALL
    _next_anchor(state, params)
    return EV_REJECTED


@micropython.viper
def _judge(state: ptr32, params: ptr32) -> int:
    """Say from the evidence in `state` whether the anchored impact was a fall (0 or 1)."""
    if state[S_REST_STEPS] > params[P_STILL_STEPS]:
        return 0
    cosine = state[S_TILT_COS]
    if cosine <= params[P_TILT_COS]:
        return 1
    if state[S_PEAK_Q] >= params[P_HARD_Q] and cosine <= params[P_HARD_TILT_COS]:
        return 1
    return 0


@micropython.viper
def _still_down(state: ptr32, params: ptr32) -> int:
    """Say whether the wearer stayed down since the fall was judged (0 or 1)."""
    waited = params[P_CONFIRM_BLOCKS] - params[P_DECIDE_BLOCKS]
    # Half of the blocks, not all: a hurt person moves (reference: all costs 2-9 points).
    if 2 * state[S_QUIET_BLOCKS] < waited:
        return 0
    if state[S_TILT_COS] > params[P_DOWN_TILT_COS]:
        return 0
    return 1


@micropython.viper
def _next_anchor(state: ptr32, params: ptr32) -> int:
    """Anchor at the largest later impact that has not been judged yet, or go idle."""
    last = (state[S_BLOCKS] - 1) & _MASK
    k = (last - state[S_ANCHOR]) & _MASK
    if k > params[P_DECIDE_BLOCKS]:
        k = params[P_DECIDE_BLOCKS]
    found = -1
    largest = params[P_IMPACT_Q] - 1
    k -= 1
    while k >= 0:
        q = state[_S_RING + (((last - k) & _RING_MASK) << 3) + _B_Q_MAX]
        if q > largest:
            largest = q
            found = k
        k -= 1
    if found < 0:
        state[S_PHASE] = PHASE_IDLE
        return 0
    state[S_PHASE] = PHASE_WAIT
    state[S_ANCHOR] = (last - found) & _MASK
    state[S_ANCHOR_CLOCK] = (state[S_CLOCK] - found * BLOCK_SAMPLES) & _MASK
    state[S_PEAK_Q] = largest
    return 1


@micropython.viper
def _remember_posture_before(state: ptr32) -> int:
    """Keep the acceleration of [-4, -1] s from the anchor for both later decisions."""
    x = 0
    y = 0
    z = 0
    number = state[S_ANCHOR] - _BEFORE_FIRST
    # Soon after a reset there are fewer blocks: a shorter vector of the same direction.
    if number < 0:
        number = 0
    end = state[S_ANCHOR] - _BEFORE_LAST
    while number < end:
        block = _S_RING + ((number & _RING_MASK) << 3)
        x += state[block + _B_X] - _BLOCK_BIAS
        y += state[block + _B_Y] - _BLOCK_BIAS
        z += state[block + _B_Z] - _BLOCK_BIAS
        number += 1
    state[S_BEFORE_X] = (x >> 9) + _BIAS
    state[S_BEFORE_Y] = (y >> 9) + _BIAS
    state[S_BEFORE_Z] = (z >> 9) + _BIAS
    return 0


@micropython.viper
def _measure_posture(state: ptr32) -> int:
    """Set S_REST_STEPS and S_TILT_COS from the last second and the posture before."""
    x = 0
    y = 0
    z = 0
    steps = 0
    end = state[S_BLOCKS]
    number = end - _NOW_BLOCKS
    while number < end:
        block = _S_RING + ((number & _RING_MASK) << 3)
        x += state[block + _B_X] - _BLOCK_BIAS
        y += state[block + _B_Y] - _BLOCK_BIAS
        z += state[block + _B_Z] - _BLOCK_BIAS
        steps += state[block + _B_STEPS]
        number += 1
    state[S_REST_STEPS] = steps
    x = x >> 7
    y = y >> 7
    z = z >> 7
    before_x = state[S_BEFORE_X] - _BIAS
    before_y = state[S_BEFORE_Y] - _BIAS
    before_z = state[S_BEFORE_Z] - _BIAS
    now = int(_root(x * x + y * y + z * z))
    before = int(_root(before_x * before_x + before_y * before_y + before_z * before_z))
    dot = x * before_x + y * before_y + z * before_z
    negative = 0
    if dot < 0:
        negative = 1
        dot = 0 - dot
    # |dot| * 1024 / norms by long division: norms stay below 2 ** 29, so the remainder
    # can be doubled. No acceleration at all (free fall, dead sensor) counts as no tilt.
    norms = now * before
    if dot > norms:
        dot = norms
    cosine = 0
    k = 0
    while k < 10:
        dot = dot << 1
        cosine = cosine << 1
        if dot >= norms:
            dot -= norms
            cosine += 1
        k += 1
    if negative:
        cosine = 0 - cosine
    state[S_TILT_COS] = cosine + _ONE
    return 0


@micropython.viper
def _root(square: int) -> int:
    """Return the integer square root of a value below 2 ** 30."""
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
