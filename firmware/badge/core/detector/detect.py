"""The fall detector: it proposes on impacts, judges the evidence and waits for rest (design D2).

The same source runs as MicroPython bytecode, native and viper code, under CPython and under
numba, and all five leave the same bits in `state`. What keeps it so (a test checks it):
- viper loads `ptr16` and, on 64-bit, `ptr32` zero-extended: every word of `state` and `params`
  is non-negative, signed values are stored with a bias;
- samples are halved on the way in, so that no sum of squares or product of norms reaches 2**30
  and a 32-bit VM needs no big integer; shifts take the place of division;
- an index that is a constant of 256 and more makes mpy-cross write machine code for the ESP32-S3
  that is wrong: such a word is reached through a variable;
- `const` folds within one file only, and a viper function takes at most four arguments, so the
  kernels of detect, evidence and posture share one layout of `state` and pass all through it.
"""

from badge.core.detector.evidence import weigh_impact, weigh_rest
from badge.core.detector.posture import learn_upright
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
# summed over the axes, points have a bias of POINTS_BIAS.
P_IMPACT_Q = const(0)
P_DECIDE_BLOCKS = const(1)
P_CONFIRM_BLOCKS = const(2)
P_FALL_POINTS = const(3)
P_DOWN_POINTS = const(4)
P_FALL_TREES = const(5)  # how many of the trees judge the impact
P_DOWN_TREES = const(6)  # how many that follow judge whether the wearer stayed down
P_TREES = const(8)
TREE_WORDS = const(4)
POINTS_BIAS = const(1048576)

# Words of `state`; those before S_FRAME and the frame itself say why the detector decided so.
S_CLOCK = const(0)  # samples since reset, modulo 2 ** 30
S_PHASE = const(1)
S_PEAK_Q = const(2)  # largest q of the anchor block
S_ANCHOR_CLOCK = const(3)  # S_CLOCK at the end of the anchor block
S_TILT_COS = const(4)  # cosine between the posture before and now, Q10, bias 1024
S_BLOCKS = const(5)  # blocks since reset, modulo 2 ** 30
S_ANCHOR = const(6)  # number of the anchor block
S_SEEN = const(7)  # blocks in the ring, 64 at most
S_JUDGED = const(8)  # S_BLOCKS when the open fall was judged
S_POINTS = const(9)  # of the last verdict on an impact
S_DOWN_POINTS = const(10)  # of the last verdict on the wearer being down
S_UPRIGHTS = const(11)  # stretches of walking that the upright posture was learned from, to 7
S_FALL_ANCHOR = const(12)  # of the fall that is open, or was last
S_FALL_CLOCK = const(13)
S_FALL_PEAK_Q = const(14)
S_FALL_POINTS = const(15)
S_FRAME = const(16)  # upright, before, now and two scratch postures; then the evidence
S_BEFORE = const(19)
S_EVIDENCE = const(36)
_S_FALL_FRAME = const(64)  # the frame of the open fall while other impacts are judged
_S_FILL = const(112)
_S_LAST_X = const(113)
_S_LAST_Y = const(114)
_S_LAST_Z = const(115)
_S_WAITING = const(116)  # an impact is anchored and not yet judged
_S_OPEN_FALL = const(117)  # a fall is judged and not yet settled
_S_FIRST_ANCHOR = const(118)  # of the impact that opened it
_S_LATER_FALL = const(119)  # an impact that came too late to take its place waits for its end
_S_OPEN = const(120)  # the block being filled, as in the ring
S_RING = const(128)  # 64 blocks of 8 words
_S_LATER = const(640)  # of the later fall: as S_FALL_ANCHOR to S_FALL_POINTS, then S_JUDGED
_S_LATER_FRAME = const(648)
STATE_WORDS = const(696)

# Words of a block.
B_X = const(0)  # sums of halved milli-g, bias _BLOCK_BIAS
B_Y = const(1)
B_Z = const(2)
B_Q_MAX = const(3)
B_Q_OFF = const(4)  # sum of |q - 1 g|, each at most 4 g, / 16
B_STEP_MAX = const(5)  # largest step between samples, summed over the axes

_MASK = const(0x3FFFFFFF)
_RING_MASK = const(63)
_BIAS = const(16384)
_BLOCK_BIAS = const(212992)  # 13 samples of _BIAS
_ONE_G_Q = const(250000)
_MOST_OFF_Q = const(1048576)
_FIRST_ANCHOR = const(12)  # blocks before the first anchor: half a second of posture
_FRAME_WORDS = const(48)
# A likelier impact within 3 s takes the place of an open fall, so that the verdict comes at most
# 3 s and the confirm time after the first impact that was judged a fall.
LIKELIER_BLOCKS = const(24)
_POSTURE_WORDS = const(15)


