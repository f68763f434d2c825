"""Runs the shift: its start with a test to the receiver, its end, and the watch over the link."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core import alarm as life
from badge.core import link_watch, protection, shift
from badge.core.portable import const

_ROUND_MS = const(1000)
# What a reset can add to a shift.
_STORE_EVERY_MS = const(600_000)
# A modem that registers slowly must not fail the test of the badge; the wearer hears of it before.
_LINK_MS = const(180_000)
_RECEIPT_MS = const(20_000)
_STEP_MS = const(100)
_WEAK_DBM = const(-118)
# On the charger for this long is the end of a day's work: taking the badge off it begins another.
_CHARGED_MS = const(1_800_000)


class ShiftTask:
    """The app gives `link_is_up()`, which stays None without a radio, `await signal()`: dBm or
    None, `await sensors()`: what is wrong, a reason of core/protection.py or "", and
    `saves_power()`: nothing is sent but alarms.
    """

    def __init__(self, clockwork, watch, answers, file, keeper, gate, feel, log):
        self._shift = clockwork
        self._watch = watch
        self._answers = answers
        self._file = file
        self._keeper = keeper
        self._gate = gate
        self._feel = feel
        self._log = log
        self._stored_ms = None
        self._on_charger_ms = None
        self._weak = False
        self._sensors = ""
        self._faults = []
        self._is_new_fault = False
        self._told_failure = False
        self.link_is_up = None
        self.signal = _nothing
        self.sensors = _nothing
        self.saves_power = _no

    def is_on(self):
        """True while automatic alarms and check-ins run."""
        return self._shift.on

    def left_min(self):
        """Minutes until the shift ends by itself, or None."""
        left_ms = self._shift.left_ms()
        return None if left_ms is None else left_ms // 60_000

    def begin(self, is_new_use):
        """At power-on a new shift; after any other reset the one that was going on."""
        record = None if is_new_use else self._load()
        now_ms = ticks_ms()
        if record is None:
            self._shift.start(now_ms)
        else:
            self._shift.resume(now_ms, *record[1:])
            if not record[0]:
                self._shift.end(now_ms)
        self._answers.add(self._shift_reason)
        self._answers.add(self._test_reason)
        self._answers.add(self._network_reason)
        self._answers.add(self._undelivered_reason)
        self._answers.add(lambda: "coverage" if self._weak else "")
        self._answers.add(lambda: self._sensors)
        self._log.event("shift", on=self._shift.on, age_s=self._shift.age_s())

    def ask(self, now_ms):
        """Answer "am I protected?"; once a shift has ended, with a new one and its test."""
        if not self._shift.on:
            self._start(now_ms, "asked")
            if self._shift.wants_test() and self._may_test():
                # The answer may take minutes, and a press is always felt.
                self._feel("UNKNOWN_PRESS")
                return
        verdict, reasons = self._answers.verdict()
        self._log.event("protected", verdict=protection.NAMES[verdict], why=_listed(reasons))
        self._feel(protection.SIGNALS[verdict])

    def charger(self, is_on, now_ms):
        """The badge was put on its charger or taken off it."""
        if is_on:
            self._on_charger_ms = now_ms
            return
        since_ms, self._on_charger_ms = self._on_charger_ms, None
        if since_ms is None:
            # The power chip answers again; it was not on a charger before.
            return
        if not self._shift.on or ticks_diff(now_ms, since_ms) >= _CHARGED_MS:
            self._start(now_ms, "charger")

    async def run(self, feed):
        """Do what the shift's clock says, for ever."""
        while True:
            feed()
            now_ms = ticks_ms()
            due = self._shift.step(now_ms)
            is_charged = self._is_charged(now_ms)
            if due == shift.END or is_charged:
                # Nothing is silenced, and nothing goes unfelt, because an alarm is open.
                if not self._alarms():
                    self._end(now_ms, "charger" if is_charged else "time")
            elif due == shift.TEST and self._may_test():
                await self._test(feed)
            self._watch_link(now_ms)
            self._watch_faults()
            await self._store(now_ms)
            await asyncio.sleep_ms(_ROUND_MS)

    def _start(self, now_ms, why):
        self._shift.start(now_ms)
        if self._on_charger_ms is not None:
            # Begun by whoever asked: on the charger it gets its half hour too.
            self._on_charger_ms = now_ms
        self._stored_ms = None
        self._told_failure = False
        self._log.event("shift.started", why=why)

    def _is_charged(self, now_ms):
        since_ms = self._on_charger_ms
        on_charger = self._shift.on and since_ms is not None
        return on_charger and ticks_diff(now_ms, since_ms) >= _CHARGED_MS

    def _end(self, now_ms, why):
        self._shift.end(now_ms)
        self._stored_ms = None
        self._log.event("shift.ended", age_s=self._shift.age_s(), why=why)
        # On a charger too: somebody may wear it there, with a battery pack in a pocket.
        self._feel("SHIFT_ENDED")
        if self.link_is_up is not None and self._shift.is_tested():
            # From now on nobody need be told when this badge is not heard.
            self._keeper.test(now_ms, self._shift.watch_s())

    def _may_test(self):
        return self.link_is_up is not None and not self.saves_power() and not self._alarms()

    async def _test(self, feed):
        """Out to the receiver and back; an alarm in between is a better test and ends it."""
        began_ms = ticks_ms()
        self._log.event("shift.testing")
        if not await self._wait(feed, _LINK_MS, self.link_is_up):
            self._tested(began_ms, None, False)
            return
        began_ms = ticks_ms()
        feed()
        self._sensors = await self.sensors()
        rsrp_dbm = await self.signal()
        self._weak = rsrp_dbm is not None and rsrp_dbm < _WEAK_DBM
        message = self._keeper.test(ticks_ms(), self._shift.watch_s())
        if message is None:
            self._tested(began_ms, rsrp_dbm, False)
            return
        await self._wait(feed, _RECEIPT_MS, lambda: not message.is_open())
        received = message.is_delivered()
        if message.is_open():
            self._keeper.end(message, ticks_ms())
        self._tested(began_ms, rsrp_dbm, received)

    def _tested(self, began_ms, rsrp_dbm, passed):
        now_ms = ticks_ms()
        if self._alarms() and not passed:
            # It says nothing about the badge that there was something more important to send.
            self._log.event("shift.test", verdict="interrupted")
            return
        self._shift.tested(now_ms, passed=passed)
        self._stored_ms = None
        verdict, reasons = self._answers.verdict()
        self._log.event(
            "shift.test",
            verdict=protection.NAMES[verdict] if passed else "failed",
            took_ms=ticks_diff(now_ms, began_ms),
            rsrp_dbm=rsrp_dbm,
            why=_listed(reasons),
        )
        if passed:
            self._told_failure = False
            is_well = verdict == protection.YES
            self._feel("TEST_PASSED" if is_well else protection.SIGNALS[verdict])
        elif not self._told_failure:
            # Not each of the tries that follow: what it is that fails has a signal of its own.
            self._told_failure = True
            self._feel("TEST_FAILED")

    async def _wait(self, feed, timeout_ms, done):
        began_ms = ticks_ms()
        while not done():
            if ticks_diff(ticks_ms(), began_ms) >= timeout_ms or self._alarms():
                return False
            feed()
            self._watch_link(ticks_ms())
            await asyncio.sleep_ms(_STEP_MS)
        return True

    def _watch_link(self, now_ms):
        if self.link_is_up is None:
            return
        told = self._watch.step(now_ms, is_up=self.link_is_up())
        if told == link_watch.NOTHING:
            return
        self._log.event("link.lost" if told == link_watch.LOST else "link.back")
        # Off shift nobody relies on it but whoever waits for news of an alarm.
        has_alarm = self._alarms()
        if told == link_watch.LOST and (self._shift.on or has_alarm):
            self._feel("NO_NETWORK")
        elif told == link_watch.BACK and self._shift.on and not has_alarm:
            self._feel("NETWORK_BACK")

    def _watch_faults(self):
        _, reasons = self._answers.verdict()
        faults = [reason for reason in reasons if reason in protection.FAULTS]
        if faults != self._faults:
            self._log.event("faults", now=_listed(faults))
            self._is_new_fault |= any(fault not in self._faults for fault in faults)
            self._faults = faults
        # The wearer hears of a new one even without asking, but not in the middle of an alarm.
        if self._is_new_fault and not self._alarms():
            self._is_new_fault = False
            if faults and self._shift.on:
                self._feel("LIMITED")

    def _alarms(self):
        return any(
            alarm.is_red() or alarm.state == life.PRE_ALARM for alarm in self._keeper.open_alarms()
        )

    def _shift_reason(self):
        return "" if self._shift.on else "shift"

    def _test_reason(self):
        return "test" if self._shift.on and self._shift.wants_test() else ""

    def _network_reason(self):
        if self.link_is_up is None:
            return "identity"
        return "" if self.link_is_up() else "network"

    def _undelivered_reason(self):
        alarms = self._keeper.open_alarms()
        return "undelivered" if any(alarm.not_delivered for alarm in alarms) else ""

    async def _store(self, now_ms):
        if self._stored_ms is not None and ticks_diff(now_ms, self._stored_ms) < _STORE_EVERY_MS:
            return
        self._stored_ms = now_ms
        clockwork = self._shift
        await self._gate.quiet()
        self._gate.begin()
        try:
            self._file.save(
                clockwork.on, clockwork.age_s(), clockwork.tested_ago_s(), clockwork.passed
            )
        except OSError as error:
            self._log.failure("shift.not_stored", error)
        finally:
            self._gate.end()

    def _load(self):
        try:
            return self._file.load()
        except OSError as error:
            self._log.failure("shift.not_read", error)
            return None


def _listed(reasons):
    return ",".join(reasons) or "none"


def _no():
    return False


async def _nothing():
    return None
