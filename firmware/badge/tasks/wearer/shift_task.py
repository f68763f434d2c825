"""Runs the shift: when it starts, is tested and ends, and the watch over the link."""

import asyncio
from collections import namedtuple
from time import ticks_diff, ticks_ms

from badge.core import link_watch
from badge.core.portable import const
from badge.core.wearer import protection, shift
from badge.storage.shift_file import ShiftRecord
from badge.tasks import beat

_ROUND_MS = const(1000)
# What a reset can add to a shift.
_STORE_EVERY_MS = const(600_000)
# Soon enough after a tap that the verdict is felt as its answer.
_ASKING_ROUND_MS = const(100)
# Longer than a link that works takes to prove itself, and as long as somebody waits who asked.
_PROOF_MS = const(8_000)
# On the charger for this long is the end of a day's work: taking the badge off it begins another.
_CHARGED_MS = const(1_800_000)

# is_up(): whether the session with the receiver is open; None without a radio. watch: a LinkWatch,
# which tells a link that is lost from one that is being opened again. lacks_permit(): the receiver
# knows of none that its wearer needs. prove(then): has the far end asked first and then() called;
# False when there is nothing to wait for.
# is_given_up(): it is not, because the modem looks for satellites: nothing is lost.
Link = namedtuple("Link", ("is_up", "watch", "lacks_permit", "prove", "is_given_up"))


