"""The pins that end a sleep: which of them to arm, and what to do about one that sticks.

The port can arm a low pin (GPIO) but never disarm it: one that is armed wakes as long as any low
pin is armed. So while one of them sticks none is, and they are looked at by the clock.
"""

from time import ticks_diff

from badge.core.portable import const
from badge.core.wearer.gestures import BUTTON_NAMES

# Until a level has been served: buttons are timed, the FIFO is drained, a line is read.
_SERVE_MS = const(10)
# While no low pin can wake: what the receiver says may wait for so long. Each look wakes a modem.
_LOOK_MS = const(10_000)
_TOLD_MS = const(60_000)

# Held for longer it sticks. Longer than any gesture: the button is then polled, as while awake.
STUCK_BUTTON_MS = const(15_000)
# The modem holds RI for 120 ms; without supply its pin may rest low for ever.
STUCK_RI_MS = const(2_000)
STUCK_INT_MS = const(5_000)


class WakePin:
    """One pin; `level` is what wakes. Held longer than `stuck_ms` it sticks: a fault, not news.

    `served()` is called after a sleep that it may have ended.
    """

    def __init__(self, name, pin, level, stuck_ms, served):
        self.name = name
        self.pin = pin
        self.level = level
        self._stuck_ms = stuck_ms
        self._since_ms = None
        self.served = served
        self.stuck = False

    def keeps_awake(self, now_ms):
        """True while the pin is active, unless it has been for too long."""
        if self.pin.value() != self.level:
            self._since_ms = None
            self.stuck = False
            return False
        if self._since_ms is None:
            self._since_ms = now_ms
        self.stuck = ticks_diff(now_ms, self._since_ms) >= self._stuck_ms
        return not self.stuck

    def is_told(self, now_ms):
        """Whether it sticks for longer than it takes a chip to start anew."""
        return self.stuck and ticks_diff(now_ms, self._since_ms) >= _TOLD_MS


class WakePins:
    """Pins that wake when high (ext1) and when low (GPIO); `arm_*` are esp32.wake_on_*."""

    def __init__(self, high, low, arm_high, arm_low, log):
        self._high = high
        self._low = low
        self._pins = tuple(high) + tuple(low)
        self._arm_high = arm_high
        self._arm_low = arm_low
        self._log = log
        # Which pins stuck, a bit each, when the others were armed; None: not armed yet.
        self._stuck = None
        self._looked_ms = None

    def awake_ms(self, now_ms):
        """0 when nothing is active; the pins that can be are then armed."""
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
        if stuck != self._stuck:
            self._arm(stuck, now_ms)
        return 0

    def is_line_stuck(self, now_ms):
        """Whether a line sticks that is no button's: it ends every sleep, or can end none."""
        return any(one.name not in BUTTON_NAMES and one.is_told(now_ms) for one in self._pins)

    def serve(self, now_ms):
        """After a sleep: whoever belongs to an active pin looks at once."""
        for one in self._pins:
            if one.pin.value() == one.level and not one.stuck:
                one.served()
        if self._looked_ms is not None and ticks_diff(now_ms, self._looked_ms) >= _LOOK_MS:
            self._looked_ms = now_ms
            for one in self._low:
                one.served()

    def _arm(self, stuck, now_ms):
        self._tell(stuck)
        self._stuck = stuck
        self._arm_high(tuple([one.pin for one in self._high if not one.stuck]))
        if any(one.stuck for one in self._low):
            self._arm_low(())
            self._looked_ms = now_ms
        else:
            self._arm_low(tuple([one.pin for one in self._low]))
            self._looked_ms = None

    def _tell(self, stuck):
        changed = stuck ^ (self._stuck or 0)
        for one in reversed(self._pins):
            if changed & 1:
                self._log.event("wake.pin", pin=one.name, stuck=one.stuck)
            changed >>= 1