def reset(state):
    """Make `state` (STATE_WORDS of int32) that of a badge which has just been switched on."""
    for i in range(STATE_WORDS):
        state[i] = 0
    state[S_TILT_COS] = 2048
    for i in range(_POSTURE_WORDS):
        state[S_FRAME + i] = _BIAS
        state[_S_FALL_FRAME + i] = _BIAS
    for i in range(3):
        state[_S_LAST_X + i] = _BIAS
        state[_S_OPEN + B_X + i] = _BLOCK_BIAS


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
    sum_x = state[_S_OPEN + B_X] - _BLOCK_BIAS
    sum_y = state[_S_OPEN + B_Y] - _BLOCK_BIAS
    sum_z = state[_S_OPEN + B_Z] - _BLOCK_BIAS
    q_max = state[_S_OPEN + B_Q_MAX]
    q_off = state[_S_OPEN + B_Q_OFF]
    step_max = state[_S_OPEN + B_STEP_MAX]
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
            if y > last_y:
                step += y - last_y
            else:
                step += last_y - y
            if z > last_z:
                step += z - last_z
            else:
                step += last_z - z
            if step > step_max:
                step_max = step
            last_x = x
            last_y = y
            last_z = z
            q = x * x + y * y + z * z
            if q > q_max:
                q_max = q
            q -= _ONE_G_Q
            if q < 0:
                q = 0 - q
            if q > _MOST_OFF_Q:
                q = _MOST_OFF_Q
            q_off += q >> 4
        if fill == BLOCK_SAMPLES:
            block = S_RING + ((state[S_BLOCKS] & _RING_MASK) << 3)
            state[block + B_X] = sum_x + _BLOCK_BIAS
            state[block + B_Y] = sum_y + _BLOCK_BIAS
            state[block + B_Z] = sum_z + _BLOCK_BIAS
            state[block + B_Q_MAX] = q_max
            state[block + B_Q_OFF] = q_off
            state[block + B_STEP_MAX] = step_max
            fill = 0
            sum_x = 0
            sum_y = 0
            sum_z = 0
            q_max = 0
            q_off = 0
            step_max = 0
            clock = clock & _MASK
            state[S_CLOCK] = clock
            events |= int(_end_block(state, params))
    state[S_CLOCK] = clock & _MASK
    state[_S_FILL] = fill
    state[_S_LAST_X] = last_x + _BIAS
    state[_S_LAST_Y] = last_y + _BIAS
    state[_S_LAST_Z] = last_z + _BIAS
    state[_S_OPEN + B_X] = sum_x + _BLOCK_BIAS
    state[_S_OPEN + B_Y] = sum_y + _BLOCK_BIAS
    state[_S_OPEN + B_Z] = sum_z + _BLOCK_BIAS
    state[_S_OPEN + B_Q_MAX] = q_max
    state[_S_OPEN + B_Q_OFF] = q_off
    state[_S_OPEN + B_STEP_MAX] = step_max
    return events


@micropython.viper
def _end_block(state: ptr32, params: ptr32) -> int:
    """Propose, judge and confirm on the block that was just completed; return EV_ bits."""
    number = state[S_BLOCKS]
    state[S_BLOCKS] = (number + 1) & _MASK
    if state[S_SEEN] < 64:
        state[S_SEEN] = state[S_SEEN] + 1
    if ((number + 1) & 31) == 0 and state[S_SEEN] >= 32:
        learn_upright(state)
    events = 0
    floor = params[P_IMPACT_Q]
    if state[_S_WAITING]:
        floor = state[S_PEAK_Q] + 1
    q = state[S_RING + ((number & _RING_MASK) << 3) + B_Q_MAX]
    # Without the posture before it an impact says nothing about a change of posture.
    if q >= floor and state[S_SEEN] > _FIRST_ANCHOR:
        state[_S_WAITING] = 1
        state[S_ANCHOR] = number
        state[S_ANCHOR_CLOCK] = state[S_CLOCK]
        state[S_PEAK_Q] = q
        events = EV_IMPACT
    open_for = (number - state[S_FALL_ANCHOR]) & _MASK
    if state[_S_OPEN_FALL] and open_for >= params[P_CONFIRM_BLOCKS]:
        events |= int(_settle(state, params))
    elif state[_S_LATER_FALL] and state[_S_OPEN_FALL] == 0:
        events |= int(_open_later(state))
    elif state[_S_WAITING]:
        if ((number - state[S_ANCHOR]) & _MASK) >= params[P_DECIDE_BLOCKS]:
            events |= int(_judge(state, params))
    if state[_S_OPEN_FALL] or state[_S_LATER_FALL]:
        state[S_PHASE] = PHASE_CONFIRM
    elif state[_S_WAITING]:
        state[S_PHASE] = PHASE_WAIT
    else:
        state[S_PHASE] = PHASE_IDLE
    return events


