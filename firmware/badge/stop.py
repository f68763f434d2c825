"""What Ctrl-C does: the wearer feels it whatever else is typed, and the badge soon arms itself.

While the application runs Ctrl-C is a byte as any other (main.py), which the console takes once no
press is under way: it interrupts no squeeze and no write to flash.
"""

import asyncio

from badge.core.portable import const
from badge.core.wearer import haptics

# Armed within 30 s, of which the RTC's oscillator may take a tenth more and the start a second.
# The task watchdog takes 30 s, but whoever types at the prompt can go on feeding it.
_ARMED_AFTER_MS = const(26_000)
# An alarm is open: for the pattern and flash, and no more.
_WITH_ALARM_MS = const(3_000)


class Stop:
    """`carry_out()` when the application has been ended; `ports` reach what had been built.

    `motor()` makes the HapticMotor anew.
    """

    def __init__(self, motor, ports, log):
        self._motor = motor
        self._ports = ports
        self._log = log

    def carry_out(self):
        """Tell the wearer and flash; on return the chip may be left to its prompt."""
        ports = self._ports
        ports.outputs_wanted_off()
        # Help for the wearer comes before whoever has the key.
        has_alarm = ports.alarm_is_open()
        stays = ports.typist_may_stay() and not has_alarm
        if not stays:
            ports.reset_wanted_within(_WITH_ALARM_MS if has_alarm else _ARMED_AFTER_MS)
        self._log.event("usb.stopped", allowed=stays)
        # The old loop still holds the tasks of the application.
        asyncio.new_event_loop()
        motor = self._motor()
        try:
            ports.stopped()
            self._log.flush()
        finally:
            asyncio.run(motor.play(haptics.pattern("STOPPED", 100)))
            self._motor()
