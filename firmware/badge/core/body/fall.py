"""What becomes of a fall between the detector's verdict and the end of its pre-alarm."""

from badge.core.detector import second


class Fall:
    """A fall is met until the detector says that the wearer recovered *and* he has stayed up."""

    def __init__(self, clear_ms):
        self._clear_ms = clear_ms
        self.met = False
        self.may_be_thrown = False
        self._confirmed = False
        self._recovered = False
        self._up_ms = None
        self._before = [0, 0, 0]

    def judged(self, before, may_be_thrown):
        """The detector saw a fall; `before` is the posture before it, of any length."""
        if not self.met:
            self._confirmed = False
            self._before[0], self._before[1], self._before[2] = before
            self.may_be_thrown = may_be_thrown
        self.met = True
        self.may_be_thrown = self.may_be_thrown and may_be_thrown
        self._recovered = False
        self._up_ms = None

    def confirmed(self):
        """The detector saw the wearer stay down: only a human takes this fall back."""
        self._confirmed = True

    def recovered(self):
        """The detector saw the wearer move or get up."""
        # That of a later blow compares with the posture on the ground: it takes nothing back.
        self._recovered = not self._confirmed

    def turned_deg(self, now):
        """Return the angle of a Second from the posture before the fall."""
        before = self._before
        return second.angle_deg(before[0], before[1], before[2], now.x, now.y, now.z)

    def cleared(self, is_down, elapsed_ms):
        """Take a second; True once, when the wearer recovered and has stayed up long enough."""
        if not self.met:
            return False
        if is_down:
            self._up_ms = None
        elif is_down is False:
            self._up_ms = 0 if self._up_ms is None else self._up_ms + min(elapsed_ms, 1000)
        if not self._recovered or self._up_ms is None or self._up_ms < self._clear_ms:
            return False
        self.met = False
        return True

    def over(self):
        """It is an alarm now, or was cancelled: nothing is left to take back."""
        self.met = False
