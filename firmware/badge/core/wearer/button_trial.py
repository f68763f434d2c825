"""Which buttons the wearer has tried in this shift, and the question that asks for it."""

from badge.core import ticks
from badge.core.alarm.book import QUIET
from badge.core.portable import const
from badge.core.wearer.gestures import BUTTON_NAMES

# What a press is about while the question is open and nothing else goes on.
TRYING = "TRYING"

_AGAIN_MS = const(15_000)
_WINDOW_MS = const(30_000)
# A press under way is let end: no longer than the longest that has a meaning, and its pause.
_PRESS_MS = const(6_000)
# Whoever has just cancelled or ended something, perhaps under threat, is left alone for a while.
_CALM_MS = const(30_000)
_GIVEN_UP = const(4)

NOTHING, ASK, DONE, GIVEN_UP, INTERRUPTED = range(5)


class ButtonTrial:
    """Pure clockwork; where `shift_buttons` is off nothing is asked and nothing is missing.

    `count` is how many buttons the badge has.
    """

    def __init__(self, config, count=2):
        self._wanted = config.shift_buttons
        self._count = count
        self._tried = [False] * count
        self._asks = 0
        self._given_up = False
        self._asked_ms = None
        self._busy_ms = None

    def start(self):
        """Every button is to be tried, again."""
        self.resume(0)

    def resume(self, stored):
        """Go on after a reset with what `stored` returned; 0: nothing was tried."""
        self._tried = [bool(stored >> i & 1) for i in range(self._count)]
        self._given_up = bool(stored & _GIVEN_UP)
        self._asked_ms = None

    def stored(self):
        """All that a reset must not lose, as one byte."""
        bits = sum([tried << i for i, tried in enumerate(self._tried)])
        return bits | (_GIVEN_UP if self._given_up else 0)

    def tried(self, buttons):
        """Take (left, right): pressed and let go; True when one of them had not been before."""
        fresh = [i for i, had in enumerate(self._tried) if buttons[i] and not had]
        for i in fresh:
            self._tried[i] = True
        return bool(fresh)

    def missing(self):
        """The names of the buttons that are still to be tried."""
        if not self._wanted:
            return []
        return [BUTTON_NAMES[i] for i, tried in enumerate(self._tried) if not tried]

    def is_open(self):
        """Whether the question has been asked and not been answered."""
        return self._asked_ms is not None

    def will_ask(self):
        """Whether the question is still to come."""
        return bool(self.missing()) and not self._given_up

    def context(self, context):
        """What a press is about: the question, unless something else than QUIET goes on."""
        return TRYING if context == QUIET and self.is_open() else context

    def step(self, now_ms, *, is_due, is_quiet, is_pressed):
        """What happens now: ASK the wearer, or the end of it: DONE, GIVEN_UP or INTERRUPTED.

        `is_due`: it is time to ask; `is_quiet`: nothing else goes on. While a press is under way
        (`is_pressed`) the question neither begins nor ends, so that each has one meaning.
        """
        is_calm = self._is_calm(now_ms, is_quiet)
        if not self.is_open():
            if not (self.will_ask() and is_due and is_calm) or is_pressed:
                return NOTHING
            self._asked_ms = now_ms
            self._asks = 1
            return ASK
        if not (is_due and is_quiet):
            return self._close(INTERRUPTED)
        open_ms = ticks.diff(now_ms, self._asked_ms)
        if is_pressed and 0 <= open_ms < _WINDOW_MS + _PRESS_MS:
            return NOTHING
        if not self.missing():
            return self._close(DONE)
        if not 0 <= open_ms < _WINDOW_MS:
            self._given_up = True
            return self._close(GIVEN_UP)
        if self._asks == 1 and open_ms >= _AGAIN_MS:
            self._asks = 2
            return ASK
        return NOTHING

    def _is_calm(self, now_ms, is_quiet):
        if not is_quiet:
            self._busy_ms = now_ms
            return False
        if self._busy_ms is not None and 0 <= ticks.diff(now_ms, self._busy_ms) < _CALM_MS:
            return False
        # Ticks wrap: what is long over must not become the present.
        self._busy_ms = None
        return True

    def _close(self, why):
        self._asked_ms = None
        return why
