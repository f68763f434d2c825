"""What Ctrl-C does: the wearer feels it whatever else is typed, and the badge soon arms itself.

While the application runs Ctrl-C is a byte as any other (main.py), which the console takes once no
press is under way: it interrupts no squeeze and no write to flash.
"""

import asyncio

from badge.core.portable import const
from badge.core.wearer import haptics
from badge.drivers.haptic_motor import HapticMotor

# The task watchdog takes 30 s too, but whoever types at the prompt can go on feeding it.
_ARMED_AFTER_MS = const(30_000)


class Stop:
    """Filled while the badge is built; `carry_out()` when the application has been ended."""

    def __init__(self, board, log):
        self._board = board
        self._log = log
        # What is sounding would go on for ever.
        self.outputs = []
        # Have all on flash that is not there yet.
        self.settles = []
        self.chip = None
        # Whether whoever types may stay: shown the service key, or a badge without an identity.
        self.may_stay = None

    def carry_out(self):
        """Tell the wearer and flash; on return the chip may be left to its prompt."""
        for output in self.outputs:
            output.off()
        stays = self.may_stay is not None and self.may_stay()
        if self.chip is not None and not stays:
            self.chip.reset_within(_ARMED_AFTER_MS)
        self._log.event("usb.stopped", allowed=stays)
        # The old loop still holds the tasks of the application.
        asyncio.new_event_loop()
        motor = HapticMotor(self._board.haptic_pwm())
        try:
            for settle in self.settles:
                settle()
            self._log.flush()
        finally:
            asyncio.run(motor.play(haptics.pattern("STOPPED", 100)))
            HapticMotor(self._board.haptic_pwm())
