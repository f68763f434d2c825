"""The test of a shift: the badge's own parts, a message to the receiver and back, the buttons."""

import asyncio
from collections import namedtuple
from time import ticks_add, ticks_diff, ticks_ms

from badge.core.alarm import life
from badge.core.alarm.book import QUIET
from badge.core.portable import const
from badge.core.wearer import button_trial, protection
from badge.drivers.chip_errors import ImuError

# A modem that registers slowly must not fail the test of the badge; the wearer hears of it before.
_LINK_MS = const(180_000)
_RECEIPT_MS = const(20_000)
_STEP_MS = const(100)
_MOTION_TEST_MS = const(5_000)
# The datasheet's least (DS12814), and a wearer who moves can spoil one try.
_MOVED_MG = const(50)
_MOTION_TRIES = const(3)
# What spoke against the badge's own parts may be over.
_LOOK_AGAIN_MS = const(900_000)


# link_is_up(): None without a radio. bearer: as link/bearer.py has it. await
# test_motion(timeout_ms): how far each axis moved in the accelerometer's test of itself, in mg, or
# ImuError. saves_power(): nothing is sent but alarms. is_pressed(): a press is under way.
# passed(): the test has, so that what is beside the link can have its own.
Checked = namedtuple(
    "Checked", ("link_is_up", "bearer", "test_motion", "saves_power", "is_pressed", "passed")
)


