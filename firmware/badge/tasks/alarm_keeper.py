"""Owns the open alarms: makes them durable, tells the wearer, hands them to the link."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.alarm import due, kinds, life, message
from badge.core.alarm.record import TEST
from badge.core.alarm.whereabouts import Whereabouts
from badge.core.codec import wire
from badge.core.portable import const
from badge.tasks import beat
from badge.tasks.alarm_store import AlarmStore
from badge.tasks.bell import Bell

_ROUND_MS = const(250)
# Without an alarm nothing comes due, and whatever opens one sets the bell.
_IDLE_MS = const(1000)
_PRE_ALARM_MAX_MS = const(45_000)
# More than a press and a stall can hold up its end.
_OVERDUE_MS = const(5_000)
# The longest squeeze and its pause for bounce: so long an alarm that is due waits for a press.
_PRESS_MS = const(2500)
_REPEAT_MS = {"PRE_ALARM": 3_000, "CHECK_IN_DUE": 15_000}
# How much of a deadline a reset can hide from the badge; the receiver's clock goes on.
_STORE_DEADLINES_MS = const(60_000)


class AlarmKeeper:
    """The one owner of the alarm book, the journal and what follows from a change of state.

    `on_open(alarm)` hears of an alarm once it is durable, `on_waiting(alarm)` that it waits for
    the link. A duress call leaves the same trace on the badge as its twin.
    """

    def __init__(self, common, book, journal, outbox, identity, *, on_open, on_waiting):
        self._book = book
        self._store = AlarmStore(journal, common.gate, common.log)
        self._outbox = outbox
        self._identity = identity
        self._gate = common.gate
        self._config = common.config
        self._clock = common.clock
        self._feel = common.feel
        self._log = common.log
        self._wake = Bell()
        self._felt_ms = {}
        self._deadlines_stored_ms = ticks_ms()
        # Each message of an alarm says where the badge is; an open alarm tells it again.
        self.where = Whereabouts()
        self._on_open = on_open
        self._on_waiting = on_waiting

    def resume(self, records, now_ms, *, was_cut=True):
        """Take up the alarms of the journal again; `was_cut`: nobody switched the badge on."""
        for alarm, actions in self._book.resume(records, now_ms):
            alarm.is_unfelt = was_cut
            self._log_state("alarm.resumed", alarm)
            self._act(alarm, actions, now_ms)
        self._note_let_go()

    def open_alarms(self):
        """The open alarms, deadlines and reports, oldest first."""
        return self._book.alarms

    def under_way(self):
        """The open alarms that somebody waits for: no deadlines that still run, no reports."""
        resting = (life.WAITING, life.REPORT)
        return [alarm for alarm in self._book.alarms if alarm.state not in resting]

    def flash_fails(self):
        """Whether an alarm raised now would not survive a reset."""
        return self._store.is_failing()

    def may_be_reset(self):
        """Whether a reset would change nothing: no pre-alarm runs, every alarm is on flash now.

        The task that would end and store them may be the one that keeps dying.
        """
        is_running = bool(self._book.in_state(life.PRE_ALARM)) and not self.has_overdue()
        return self._store.store_all(ticks_ms()) and not is_running

    def is_saved(self):
        """Whether a reset loses no alarm: each is on flash, or the receiver has it."""
        return self._store.is_saved(ticks_ms())

    def has_overdue(self):
        """Whether a pre-alarm has been left running, which a reset would raise."""
        now_ms = ticks_ms()
        return any(
            alarm.age_ms(now_ms) >= due.pre_alarm_ms(self._config, alarm) + _OVERDUE_MS
            for alarm in self._book.in_state(life.PRE_ALARM)
        )

    def context(self, _now_ms):
        """What a gesture is about now: a context of core/wearer/gesture_map.py."""
        return self._book.context()

    def squeeze(self, now_ms):
        """The wearer asks for help; durable when this returns, unless flash itself has failed."""
        before = list(self._book.alarms)
        waiting = self._book.in_state(life.WAITING)
        alarm, actions = self._book.squeeze(now_ms, self._clock.utc_s())
        if alarm in before:
            self._act(alarm, actions, now_ms)
            self._log_state("alarm.state", alarm, event="SOS")
            if alarm in waiting:
                self._on_open(alarm)
        else:
            self._opened(alarm, actions, now_ms)

    def cancel(self, now_ms, duress=False):  # noqa: FBT002
        """The wearer says that the running pre-alarm is none; True when there was one."""
        found = [a for a in self._book.in_state(life.PRE_ALARM) if a.due_ms is None]
        for alarm in found:
            self._step(alarm, life.EV_CANCEL, now_ms, duress)
        return bool(found)

    def false_alarm(self, now_ms, duress=False):  # noqa: FBT002
        """The wearer asks the centre to close what was raised; True when there is something."""
        found = [alarm for alarm in self._book.alarms if alarm.is_red()]
        for alarm in found:
            self._step(alarm, life.EV_FALSE_ALARM, now_ms, duress)
        return bool(found)

    def condition(self, kind, now_ms, peak_mg=None, tilt_deg=None):
        """An automatic condition is met: return its alarm, in its pre-alarm or raised at once.

        None when it adds nothing now; it may be asked again for as long as the condition lasts.
        """
        # One that is raised at once goes to flash here: an edge that this hides must be dated.
        self._gate.begin()
        alarm = self._open(
            lambda utc_s: self._book.condition(kind, now_ms, utc_s, peak_mg, tilt_deg), now_ms
        )
        self._gate.end()
        return alarm

    def clear(self, kind, now_ms):
        """The cause of the running pre-alarm of this kind has gone away."""
        for alarm in self._book.in_state(life.PRE_ALARM):
            if alarm.kind == kind and alarm.due_ms is None:
                self._step(alarm, life.EV_CLEAR, now_ms)

    def deadline(self, kind, due_s, now_ms, grace_s=0):
        """Begin a deadline and return it; None while one of this kind runs, or without room.

        When it comes due it is an alarm; with `grace_s` a pre-alarm of that length comes first.
        The receiver knows of it, so that it comes due there even if the badge is gone.
        """
        return self._open(
            lambda utc_s: self._book.deadline(kind, due_s, now_ms, utc_s, grace_s), now_ms
        )

    def extend(self, alarm, due_s, now_ms, duress=False):  # noqa: FBT002
        """Give a deadline, in its grace too, `due_s` seconds from now; False when refused."""
        try:
            actions = self._book.extend(alarm, due_s, now_ms, duress)
        except life.Refused as refused:
            self._log.failure("alarm.refused", refused)
            return False
        self._log_state("alarm.state", alarm, event="EXTEND")
        self._act(alarm, actions, now_ms)
        return True

    def end(self, alarm, now_ms, duress=False):  # noqa: FBT002
        """The wearer is safe before the deadline, or a test is given up; False when refused."""
        return self._step(alarm, life.EV_END, now_ms, duress)

    def expired(self, alarm, now_ms):
        """A deadline has come due. The keeper sees that for itself; False when it had."""
        if alarm.state != life.WAITING:
            return False
        event = life.EV_CONDITION if alarm.grace_s else life.EV_EXPIRED
        return self._step(alarm, event, now_ms)

    def test(self, now_ms, watch_s=None, mark=TEST):
        """Send an alarm marked TEST, which a receipt closes, and return it, or None.

        It tells the receiver for how long to watch that this badge stays connected; 0: no more.
        `mark`: BY_SMS for one that no other way takes, so that its receipt shows that way.
        """
        self.drop_tests(now_ms)
        return self._open(
            lambda utc_s: self._book.report(kinds.SOS, now_ms, utc_s, mark=mark, watch_s=watch_s),
            now_ms,
        )

    def drop_tests(self, now_ms):
        """What a test has not yet told the receiver is not true any more."""
        for alarm in self._book.in_state(life.REPORT):
            if alarm.has(TEST):
                self.end(alarm, now_ms)

    def technical(self, kind, now_ms, battery_percent=None, reason=None):
        """Tell the receiver about the badge itself, once at a time; return the report, or None.

        `reason` is that of a fault, a number of core/wearer/reasons.py.
        """
        for alarm in self._book.in_state(life.REPORT):
            if alarm.kind == kind and not alarm.has(TEST):
                return alarm
        return self._open(
            lambda utc_s: self._book.report(
                kind, now_ms, utc_s, battery_percent=battery_percent, reason=reason
            ),
            now_ms,
        )

    def on_status(self, status, now_ms):
        """The receiver says how far an alarm is; its authenticity has been checked."""
        try:
            alarm, actions = self._book.on_status(status, now_ms)
        except life.Refused as refused:
            self._log.failure("alarm.refused", refused)
            return
        if alarm is None:
            self._log.event("alarm.unknown", boot=status.boot, seq=status.seq)
            return
        if actions is None:
            return
        self._log_state("alarm.status", alarm)
        self._act(alarm, actions, now_ms)

    def on_clock(self, utc_s, now_ms):
        """The true time is known: the open alarms date themselves."""
        for alarm in self._book.alarms:
            alarm.learn_utc(utc_s, now_ms)

    def frame(self, alarm, attempt, now_ms, limit=wire.MAX_FRAME):
        """The message about `alarm`, as it is now, in at most `limit` bytes."""
        who, where = self._identity, self.where.told(now_ms)
        alarm.note_place(self.where.serial)
        return message.encode(
            who.hmac_key,
            who.badge,
            alarm,
            attempt,
            now_ms,
            where=where,
            limit=limit,
        )

    def sent(self, alarm, attempt, now_ms):
        """A broker has acknowledged the message: not yet a delivery, so it will be repeated."""
        self._log.event("alarm.acknowledged", boot=alarm.boot, seq=alarm.seq, attempt=attempt)
        # The receipt may have come first, and ended it.
        if alarm.is_open():
            self._step(alarm, life.EV_SENT, now_ms)

    async def run(self, feed):
        """Watch the clocks of the alarms, and keep the journal ready for the next one."""
        while True:
            feed()
            self._store_deadlines(ticks_ms())
            await self._settle()
            now_ms = ticks_ms()
            if any(due.is_due(self._config, one, now_ms) for one in self._book.alarms):
                # A squeeze under way turns a pre-alarm into the SOS; the journal is left to it.
                await self._let_press_end()
            now_ms = ticks_ms()
            self._watch(now_ms)
            self._wake.clear()
            await self._wake.wait_ms(self._round_ms(now_ms))

    def _round_ms(self, now_ms):
        """How long nothing is due: a round, or less when a pre-alarm ends within it."""
        if not self._book.alarms and self._store.is_settled():
            return beat.until_ms(_IDLE_MS)
        left_ms = self._left_ms(now_ms)
        return _ROUND_MS if left_ms is None else max(1, min(_ROUND_MS, left_ms))

    def _left_ms(self, now_ms, least_ms=0):
        pre_alarms = self._book.in_state(life.PRE_ALARM)
        return due.left_ms(self._config, pre_alarms, now_ms, least_ms)

    async def _settle(self):
        """Write down what waits for quiet; a press may hold that up, but no pre-alarm (R06)."""
        left_ms = self._left_ms(ticks_ms())
        if left_ms is None:
            await self._store.settle()
        elif left_ms > 0 and not self._store.is_settled():
            try:
                await asyncio.wait_for_ms(self._store.settle(), left_ms)
            except asyncio.TimeoutError:
                pass

    def stand_in(self, now_ms):
        """What is due, for a task that is dead or hangs; a press gets its time all the same."""
        self._watch(now_ms, _PRESS_MS)

    def _watch(self, now_ms, late_ms=0):
        """Look at the clocks of the alarms: what comes due, is felt again, is late."""
        for alarm in list(self._book.alarms):
            if due.is_due(self._config, alarm, now_ms, late_ms):
                if alarm.state == life.PRE_ALARM:
                    self._step(alarm, life.EV_PRE_ALARM_OVER, now_ms)
                else:
                    self.expired(alarm, now_ms)
            elif alarm.state == life.PRE_ALARM:
                self._repeat("PRE_ALARM" if alarm.due_ms is None else "CHECK_IN_DUE", now_ms)
            if alarm.lacks_place(self.where.serial_at(now_ms)):
                alarm.move(now_ms)
                self._log_state("alarm.moved", alarm)
                self._act(alarm, (life.STORE, life.SEND), now_ms)
            if self._outbox.late(alarm, now_ms):
                self._step(alarm, life.EV_LATE, now_ms)

    async def _let_press_end(self):
        """Let a press become what it is to be; of a pre-alarm at its longest it gets nothing."""
        left_ms = self._left_ms(ticks_ms(), _PRE_ALARM_MAX_MS)
        most_ms = _PRESS_MS if left_ms is None else min(_PRESS_MS, left_ms)
        if most_ms > 0:
            try:
                await asyncio.wait_for_ms(self._gate.wait_open(), most_ms)
            except asyncio.TimeoutError:
                pass

    def _repeat(self, signal, now_ms):
        felt_ms = self._felt_ms.get(signal)
        if felt_ms is None or not 0 <= ticks_diff(now_ms, felt_ms) < _REPEAT_MS[signal]:
            self._felt_ms[signal] = now_ms
            self._feel(signal)

    def _store_deadlines(self, now_ms):
        if 0 <= ticks_diff(now_ms, self._deadlines_stored_ms) < _STORE_DEADLINES_MS:
            return
        self._deadlines_stored_ms = now_ms
        for alarm in self._book.in_state(life.WAITING):
            self._store.later(alarm)

    def _open(self, opening, now_ms):
        try:
            alarm, actions = opening(self._clock.utc_s())
        except life.Refused as refused:
            self._log.failure("alarm.refused", refused)
            return None
        self._opened(alarm, actions, now_ms)
        return alarm

    def _opened(self, alarm, actions, now_ms):
        self._act(alarm, actions, now_ms)
        self._log_state("alarm.opened", alarm)
        self._note_let_go()
        self._wake.set()
        if alarm.state in _HAS_MOTION:
            self._on_open(alarm)

    def _step(self, alarm, event, now_ms, duress=False):  # noqa: FBT002
        before = alarm.state
        try:
            # Refused or not, nothing here may tell the one from the other.
            alarm.check(event)
            actions = self._book.handle(alarm, life.EV_DURESS if duress else event, now_ms)
        except life.Refused as refused:
            self._log.failure("alarm.refused", refused)
            return False
        self._log_state("alarm.state", alarm, event=life.EVENT_NAMES[event])
        self._act(alarm, actions, now_ms)
        if before == life.WAITING and alarm.state in _HAS_MOTION:
            self._on_open(alarm)
        return True

    def _act(self, alarm, actions, now_ms):
        utc_s = self._clock.utc_s()
        if utc_s is not None:
            alarm.learn_utc(utc_s, now_ms)
        for action in actions:
            if action == life.STORE:
                # Only what is about to be sent must be durable first; the rest can wait for quiet.
                if life.SEND in actions:
                    self._store.now(alarm, now_ms)
                else:
                    self._store.later(alarm)
                    self._wake.set()
            elif action == life.SEND:
                self._on_waiting(alarm)
            elif action.startswith("FEEL_"):
                signal = action[len("FEEL_") :]
                self._felt_ms[signal] = now_ms
                has_all = all(one.is_delivered() for one in self._book.alarms)
                self._feel(signal, "NOT_DELIVERED" if has_all else "")

    def _note_let_go(self):
        for alarm in self._book.let_go:
            self._log_state("alarm.let_go", alarm)
            self._store.later(alarm)
        self._book.let_go.clear()

    def _log_state(self, what, alarm, **fields):
        self._log.event(
            what,
            kind=kinds.of(alarm.kind).name,
            boot=alarm.boot,
            seq=alarm.seq,
            state=life.STATE_NAMES[alarm.state],
            **fields,
        )


_HAS_MOTION = (life.PRE_ALARM, life.RAISED)
