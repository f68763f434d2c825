"""Where the detector's last stretches of 4 s began, and what it knew of upright then.

From such a sample on a fresh detector that is told that much decides as this one did, once its
ring of 8 s is full: it learns upright at the ends of stretches, and from nothing else.
"""

from array import array
from collections import namedtuple

from badge.core.detector import detect
from badge.core.portable import const

_BLOCKS_MASK = const(31)
# 40 s: the motion ring holds no more.
_KEPT = const(10)
_WORDS = const(6)

# at: number of its first sample in the motion ring. upright: S_UPRIGHTS, then x, y and z as they
# are in the detector's state. made_up: samples of the ring before it that nobody measured.
Stretch = namedtuple("Stretch", ("at", "upright", "made_up"))


class Stretches:
    """To be told how the detector is at least every 4 s."""

    def __init__(self):
        self._words = array("i", [-1] * (_KEPT * _WORDS))
        self._newest = 0

    def look(self, state, fill, ring):
        """Note the stretch that is under way; `fill` samples of its newest block are there."""
        words = self._words
        since = (state[detect.S_BLOCKS] & _BLOCKS_MASK) * detect.BLOCK_SAMPLES + fill
        at = ring.count - since
        if at == words[self._newest * _WORDS]:
            return
        self._newest = (self._newest + 1) % _KEPT
        word = self._newest * _WORDS
        words[word] = at
        words[word + 1] = state[detect.S_UPRIGHTS]
        for k in range(3):
            words[word + 2 + k] = state[detect.S_FRAME + k]
        words[word + 5] = ring.filled + ring.lost

    def before(self, sample, oldest):
        """The newest Stretch that begins at or before `sample`, not before `oldest`; or None."""
        found = None
        words = self._words
        for word in range(0, _KEPT * _WORDS, _WORDS):
            if oldest <= words[word] <= sample and (found is None or words[word] > words[found]):
                found = word
        if found is None:
            return None
        return Stretch(words[found], tuple(words[found + 1 : found + 5]), words[found + 5])
