"""The chip's two watchdogs: the task watchdog, which light sleep stops, and the RTC's own.

ESP-IDF: the task watchdog runs on a timer group, whose clock light sleep switches off. The RTC
watchdog counts the slow clock, in sleep too unless PAUSE_IN_SLP is set (ESP32-S3 TRM, 13.4).
"""

from micropython import const

from sim.halt import WATCHDOG

# Nominal: the RC oscillator of the S3, off by several percent from chip to chip.
SLOW_CLOCK_HZ = const(136_000)


class TaskWatchdog:
    """Once started it cannot be stopped, only fed."""

    def __init__(self, world):
        self._world = world
        self._deadline_us = None
        self._timeout_us = 0

    @property
    def deadline_us(self):
        """World time at which it bites, or None when it was never started."""
        return self._deadline_us

    def resume(self, deadline_us):
        """It has outlived a soft reset."""
        if deadline_us is not None:
            self._deadline_us = deadline_us
            self._arm()

    def start(self, timeout_ms):
        """Start, or change the timeout of a running one."""
        running = self._deadline_us is not None
        self._timeout_us = timeout_ms * 1000
        self.feed()
        if not running:
            self._arm()

    def feed(self):
        """Put the deadline off by the timeout."""
        self._deadline_us = self._world.now_us + self._timeout_us
        if self._world.at_prompt is not None:
            self._world.observe({"watchdog_ms": self._timeout_us // 1000})

    def slept(self, us):
        """Light sleep has stopped its clock for so long."""
        if self._deadline_us is not None:
            self._deadline_us += us

    def _arm(self):
        # One event that looks at the deadline when it comes: feeding costs no event.
        self._world.at(self._deadline_us, self._look)

    def _look(self):
        world = self._world
        if world.asleep:
            # Its clock stands still: the deadline moves when the sleep is over.
            world.after(max(1, self._deadline_us - world.asleep_since_us), self._look)
            return
        if world.now_us < self._deadline_us:
            self._arm()
            return
        world.observe({"reset": "watchdog"})
        world.halt(WATCHDOG, "the watchdog was not fed")


class RtcWatchdog:
    """Stage 0 only: resets the chip when it was not fed for twice `ticks` of the slow clock.

    The hardware doubles what is set (ESP-IDF, hal/esp32s3/include/hal/rwdt_ll.h).
    """

    def __init__(self, world):
        self._world = world
        # 0 while it does not run.
        self._ticks = 0
        self._pauses_in_sleep = True
        self._fed_us = 0
        # What looks whether it is time, and when.
        self._event = None
        self._looks_us = 0

    def feed(self, ticks, pauses_in_sleep):
        """Counts from the beginning, so many ticks of the slow clock before they are doubled."""
        self._fed_us = self._world.now_us
        self._pauses_in_sleep = pauses_in_sleep
        # The event of an earlier feed does for a later deadline: to feed costs none.
        if ticks != self._ticks:
            self._ticks = ticks
            if ticks and (self._event is None or self._deadline_us() < self._looks_us):
                self._world.cancel(self._event)
                self._look_at(self._deadline_us())

    def fed(self):
        """Counts from the beginning, with the same limit."""
        self._fed_us = self._world.now_us

    def stop(self):
        """It does not run any more; an event that comes finds that out."""
        self._ticks = 0

    def _deadline_us(self):
        return self._fed_us + 2 * self._ticks * 1_000_000 // SLOW_CLOCK_HZ

    def _look_at(self, at_us):
        self._looks_us = at_us
        self._event = self._world.at(at_us, self._look)

    def _look(self):
        self._event = None
        if not self._ticks:
            return
        if self._world.now_us < self._deadline_us():
            self._look_at(self._deadline_us())
        elif self._pauses_in_sleep and self._world.asleep:
            self._fed_us = self._world.now_us
            self._look_at(self._deadline_us())
        else:
            self._bite()

    def _bite(self):
        self._world.observe({"reset": "rtc watchdog"})
        self._world.halt(WATCHDOG, "the RTC watchdog was not fed")
