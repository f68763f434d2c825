"""What is left in the battery: the gauge's percentage, held down by the voltage, and a forecast.

A gauge that counts charge drifts; a voltage that is low at rest is a fact. The lower one counts.
"""

from collections import namedtuple

from badge.core import ticks
from badge.core.portable import const

# (mV, percent): a lithium cell at rest this low has at most so much left. The modem needs 3.4 V
# and more to transmit, so that is the end of this table whatever the cell still holds.
_CEILING = ((3300, 0), (3400, 3), (3500, 8), (3600, 15), (3650, 25), (3700, 40))
_FULL = const(100)
# No battery loses this much between two looks: a gauge that says so is asked again.
_STEP_PERCENT = const(10)
# The radio pulls the voltage down for seconds: only what several looks in a row agree on counts.
_LOOKS = const(5)
_MINUTE_MS = const(60_000)
# Room for two hours, and what is needed before a slope is worth anything.
_POINTS = const(25)
_POINT_EVERY_MIN = const(5)
_SPAN_MIN = const(30)
_DROP_PERCENT = const(2)

Point = namedtuple("Point", ("at_ms", "percent"))


def ceiling_percent(battery_mv):
    """The most that a cell resting at `battery_mv` can have left, in percent."""
    below = None
    for mv, percent in _CEILING:
        if battery_mv < mv:
            if below is None:
                return 0
            low_mv, low = below
            return low + (percent - low) * (battery_mv - low_mv) // (mv - low_mv)
        below = (mv, percent)
    return _FULL


class Battery:
    """Feed it `look(...)`, soon again while it `doubts`; `percent` is None without a battery."""

    def __init__(self, nominal_hours):
        self._nominal_min = nominal_hours * 60
        self._voltages = []
        self._points = []
        self._gauge = None
        self.doubts = False
        self.percent = None
        self.battery_mv = None

    def look(self, now_ms, battery_mv, gauge_percent, charging):
        """One reading; None for what the chip could not tell."""
        if battery_mv is None:
            self.percent = self.battery_mv = self._gauge = None
            self.doubts = False
            self._voltages = []
            self._points = []
            return
        self.battery_mv = battery_mv
        gauge_percent = self._believed(gauge_percent)
        self._voltages.append(battery_mv)
        if len(self._voltages) > _LOOKS:
            self._voltages.pop(0)
        # The highest of the last looks is the one with the least radio in it.
        ceiling = _FULL
        if len(self._voltages) == _LOOKS or gauge_percent is None:
            ceiling = ceiling_percent(max(self._voltages))
        if charging:
            # A charger lifts the voltage; it says nothing about what is in the cell.
            self._points = []
            self.percent = ceiling if gauge_percent is None else gauge_percent
            return
        self.percent = ceiling if gauge_percent is None else min(gauge_percent, ceiling)
        self._note(now_ms)

    def minutes_left(self):
        """Minutes until empty at the pace of the last two hours, or None without a battery."""
        if self.percent is None:
            return None
        if self._points:
            first, last = self._points[0], self._points[-1]
            took_min = ticks.diff(last.at_ms, first.at_ms) // _MINUTE_MS
            fell = first.percent - last.percent
            if took_min >= _SPAN_MIN and fell >= _DROP_PERCENT:
                return self.percent * took_min // fell
        return self.percent * self._nominal_min // 100

    def _believed(self, gauge_percent):
        """The gauge's figure; the one before, once, when it has fallen as no battery can."""
        before = self._gauge
        fell = before is not None and gauge_percent is not None
        self.doubts = fell and not self.doubts and before - gauge_percent >= _STEP_PERCENT
        if not self.doubts:
            self._gauge = gauge_percent
        return self._gauge

    def _note(self, now_ms):
        points = self._points
        if points and ticks.diff(now_ms, points[-1].at_ms) < _POINT_EVERY_MIN * _MINUTE_MS:
            return
        points.append(Point(now_ms, self.percent))
        if len(points) > _POINTS:
            points.pop(0)
