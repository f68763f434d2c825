"""The pins that end a sleep: which of them to arm, and which are left out because they stick."""

from time import ticks_diff

from badge.core.portable import const

# Until a level has been served: buttons are timed, the FIFO is drained, a line is read.
_SERVE_MS = const(10)


class WakePin:
    """One pin; `level` is what wakes. Held longer than `stuck_ms` it is left to polling."""

    def __init__(self, pin, level, stuck_ms, served):
        self.pin = pin
        self._level = level
        self._stuck_ms = stuck_ms
        self._since_ms = None
        # Called after a sleep during which, or at the end of which, the pin was active.
        self.served = served
        self.stuck = False

    def is_active(self):
        """The raw level."""
        return self.pin.value() == self._level

    def keeps_awake(self, now_ms):
        """True while the pin is active, unless it has been for too long."""
        if self.pin.value() != self._level:
            self._since_ms = None
            self.stuck = False
            return False
        if self._since_ms is None:
            self._since_ms = now_ms
        self.stuck = ticks_diff(now_ms, self._since_ms) >= self._stuck_ms
        return not self.stuck


class WakePins:
    """Pins that wake when high (ext1) and when low (GPIO); `arm_*` are esp32.wake_on_*."""

    def __init__(self, high, low, arm_high, arm_low):
        self._high = high
        self._low = low
        self._pins = tuple(high) + tuple(low)
        self._arm_high = arm_high
        self._arm_low = arm_low
        # Which pins were left out, a bit each, when the others were armed.
        self._left_out = None

    def awake_ms(self, now_ms):
        """0 when nothing is active; the pins that are not stuck are then armed."""
        active = False
        stuck = 0
        for one in self._pins:
            stuck <<= 1
            if one.keeps_awake(now_ms):
                active = True
            elif one.stuck:
                stuck |= 1
        if active:
            return _SERVE_MS
        if stuck != self._left_out:
            self._left_out = stuck
            self._arm_high(tuple([one.pin for one in self._high if not one.stuck]))
            self._arm_low(tuple([one.pin for one in self._low if not one.stuck]))
        return 0

    def serve(self):
        """After a sleep: whoever belongs to an active pin looks at once."""
        for one in self._pins:
            if one.is_active() and not one.stuck:
                one.served()
