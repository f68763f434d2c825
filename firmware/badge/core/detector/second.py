"""One second of wearing, summed up from the blocks that the fall detector keeps anyway."""

from badge.core.detector import detect
from badge.core.detector.params import degrees_of
from badge.core.portable import const

BLOCKS = const(8)
_RING_MASK = const(63)
_BLOCK_BIAS = const(212992)
_SAMPLES = const(104)
_LEAST = const(350)
_MOST = const(650)
# What the blocks keep of a departure from 1 g is a sixteenth of it, in counts where 1 g is 250000:
# near 1 g 500 of them are 1 mg. 104 samples * 500 / 16.
_Q_OFF_PER_MG = const(3250)


class Second:
    """The newest whole second: posture and movement."""

    def __init__(self):
        # The mean posture, in counts of 2 mg.
        self.x = self.y = self.z = 0
        # The largest change between neighbouring eighths of the second, summed over the axes.
        # Breathing and turning show in it; the noise of the chip and a motor's hum hardly do.
        self.moved_mg = 0
        # The same change, from the second before to this one.
        self.turned_mg = 0
        # How far the magnitude was from 1 g on average: walking 100 to 400, running 600 to 1000.
        self.effort_mg = 0
        # The highest squared magnitude of a block.
        self.peak_q = 0

    def read(self, state):
        """Take the last eight blocks of the detector's `state`."""
        end = state[detect.S_BLOCKS]
        x = y = z = most = peak_q = off = 0
        is_first = state[detect.S_SEEN] <= BLOCKS
        last = None if is_first else _place(end - BLOCKS - 1)
        for number in range(end - BLOCKS, end):
            block = _place(number)
            x += state[block] - _BLOCK_BIAS
            y += state[block + 1] - _BLOCK_BIAS
            z += state[block + 2] - _BLOCK_BIAS
            if last is not None:
                step = abs(state[block] - state[last])
                step += abs(state[block + 1] - state[last + 1])
                step += abs(state[block + 2] - state[last + 2])
                most = max(most, step)
            last = block
            peak_q = max(peak_q, state[block + 3])
            off += state[block + 4]
        x //= _SAMPLES
        y //= _SAMPLES
        z //= _SAMPLES
        turned = abs(x - self.x) + abs(y - self.y) + abs(z - self.z)
        self.turned_mg = 0 if is_first else 2 * turned
        self.x = x
        self.y = y
        self.z = z
        self.moved_mg = most * 2 // detect.BLOCK_SAMPLES
        self.effort_mg = off // _Q_OFF_PER_MG
        self.peak_q = peak_q

    def is_posture(self):
        """True when the mean is near 1 g, so that it points to where down is."""
        return _LEAST < length(self.x, self.y, self.z) < _MOST


def angle_deg(ax, ay, az, bx, by, bz):
    """Return the angle between two vectors of at most 2 g, in counts of 2 mg; 0 if one is none."""
    norms = length(ax, ay, az) * length(bx, by, bz)
    if norms == 0:
        return 0
    dot = ax * bx + ay * by + az * bz
    cosine = min(abs(dot) * 1024 // norms, 1024)
    return degrees_of(1024 - cosine if dot < 0 else 1024 + cosine)


def length(x, y, z):
    """Return the length of a vector, rounded down."""
    square = x * x + y * y + z * z
    root = 0
    bit = 1 << 28
    while bit > square:
        bit >>= 2
    while bit:
        if square >= root + bit:
            square -= root + bit
            root = (root >> 1) + bit
        else:
            root >>= 1
        bit >>= 2
    return root


def block_of(state, number):
    """Return the vector of block `number`, still in the ring, in counts of 2 mg."""
    block = _place(number)
    n = detect.BLOCK_SAMPLES
    return (
        (state[block] - _BLOCK_BIAS) // n,
        (state[block + 1] - _BLOCK_BIAS) // n,
        (state[block + 2] - _BLOCK_BIAS) // n,
    )


def peak_q_of(state, number):
    """Return the largest squared magnitude in block `number`, still in the ring."""
    return state[_place(number) + 3]


def _place(number):
    return detect.S_RING + ((number & _RING_MASK) << 3)
