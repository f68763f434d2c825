"""Which way is up for the wearer: gravity on the badge while its wearer walks upright.

Not the chip's axes: a badge is clipped and hung as it comes.
"""

from badge.core.detector import detect, second
from badge.core.portable import const

# Stretches of walking are 4 s; three make the 10 s after which the frame counts.
_LEARN = const(3)
# A steady gait in another posture means that the badge hangs differently now. Much longer than
# the jerks of a seizure, which can look like steps; while a tilt is held nothing is learnt.
_RELEARN = const(15)
_SAME_DEG = const(35)
_SHARE = const(3)
_STRETCH_MASK = const(31)


class BodyFrame:
    """The upright posture, known after 12 s of walking and followed from then on."""

    def __init__(self):
        # Learned, and not called wrong by the wearer.
        self.known = False
        self.stretches = 0
        self._is_learned = False
        self._is_old = False
        self._up = [0, 0, 0]
        self._other = [0, 0, 0]
        self._others = 0
        self._sum = [0, 0, 0]
        self._seconds = 0
        self._seen = [0, 0, 0]

    def look(self, state, now, is_held):
        """Take a Second; True when it made the frame known or moved it to another posture.

        `is_held`: a condition says that the wearer is down, so nothing may be learnt.
        """
        total = self._sum
        total[0] += now.x
        total[1] += now.y
        total[2] += now.z
        self._seconds += 1
        if state[detect.S_BLOCKS] & _STRETCH_MASK:
            return False
        seconds = self._seconds
        x, y, z = total[0] // seconds, total[1] // seconds, total[2] // seconds
        total[0] = total[1] = total[2] = 0
        self._seconds = 0
        if not self._walked(state) or is_held:
            return False
        self.stretches = (self.stretches + 1) & 255
        if self._is_learned and self._near(self._up, x, y, z):
            self._others = 0
            self._is_old = False
            _follow(self._up, x, y, z, _SHARE)
            was_known, self.known = self.known, True
            return not was_known
        return self._learn_other(x, y, z)

    def tilt_deg(self, now):
        """Return the angle of a Second from upright; None while that is not known."""
        if not self.known:
            return None
        return self.from_upright_deg(now.x, now.y, now.z)

    def from_upright_deg(self, x, y, z):
        """Return the angle of a vector from upright."""
        return second.angle_deg(self._up[0], self._up[1], self._up[2], x, y, z)

    def doubt(self):
        """The wearer says that it was no tilt: unknown until he walks, as before or otherwise."""
        self.known = False

    def expect_another(self):
        """The badge was taken off: the next 12 s of walking decide how it hangs now."""
        self._is_old = True
        self._others = 0

    def _walked(self, state):
        walked = False
        for k in range(3):
            word = state[detect.S_FRAME + k]
            if word != self._seen[k]:
                self._seen[k] = word
                walked = state[detect.S_UPRIGHTS] > 0
        return walked

    def _near(self, vector, x, y, z):
        return second.angle_deg(vector[0], vector[1], vector[2], x, y, z) <= _SAME_DEG

    def _learn_other(self, x, y, z):
        other = self._other
        if self._others and self._near(other, x, y, z):
            self._others += 1
            _follow(other, x, y, z, 1)
        else:
            self._others = 1
            other[0], other[1], other[2] = x, y, z
        if self._others < (_RELEARN if self._is_learned and not self._is_old else _LEARN):
            return False
        for k in range(3):
            self._up[k] = other[k]
        self.known = self._is_learned = True
        self._is_old = False
        self._others = 0
        return True


def _follow(vector, x, y, z, share):
    vector[0] += (x - vector[0]) >> share
    vector[1] += (y - vector[1]) >> share
    vector[2] += (z - vector[2]) >> share
