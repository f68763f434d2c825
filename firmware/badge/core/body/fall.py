"""What becomes of a fall between the detector's verdict and the end of its pre-alarm."""

from badge.core.detector import second

# In the log, why a pre-alarm ended by itself.
UP = "up"
UP_AND_MOVING = "up_and_moving"


class Fall:
    """A fall is met until the detector says that the wearer recovered *and* he has stayed up.

    * One that is confirmed ends when he is up and moving for the clear-hold. A posture alone
      takes nothing back, and without `may_move` only a human does.
    * Who is up and moving as it is judged is not asked yet. It is met when that ends, or when it
      is confirmed.
    * Later blows that are judged falls belong to it. They take back nothing of what the detector
      has said, so nobody who runs on postpones a verdict.
    """

    def __init__(self, clear_ms, may_move=True):  # noqa: FBT002
        self._clear_ms = clear_ms
        self._may_move = may_move
        self.met = False
        self.may_be_thrown = False
        self._is_awaited = False
        self._is_unasked = False
        self._confirmed = False
        self._recovered = False
        self._up_ms = None
        self._moving_ms = None
        self._before = [0, 0, 0]

    def judged(self, before, may_be_thrown, is_up_and_moving=False):  # noqa: FBT002
        """The detector saw a fall; `before` is the posture before it, of any length."""
        self._is_awaited = True
        if self.met:
            self.may_be_thrown = self.may_be_thrown and may_be_thrown
            return
        self._before[0], self._before[1], self._before[2] = before
        self._begin(may_be_thrown)
        if is_up_and_moving and self._may_move:
            self.met = False
            self._is_unasked = True

    def is_unasked(self):
        """True while its wearer is up and moving and the detector's verdict is still to come."""
        return self._is_unasked

    def confirmed(self):
        """The detector saw the wearer stay down."""
        # The fall before it may have been taken back while this one was not settled.
        if self._is_awaited and not self.met:
            self._begin(False)
        self._is_awaited = False
        self._confirmed = True
        # What was taken back was the fall before.
        self._recovered = False

    def recovered(self):
        """The detector saw the wearer move or get up."""
        self._is_awaited = self._is_unasked = False
        # That of a later blow compares with the posture on the ground: it takes nothing back.
        self._recovered = not self._confirmed

    def turned_deg(self, now):
        """Return the angle of a Second from the posture before the fall."""
        x, y, z = self._before
        return second.angle_deg(x, y, z, now.x, now.y, now.z)

    def cleared(self, is_down, is_moving, elapsed_ms):
        """Take a second and return "", or once why the wearer is well: UP or UP_AND_MOVING."""
        if self._is_unasked and not (is_down is False and is_moving):
            self._begin(self.may_be_thrown)
        if not self.met:
            return ""
        elapsed_ms = min(elapsed_ms, 1000)
        if is_down:
            self._up_ms = None
        elif is_down is False:
            self._up_ms = 0 if self._up_ms is None else self._up_ms + elapsed_ms
        if is_down or is_moving is False:
            self._moving_ms = None
        elif is_down is False and is_moving:
            self._moving_ms = 0 if self._moving_ms is None else self._moving_ms + elapsed_ms
        if self._recovered and self._has_lasted(self._up_ms):
            self.met = False
            return UP
        if self._confirmed and self._may_move and self._has_lasted(self._moving_ms):
            self.met = False
            return UP_AND_MOVING
        return ""

    def over(self):
        """It is an alarm now, or was cancelled: nothing is left to take back or to wait for."""
        self.met = False
        self._is_awaited = self._is_unasked = False

    def _has_lasted(self, since_ms):
        return since_ms is not None and since_ms >= self._clear_ms

    def _begin(self, may_be_thrown):
        self.met = True
        self._is_unasked = False
        self.may_be_thrown = may_be_thrown
        self._confirmed = False
        self._recovered = False
        self._up_ms = None
        self._moving_ms = None