class ShiftTask:
    """`clockwork` is the Shift, `check` the ShiftCheck, `link` a Link, `file` keeps the shift.

    `rests_on_charger()`: nobody wears the badge there.
    """

    def __init__(self, common, clockwork, check, link, file, keeper, *, answers, rests_on_charger):
        self._shift = clockwork
        self.check = check
        self._link = link
        self._file = file
        self._keeper = keeper
        self._answers = answers
        self._rests_on_charger = rests_on_charger
        self._gate = common.gate
        self._feel = common.feel
        self._log = common.log
        self._stored_ms = None
        self._on_charger_ms = None
        # Since when who asked waits for the link to prove itself, or None; and that it did not.
        self._asked_ms = None
        self._is_unproven = False
        # In this shift the wearer has felt that a permit is missing.
        self._told_permit = False

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
            _, age_s, tested_ago_s, passed, tried = record
            self._shift.resume(now_ms, age_s, tested_ago_s, passed, tried)
            if not record.on:
                self._shift.end(now_ms)
        self._answers.add(self._shift_reason)
        self.check.begin()
        self._answers.add(self._network_reason)
        self._answers.add(self._undelivered_reason)
        self._answers.add(lambda: "permit" if self._link.lacks_permit() else "")
        self._log.event("shift", on=self._shift.on, age_s=self._shift.age_s())

    def ask(self, now_ms):
        """Answer "am I protected?"; once a shift has ended, with a new one and its test."""
        if not self._shift.on:
            self._start(now_ms, "asked")
            if self._shift.wants_test() and self.check.may_run():
                # The answer may take minutes, and a press is always felt.
                self._feel("UNKNOWN_PRESS")
                return
        if self._link.prove(self._proven):
            self._asked_ms = now_ms
        else:
            self._answer()

    def _proven(self):
        if self._asked_ms is not None:
            self._asked_ms = None
            self._answer()

    def _watch_proof(self, now_ms):
        if self._asked_ms is not None and ticks_diff(now_ms, self._asked_ms) >= _PROOF_MS:
            self._asked_ms = None
            self._is_unproven = True
            self._answer()
            self._is_unproven = False

    def _answer(self):
        verdict, reasons = self._answers.verdict()
        self._log.event(
            "protected", verdict=protection.NAMES[verdict], why=protection.listed(reasons)
        )
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

    def tried(self, buttons):
        """(left, right): pressed and let go, in whatever context."""
        if self._shift.trial.tried(buttons):
            # A reset must not ask for it again.
            self._stored_ms = None

    async def run(self, feed):
        """Do what the shift's clock says, for ever."""

        def live():
            feed()
            self._watch_link(ticks_ms())
            self._watch_proof(ticks_ms())

        while True:
            feed()
            now_ms = ticks_ms()
            due = self._shift.step(now_ms)
            is_charged = self._is_charged(now_ms)
            if due == shift.END or is_charged:
                # Nothing is silenced, and nothing goes unfelt, because an alarm is open.
                if not self._alarms():
                    self._end(now_ms, "charger" if is_charged else "time")
            elif due == shift.TEST and self.check.may_run():
                await self.check.run(live)
                self._stored_ms = None
                # Its verdict has told it.
                self._told_permit = self._shift.passed is True and self._link.lacks_permit()
            elif self.check.wants_look(now_ms):
                await self.check.look(live)
            if self.check.ask(ticks_ms()):
                self._stored_ms = None
            self._watch_link(now_ms)
            self._watch_proof(now_ms)
            self._watch_permit()
            await self._store(now_ms)
            round_ms = beat.until_ms(_ROUND_MS)
            await asyncio.sleep_ms(_ASKING_ROUND_MS if self.check.is_asking() else round_ms)

    def _start(self, now_ms, why):
        if not self._shift.on:
            # The end of the shift before would end the watch over this one until its test passes.
            self._keeper.drop_tests(now_ms)
        self._shift.start(now_ms)
        if self._on_charger_ms is not None:
            # Begun by whoever asked: on the charger it gets its half hour too.
            self._on_charger_ms = now_ms
        self._stored_ms = None
        self.check.renew()
        self._told_permit = False
        self._log.event("shift.started", why=why)

    def _is_charged(self, now_ms):
        # Not while the power chip is silent, nor with a battery pack in the pocket of who walks.
        since_ms = self._on_charger_ms
        on_charger = self._shift.on and since_ms is not None and self._rests_on_charger()
        return on_charger and ticks_diff(now_ms, since_ms) >= _CHARGED_MS

    def _end(self, now_ms, why):
        self._shift.end(now_ms)
        self._stored_ms = None
        self._log.event("shift.ended", age_s=self._shift.age_s(), why=why)
        # On a charger too: who sits may wear it there, with a battery pack in a pocket.
        self._feel("SHIFT_ENDED")
        if self._link.is_up is not None and self._shift.is_tested():
            # From now on nobody need be told when this badge is not heard.
            self._keeper.test(now_ms, self._shift.watch_s())

    def _watch_link(self, now_ms):
        if self._link.is_up is None:
            return
        is_up = self._link.is_up() or self._link.is_given_up()
        told = self._link.watch.step(now_ms, is_up=is_up)
        if told == link_watch.NOTHING:
            return
        self._log.event("link.lost" if told == link_watch.LOST else "link.back")
        # Off shift nobody relies on it but whoever waits for news of an alarm.
        has_alarm = self._alarms()
        if told == link_watch.LOST and (self._shift.on or has_alarm):
            self._feel("NO_NETWORK")
        elif told == link_watch.BACK and self._shift.on and not has_alarm:
            self._feel("NETWORK_BACK")

    def _watch_permit(self):
        lacks = self._link.lacks_permit()
        # Where a test is due, its verdict tells it.
        is_felt = self._shift.on and not self._shift.wants_test() and not self._alarms()
        if lacks == self._told_permit or (lacks and not is_felt):
            return
        self._told_permit = lacks
        if lacks:
            self._log.event("permit.missing")
            self._feel("LIMITED")

    def _alarms(self):
        return self.check.has_alarm()

    def _shift_reason(self):
        return "" if self._shift.on else "shift"

    def _network_reason(self):
        if self._link.is_up is None:
            return "identity"
        return "network" if self._is_unproven or not self._link.is_up() else ""

    def _undelivered_reason(self):
        alarms = self._keeper.open_alarms()
        return "undelivered" if any(alarm.is_late() for alarm in alarms) else ""

    async def _store(self, now_ms):
        if self._stored_ms is not None and ticks_diff(now_ms, self._stored_ms) < _STORE_EVERY_MS:
            return
        self._stored_ms = now_ms
        clockwork = self._shift
        await self._gate.wait_open()
        self._gate.begin()
        try:
            self._file.save(
                ShiftRecord(
                    on=clockwork.on,
                    age_s=clockwork.age_s(),
                    tested_ago_s=clockwork.tested_ago_s(),
                    passed=clockwork.passed,
                    tried=clockwork.trial.stored(),
                )
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