@micropython.viper
def _judge(state: ptr32, params: ptr32) -> int:
    """Say whether the anchored impact was a fall, and go on to the next one; return EV_ bits."""
    weigh_impact(state)
    total = POINTS_BIAS + int(_points(state, params, P_TREES, params[P_FALL_TREES]))
    state[S_POINTS] = total
    events = EV_REJECTED
    if total >= params[P_FALL_POINTS]:
        since = (state[S_ANCHOR] - state[_S_FIRST_ANCHOR]) & _MASK
        if state[_S_OPEN_FALL] == 0:
            events = EV_FALL
            state[_S_OPEN_FALL] = 1
            state[_S_FIRST_ANCHOR] = state[S_ANCHOR]
            state[S_JUDGED] = state[S_BLOCKS]
            _keep(state, S_FALL_ANCHOR, _S_FALL_FRAME)
        elif since > LIKELIER_BLOCKS:
            # Should the wearer have been up again before it, this was a fall of its own.
            later = _S_LATER
            if state[_S_LATER_FALL] == 0 or total > state[later + 3]:
                events = 0
                state[_S_LATER_FALL] = 1
                state[later + 4] = state[S_BLOCKS]
                _keep(state, _S_LATER, _S_LATER_FRAME)
        elif total > state[S_FALL_POINTS]:
            # A stumble, then the fall.
            events = 0
            state[S_JUDGED] = state[S_BLOCKS]
            _keep(state, S_FALL_ANCHOR, _S_FALL_FRAME)
    _next_anchor(state, params)
    return events


@micropython.viper
def _keep(state: ptr32, words: int, frame: int) -> int:
    """Keep the impact that was just judged, and its frame, while others are judged."""
    state[words] = state[S_ANCHOR]
    state[words + 1] = state[S_ANCHOR_CLOCK]
    state[words + 2] = state[S_PEAK_Q]
    state[words + 3] = state[S_POINTS]
    k = 0
    while k < _FRAME_WORDS:
        state[frame + k] = state[S_FRAME + k]
        k += 1
    return 0


@micropython.viper
def _open_later(state: ptr32) -> int:
    """Open the fall that waited for the verdict on the one before it; return EV_FALL."""
    later = _S_LATER
    k = 0
    while k < 4:
        state[S_FALL_ANCHOR + k] = state[later + k]
        k += 1
    k = 0
    while k < _FRAME_WORDS:
        state[S_FRAME + k] = state[_S_LATER_FRAME + k]
        state[_S_FALL_FRAME + k] = state[_S_LATER_FRAME + k]
        k += 1
    state[S_POINTS] = state[later + 3]
    state[S_JUDGED] = state[later + 4]
    state[_S_FIRST_ANCHOR] = state[later]
    state[_S_OPEN_FALL] = 1
    state[_S_LATER_FALL] = 0
    return EV_FALL


@micropython.viper
def _settle(state: ptr32, params: ptr32) -> int:
    """Say whether the wearer stayed down since the fall was judged; return EV_ bits."""
    # An upright posture learned meanwhile is better than the guess that stands in its place.
    k = 0
    if state[S_UPRIGHTS]:
        k = 3
    while k < _FRAME_WORDS:
        state[S_FRAME + k] = state[_S_FALL_FRAME + k]
        k += 1
    weigh_rest(state)
    word = P_TREES + TREE_WORDS * params[P_FALL_TREES]
    total = POINTS_BIAS + int(_points(state, params, word, params[P_DOWN_TREES]))
    state[S_DOWN_POINTS] = total
    state[_S_OPEN_FALL] = 0
    if total >= params[P_DOWN_POINTS]:
        state[_S_LATER_FALL] = 0
        return EV_CONFIRMED
    return EV_RECOVERED


@micropython.viper
def _points(state: ptr32, params: ptr32, word: int, count: int) -> int:
    """Return the sum of `count` trees from `word` on; detector_params says how they are packed."""
    total = 0
    while count > 0:
        low = params[word]
        high = params[word + 1]
        k = 0
        if state[S_EVIDENCE + (low & 63)] > ((low >> 6) & 255):
            k = 1
        if state[S_EVIDENCE + ((low >> 14) & 63)] > ((low >> 20) & 255):
            k += 2
        if state[S_EVIDENCE + (high & 63)] > ((high >> 6) & 255):
            k += 4
        if k < 2:
            leaf = high >> (14 + (k << 3))
        elif k < 5:
            leaf = params[word + 2] >> ((k - 2) << 3)
        else:
            leaf = params[word + 3] >> ((k - 5) << 3)
        total += (leaf & 255) - 128
        word += 4
        count -= 1
    return total


@micropython.viper
def _next_anchor(state: ptr32, params: ptr32) -> int:
    """Anchor at the largest later impact that has not been judged yet, if there is one."""
    last = (state[S_BLOCKS] - 1) & _MASK
    k = (last - state[S_ANCHOR]) & _MASK
    # The posture before the next anchor has to be in the ring still.
    if k > params[P_DECIDE_BLOCKS] + 1:
        k = params[P_DECIDE_BLOCKS] + 1
    found = -1
    largest = params[P_IMPACT_Q] - 1
    k -= 1
    while k >= 0:
        q = state[S_RING + (((last - k) & _RING_MASK) << 3) + B_Q_MAX]
        if q > largest:
            largest = q
            found = k
        k -= 1
    state[_S_WAITING] = 0
    if found >= 0:
        state[_S_WAITING] = 1
        state[S_ANCHOR] = (last - found) & _MASK
        state[S_ANCHOR_CLOCK] = (state[S_CLOCK] - found * BLOCK_SAMPLES) & _MASK
        state[S_PEAK_Q] = largest
    return 0
