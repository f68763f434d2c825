"""The battery ladder: what the badge gives up, in which order, so that an SOS is the last to go.

| level | below | what it means |
|---|---|---|
| FULL | | everything |
| WATCH | 30 % | does it last until the shift ends? If not, the wearer feels it |
| SAVING | 15 % | positioning by satellite only for an alarm; the wearer feels it |
| RESERVE | 8 % | no man-down: what is left is for one alarm and ten minutes of news about it |
| LAST | 3 % | one last message that the badge is going dark |
"""

from badge.core import ticks
from badge.core.portable import const

FULL, WATCH, SAVING, RESERVE, LAST = range(5)
LEVEL_NAMES = ("full", "watch", "saving", "reserve", "last")
# Where each level begins, in percent; a level is left only so much above it.
BEGINS_PERCENT = (101, 30, 15, 8, 3)
HYSTERESIS_PERCENT = 3

# Actions.
WARN, GASP = "WARN", "GASP"
# A warning nobody could feel (asleep, hands full) comes again.
_REMIND_MS = const(30 * 60_000)
# ... and often where the badge is about to stop protecting.
_REMIND_LOW_MS = const(10 * 60_000)


class PowerPolicy:
    """Feed it `update(...)`; it says what to do now, and what is allowed."""

    def __init__(self):
        self.level = FULL
        self.lasts = True
        self._warned_ms = None
        self._gasped = False

    @property
    def sos_only(self):
        """Man-down is given up for the SOS; check-in and amber, which outlive a badge, are not."""
        return self.level >= RESERVE

    @property
    def save_gnss(self):
        """No satellite fixes but for an alarm."""
        return self.level >= SAVING

    def update(self, now_ms, percent, minutes_left, shift_left_min, on_charger):
        """Return the actions due (WARN, GASP); `percent` None: no battery to be seen.

        Without a known shift `shift_left_min` is None, and below 30 % the badge warns anyway.
        """
        if percent is None or on_charger:
            self.level = self._level_of(100 if percent is None else percent)
            self._warned_ms = None
            self.lasts = True
            if self.level < LAST:
                self._gasped = False
            return ()
        before = self.level
        self.level = self._level_of(percent)
        lasted = self.lasts
        self.lasts = shift_left_min is not None and minutes_left >= shift_left_min
        actions = []
        worse = self.level > before or (lasted and not self.lasts)
        if self._must_warn() and (worse or self._is_due(now_ms)):
            self._warned_ms = now_ms
            actions.append(WARN)
        if self.level == LAST and not self._gasped:
            self._gasped = True
            actions.append(GASP)
        return tuple(actions)

    def reason(self, percent):
        """Return what speaks against "protected", a name of core/wearer/reasons.py, or "".

        Check-ins go on: their deadline at the receiver is what a dark badge leaves behind.
        """
        if percent is None:
            return "battery.unknown"
        if self.level == LAST:
            return "battery.empty"
        if self.level == RESERVE:
            return "battery.reserve"
        return "battery.low" if self._must_warn() else ""

    def _must_warn(self):
        return self.level >= SAVING or (self.level == WATCH and not self.lasts)

    def _is_due(self, now_ms):
        if self._warned_ms is None:
            return True
        every_ms = _REMIND_LOW_MS if self.level >= RESERVE else _REMIND_MS
        return ticks.diff(now_ms, self._warned_ms) >= every_ms

    def _level_of(self, percent):
        level = FULL
        for candidate in range(WATCH, LAST + 1):
            edge = BEGINS_PERCENT[candidate]
            if self.level >= candidate:
                edge += HYSTERESIS_PERCENT
            if percent <= edge:
                level = candidate
        return level
