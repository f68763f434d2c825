"""A shift: when automatic alarms and check-ins run, and when the badge is to be tested."""

from badge.core import ticks
from badge.core.portable import const
from badge.core.wearer.button_trial import ButtonTrial

_MINUTE_MS = const(60_000)
# A badge that could not be tested is tried again while the wearer can still act on it.
_RETRY_MS = const(900_000)
# A shift without an end is watched from test to test, and as long after one that is late: more
# than the receiver waits before it tells of a badge that has gone quiet.
_WATCH_MARGIN_MS = const(3_600_000)

NOTHING, TEST, END = range(3)


class Shift:
    """Pure clockwork; `step` says what is due and must be called at least every six days.

    A shift ends by itself `shift_min` after its start (0: never). SOS does not depend on it.
    `buttons` is how many the badge has.
    """

    def __init__(self, config, now_ms, buttons=2):
        self._length_ms = config.shift_min * _MINUTE_MS
        self._test_every_ms = config.test_every_min * _MINUTE_MS
        self._tests = config.shift_test
        self._looked_ms = now_ms
        self._age_ms = 0
        # Time since the last test began; None before the first.
        self._tested_ago_ms = None
        self.passed = None
        self.on = False
        self.trial = ButtonTrial(config, buttons)

    def start(self, now_ms):
        """A new shift, which wants its test."""
        self._pass_time(now_ms)
        self.on = True
        self._age_ms = 0
        self._tested_ago_ms = None
        self.passed = None
        self.trial.start()

    def resume(self, now_ms, age_s, tested_ago_s, passed, trial=0):
        """Go on with a shift after a reset; `tested_ago_s` and `passed` None without a test."""
        self.start(now_ms)
        self.trial.resume(trial)
        self._age_ms = age_s * 1000
        self._tested_ago_ms = None if tested_ago_s is None else tested_ago_s * 1000
        self.passed = passed

    def end(self, now_ms):
        """The shift is over."""
        self._pass_time(now_ms)
        self.on = False

    def testing(self):
        """A test begins; one that comes round after a day has the buttons tried again too."""
        if self.passed:
            self.trial.start()
            self.passed = None

    def tested(self, now_ms, *, passed):
        """A test has ended; the next is due test_every_min from now, or a failed one sooner."""
        self._pass_time(now_ms)
        self._tested_ago_ms = 0
        self.passed = passed

    def step(self, now_ms):
        """What is due now: END, TEST or NOTHING."""
        self._pass_time(now_ms)
        if not self.on:
            return NOTHING
        if self._length_ms and self._age_ms >= self._length_ms:
            return END
        return TEST if self._tests and self._test_is_due() else NOTHING

    def wants_test(self):
        """True while the last test failed, is missing or is too old."""
        return self._tests and (self.passed is not True or self._test_is_due())

    def left_ms(self):
        """Until the shift ends by itself; None when it does not."""
        if not self.on or not self._length_ms:
            return None
        return max(0, self._length_ms - self._age_ms)

    def watch_s(self):
        """For how long from now the receiver is to watch the badge; 0 once the shift is over."""
        if not self.on:
            return 0
        left_ms = self.left_ms()
        if left_ms is None:
            left_ms = self._test_every_ms + _WATCH_MARGIN_MS
        return (left_ms + 999) // 1000

    def is_tested(self):
        """True when a test begins each shift, so that the receiver knows of it."""
        return self._tests

    def age_s(self):
        """Seconds since the start of the shift."""
        return self._age_ms // 1000

    def tested_ago_s(self):
        """Seconds since the last test, or None."""
        return None if self._tested_ago_ms is None else self._tested_ago_ms // 1000

    def _test_is_due(self):
        ago_ms = self._tested_ago_ms
        if ago_ms is None:
            return True
        return ago_ms >= (self._test_every_ms if self.passed else _RETRY_MS)

    def _pass_time(self, now_ms):
        passed_ms = max(0, ticks.diff(now_ms, self._looked_ms))
        self._looked_ms = now_ms
        self._age_ms += passed_ms
        if self._tested_ago_ms is not None:
            self._tested_ago_ms += passed_ms