class ShiftCheck:
    """The test of a shift; `checked` are the parts that it asks."""

    def __init__(self, clockwork, checked, answers, keeper, feel, log):
        self._shift = clockwork
        self._checked = checked
        self._trial = clockwork.trial
        self._answers = answers
        self._keeper = keeper
        self._feel = feel
        self._log = log
        self._weak = False
        self._motion_reason = ""
        # When the parts are to be looked at again, or None.
        self._look_ms = ticks_ms()
        self._told_failure = False

    def begin(self):
        """From now on the test counts in "am I protected?"."""
        self._answers.add(self._test_reason)
        self._answers.add(self._buttons_reason)
        self._answers.add(lambda: "coverage" if self._weak else "")
        self._answers.add(lambda: self._motion_reason)

    def renew(self):
        """A new shift: a test that fails is felt again."""
        self._told_failure = False

    def may_run(self):
        """Whether a message may go out now that is no alarm."""
        checked = self._checked
        has_radio = checked.link_is_up is not None
        return has_radio and not checked.saves_power() and not self.has_alarm()

    def has_alarm(self):
        """Whether there is something more important: an alarm, or a question that becomes one."""
        return any(
            alarm.is_red() or alarm.state == life.PRE_ALARM for alarm in self._keeper.open_alarms()
        )

    async def run(self, feed):
        """Out to the receiver and back; an alarm in between is a better test and ends it."""
        began_ms = ticks_ms()
        self._log.event("shift.testing")
        self._shift.testing()
        if not await self._wait(feed, _LINK_MS, self._checked.link_is_up):
            self._tested(began_ms, None, False)
            return
        began_ms = ticks_ms()
        rsrp_dbm = await self.look(feed)
        message = self._keeper.test(ticks_ms(), self._shift.watch_s())
        if message is None:
            self._tested(began_ms, rsrp_dbm, False)
            return
        await self._wait(feed, _RECEIPT_MS, lambda: not message.is_open())
        received = message.is_delivered()
        if message.is_open():
            self._keeper.end(message, ticks_ms())
        self._tested(began_ms, rsrp_dbm, received)

    def wants_look(self, now_ms):
        """Whether the parts alone are due: after a reset within a shift, or while one fails.

        Never where shifts begin without a test: it stops the sensor for a quarter of a second.
        """
        if not self._shift.is_tested():
            return False
        if self._look_ms is None or ticks_diff(now_ms, self._look_ms) < 0:
            return False
        return self._is_passed() and self.may_run() and self._checked.link_is_up()

    async def look(self, feed):
        """Look at the badge's own parts; the signal in dBm, or None."""
        self._motion_reason = await self._test_motion(feed)
        feed()
        rsrp_dbm = await self._rsrp_dbm()
        self._weak = rsrp_dbm is not None and rsrp_dbm < self._checked.bearer.weak_dbm
        is_well = not (self._motion_reason or self._weak)
        self._look_ms = None if is_well else ticks_add(ticks_ms(), _LOOK_AGAIN_MS)
        return rsrp_dbm

    def is_asking(self):
        """Whether the wearer is to try the buttons just now."""
        return self._trial.is_open()

    def ask(self, now_ms):
        """Have the buttons tried once the rest of the test has passed; True when that is over."""
        what = self._trial.step(
            now_ms,
            is_due=self._is_passed(),
            is_quiet=self._is_quiet(now_ms),
            is_pressed=self._checked.is_pressed(),
        )
        if what == button_trial.ASK:
            self._log.event("shift.asking", missing=protection.listed(self._trial.missing()))
            self._feel("TRY_BUTTONS")
        elif what == button_trial.INTERRUPTED:
            self._log.event("shift.buttons", verdict="interrupted")
        elif what != button_trial.NOTHING:
            self._tell("shift.buttons", missing=protection.listed(self._trial.missing()))
            return True
        return False

    def context(self, now_ms):
        """What a gesture is about now: a context of core/wearer/gesture_map.py."""
        return self._trial.context(self._keeper.context(now_ms))

    def released(self, now_ms):
        """A button was let go: felt at once, before anyone could think that it is dead."""
        if self.context(now_ms) == button_trial.TRYING:
            self._feel("BUTTON_TRIED")

    def _is_passed(self):
        return self._shift.on and not self._shift.wants_test()

    def _is_quiet(self, now_ms):
        return self._keeper.context(now_ms) == QUIET

    def _tested(self, began_ms, rsrp_dbm, passed):
        now_ms = ticks_ms()
        if self.has_alarm() and not passed:
            # It says nothing about the badge that there was something more important to send.
            self._log.event("shift.test", verdict="interrupted")
            return
        self._shift.tested(now_ms, passed=passed)
        fields = {"took_ms": ticks_diff(now_ms, began_ms), "rsrp_dbm": rsrp_dbm}
        if passed:
            self._told_failure = False
            self._checked.passed()
            # The buttons are a part of the test, and what is felt is the verdict of all of it.
            goes_on = self._trial.will_ask() and self._is_passed() and self._is_quiet(now_ms)
            self._tell("shift.test", is_felt=not goes_on, **fields)
            return
        _, reasons = self._answers.verdict()
        why = protection.listed(reasons)
        self._log.event("shift.test", verdict="failed", why=why, **fields)
        if not self._told_failure:
            # Not each of the tries that follow: what it is that fails has a signal of its own.
            self._told_failure = True
            self._feel("TEST_FAILED")

    def _tell(self, what, is_felt=True, **fields):  # noqa: FBT002
        verdict, reasons = self._answers.verdict()
        self._log.event(
            what, verdict=protection.NAMES[verdict], why=protection.listed(reasons), **fields
        )
        if is_felt:
            is_well = verdict == protection.YES and self._shift.passed
            self._feel("TEST_PASSED" if is_well else protection.SIGNALS[verdict])

    async def _test_motion(self, feed):
        for _ in range(_MOTION_TRIES):
            feed()
            try:
                moved_mg = await self._checked.test_motion(_MOTION_TEST_MS)
            except ImuError as error:
                # What has just measured an impact need not be moved to show that it measures.
                if error.code == "imu.busy":
                    return ""
                if error.code == "imu.failed":
                    break
                # A fault in the test itself: a chip that comes back at once has lost nothing.
                continue
            if min(moved_mg) >= _MOVED_MG:
                return ""
        return "motion"

    async def _rsrp_dbm(self):
        cell = await self._checked.bearer.signal()
        if cell is None:
            return None
        rsrp_dbm, _, _ = cell
        return rsrp_dbm

    async def _wait(self, feed, timeout_ms, done):
        began_ms = ticks_ms()
        while not done():
            if ticks_diff(ticks_ms(), began_ms) >= timeout_ms or self.has_alarm():
                return False
            feed()
            await asyncio.sleep_ms(_STEP_MS)
        return True

    def _test_reason(self):
        return "test" if self._shift.on and self._shift.wants_test() else ""

    def _buttons_reason(self):
        return "buttons" if self._shift.on and self._trial.missing() else ""
