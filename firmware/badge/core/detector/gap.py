"""Samples that are missing: what is put in their place, so that time stays true.

A short gap is bridged by a straight line between its neighbours. What the detector gets may hold
a made-up blow besides, where a real one may be hidden: so a fall whose impact falls into a gap is
judged by all that was seen of it, because the verdict only begins with an impact. And who may
have fallen gets the benefit of the doubt: fewer points are asked for while a verdict may rest on
what is made up (docs/sensor.md).
"""

from badge.core.detector import detect, params
from badge.core.portable import const

# 0.46 s: a chip that resets itself twice, or whose look is held up. After longer ones the detector
# begins anew.
LONGEST_SAMPLES = const(48)
# A gap is worth so many points, and one for each sample of it: what it took, at every place around
# recorded falls, for gaps of 1 to 48 samples to cost next to none (docs/sensor.md).
_DOUBT_POINTS = const(50)
# 16 s: posture is taken up to 4 s before an impact, and the last verdict comes 11 s after it.
DOUBT_BLOCKS = const(128)
# A blow shakes the samples before it, and those on its two sides differ; while another impact is
# being judged by twice as much, or the end of a fall would be taken for its beginning.
SHAKEN_SAMPLES = const(26)
_SHAKEN_MG = const(50)
_APART_MG = const(150)
# Half an impact of a fall at least, in the middle of the gap: up and down by turns along the axis
# that gravity lies on most, so that the posture is left alone.
_BLOW_MG = const(4000)
_BLOW_SAMPLES = const(8)
_RAIL_MG = const(15991)
# An impact of 2.5 g may have been the fall.
_HARD_Q = const(1562500)
_SAME_IMPACT_BLOCKS = const(3)
_MASK = const(0x3FFFFFFF)


def doubt_points(samples):
    """How many points less make a fall after a gap of so many samples."""
    return _DOUBT_POINTS + samples


class Gap:
    """One gap between two samples (arrays 'H' of 3 milli-g as uint16 bits) that are there."""

    def __init__(self):
        self.samples = 0
        self._before = [0, 0, 0]
        self._step = [0, 0, 0]
        self._axis = 0

    def between(self, before, after, samples):
        """So many samples are missing between these two."""
        self.samples = samples
        most = -1
        for axis in range(3):
            self._before[axis] = signed(before[axis])
            self._step[axis] = signed(after[axis]) - self._before[axis]
            size = abs(2 * self._before[axis] + self._step[axis])
            if size > most:
                most = size
                self._axis = axis

    def blow_mg(self, shaken, n, state):
        """Return how hard a blow to make up: 0 unless one that matters may have fallen into it.

        `shaken` has the n samples before it, `state` is the detector's.
        """
        blow_mg, apart_mg, shaken_mg = _BLOW_MG, _APART_MG, _SHAKEN_MG
        if state[detect.S_PHASE] == detect.PHASE_CONFIRM:
            return 0
        if state[detect.S_PHASE] == detect.PHASE_WAIT:
            age = (state[detect.S_BLOCKS] - 1 - state[detect.S_ANCHOR]) & _MASK
            # What is anchored may still be going on, or be a stumble before the fall.
            if age > _SAME_IMPACT_BLOCKS:
                apart_mg, shaken_mg = 2 * apart_mg, 2 * shaken_mg
            if state[detect.S_PEAK_Q] >= _HARD_Q:
                # Beside what was seen, not in the place of it: each is judged then.
                blow_mg = min(blow_mg, params.milli_g_of(state[detect.S_PEAK_Q]) - self._most_mg())
        apart = 0
        for step in self._step:
            apart += step * step
        if apart < apart_mg * apart_mg or not is_shaken(shaken, n, shaken_mg):
            return 0
        return max(0, blow_mg)

    def fill(self, dst, first, n, blow_mg):
        """Put the samples [first, first + n) of the gap into `dst` (array 'H' of 3 * n words)."""
        steps = self.samples + 1
        blow_from = (self.samples - _BLOW_SAMPLES) // 2
        for i in range(n):
            number = first + i
            for axis in range(3):
                value = self._before[axis] + self._step[axis] * (number + 1) // steps
                if axis == self._axis and blow_mg:
                    k = number - blow_from
                    if 0 <= k < _BLOW_SAMPLES:
                        up = (k & 1 == 0) == (value >= 0)
                        value += blow_mg if up else -blow_mg
                        value = max(-_RAIL_MG, min(_RAIL_MG, value))
                dst[3 * i + axis] = value & 0xFFFF

    def _most_mg(self):
        """Return at least how large the acceleration on the straight line is."""
        first = last = 0
        for axis in range(3):
            first += abs(self._before[axis])
            last += abs(self._before[axis] + self._step[axis])
        return max(first, last)


def is_shaken(samples, n, by_mg):
    """Whether the size of one of `n` samples is off 1 g by so much."""
    least, most = (1000 - by_mg) ** 2, (1000 + by_mg) ** 2
    for i in range(n):
        square = 0
        for axis in range(3):
            value = signed(samples[3 * i + axis])
            square += value * value
        if not least < square < most:
            return True
    return False


def signed(word):
    """Return the int16 whose bits a uint16 has."""
    return (word ^ 0x8000) - 0x8000
