"""Wearer, badge, lossy link and receiver in any order: what must hold whatever happens."""

from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from badge.core import ticks
from badge.core.alarm import kinds, life, record
from badge.core.alarm import message as alarm_message
from badge.core.alarm.book import MAX_OPEN, AlarmBook, worth_keeping
from badge.core.alarm.life import Refused
from badge.core.alarm.outbox import Outbox
from badge.core.codec import wire
from badge.core.codec.journal import REC_ALARM, Record
from badge.core.settings.config import defaults

KEY = bytes(32)
BODY = (kinds.MAN_DOWN, kinds.REST, kinds.TILT, kinds.RIP, kinds.FLIGHT)
DEADLINES = (kinds.CHECK_IN, kinds.AMBER)
WORDS = (life.NEWS, life.STORE, life.SEND, life.FORGET)


class Receiver:
    """Commits the highest rev of each key, opens what comes due, and answers with a status."""

    def __init__(self):
        self.messages = {}
        self.states = {}
        self.due_s = {}

    def take(self, frame, now_s):
        alarm = wire.decode_alarm(frame, lambda _: KEY)
        key = (alarm.boot, alarm.seq)
        known = self.messages.get(key)
        if known is None or known.rev < alarm.rev:
            self.messages[key] = alarm
            self.states.setdefault(key, wire.STATUS_RECEIVED)
            is_running = alarm.due_s and not alarm.flags & wire.FLAG_CANCELLED
            self.due_s[key] = now_s + alarm.due_s if is_running else None
        return self.status(key)

    def status(self, key):
        rev = self.messages[key].rev
        boot, seq = key
        frame = wire.encode_status(KEY, "b", boot, seq, self.states[key], 1, rev=rev)
        return wire.decode_status(frame, KEY, "b")

    def has_alarm(self, key):
        message = self.messages.get(key)
        return message is not None and message.due_s is None and not self.is_withdrawn(key)

    def is_withdrawn(self, key):
        return bool(self.messages[key].flags & wire.FLAG_CANCELLED)


class AlarmLife(RuleBasedStateMachine):
    """The badge's book, outbox and flash; `deferred` is what flash does not have yet."""

    @initialize()
    def start(self):
        self.now_ms = ticks.PERIOD - 200_000
        self.clock_ms = 0
        self.config = defaults()
        self.outbox = Outbox(self.config, lambda: 128)
        self.receiver = Receiver()
        self.under_way = []
        self.flash = []
        self.deferred = []
        self.boot = 1
        self.book = AlarmBook(1)
        self.raised = set()
        self.duress = set()

    def do(self, alarm, actions):
        """What the keeper does: durable at once what is sent, later the rest."""
        if life.STORE in actions:
            if life.SEND in actions:
                self.flash.append(self.record(alarm))
            else:
                self.deferred.append(alarm)
        assert not (alarm.state == life.WITHDRAWN and set(actions) - {*WORDS, life.STOP_PRE_ALARM})
        if alarm.is_red():
            self.raised.add((alarm.boot, alarm.seq))
        if alarm.has(record.DURESS):
            self.duress.add((alarm.boot, alarm.seq))

    def record(self, alarm):
        return Record(REC_ALARM, alarm.boot, alarm.seq, alarm.pack(self.now_ms))

    def try_to(self, opening):
        with suppress(Refused):
            self.do(*opening())

    def step(self, alarm, event):
        self.try_to(lambda: (alarm, self.book.handle(alarm, event, self.now_ms)))

    @rule(passed_ms=st.integers(0, 40_000))
    def time_passes(self, passed_ms):
        self.now_ms = ticks.add(self.now_ms, passed_ms)
        self.clock_ms += passed_ms
        for alarm in self.book.in_state(life.PRE_ALARM):
            if alarm.age_ms(self.now_ms) >= self.config.prealarm_ms:
                self.step(alarm, life.EV_PRE_ALARM_OVER)
        for alarm in self.book.in_state(life.WAITING):
            if alarm.due_in_ms(self.now_ms) == 0:
                self.step(alarm, life.EV_CONDITION if alarm.grace_s else life.EV_EXPIRED)
        for alarm in list(self.book.alarms):
            if self.outbox.late(alarm, self.now_ms):
                self.step(alarm, life.EV_LATE)

    @rule()
    def squeeze(self):
        alarm, actions = self.book.squeeze(self.now_ms)
        self.do(alarm, actions)
        assert (alarm.state, alarm.kind) == (life.RAISED, kinds.SOS)
        assert life.FEEL_RAISED in actions

    @rule(kind=st.sampled_from(BODY))
    def condition(self, kind):
        self.try_to(lambda: self.book.condition(kind, self.now_ms))

    @rule(
        kind=st.sampled_from(DEADLINES),
        due_s=st.integers(5, 300),
        grace_s=st.sampled_from((0, 20)),
    )
    def deadline(self, kind, due_s, grace_s):
        self.try_to(lambda: self.book.deadline(kind, due_s, self.now_ms, None, grace_s))

    @rule(is_test=st.booleans())
    def report(self, is_test):
        kind = kinds.SOS if is_test else kinds.BATTERY
        self.try_to(lambda: self.book.report(kind, self.now_ms, mark=record.TEST * is_test))

    @precondition(lambda self: self.book.alarms)
    @rule(
        which=st.integers(0, MAX_OPEN - 1),
        event=st.sampled_from(
            [
                life.EV_CLEAR,
                life.EV_CANCEL,
                life.EV_END,
                life.EV_EXTEND,
                life.EV_FALSE_ALARM,
                life.EV_DURESS,
                life.EV_SENT,
            ]
        ),
    )
    def wearer_or_broker(self, which, event):
        alarm = self.book.alarms[which % len(self.book.alarms)]
        if event == life.EV_EXTEND:
            self.try_to(lambda: (alarm, self.book.extend(alarm, 60, self.now_ms)))
        else:
            self.step(alarm, event)

    @rule(is_lost=st.booleans())
    def send(self, is_lost):
        alarm = self.outbox.due(self.book.alarms, self.now_ms, True)
        if alarm is None:
            return
        attempt = self.outbox.sent(alarm, self.now_ms)
        frame = alarm_message.encode(KEY, "b", alarm, attempt, self.now_ms)
        if not is_lost:
            self.under_way.append(self.receiver.take(frame, self.clock_ms // 1000))

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 99))
    def status_arrives(self, which):
        status = self.under_way.pop(which % len(self.under_way))
        self.try_to(lambda: self.told(status))

    def told(self, status):
        alarm, actions = self.book.on_status(status, self.now_ms)
        return (alarm, actions) if alarm is not None else (_Nobody(), ())

    @precondition(lambda self: self.receiver.states)
    @rule(which=st.integers(0, 99), state=st.integers(2, 4))
    def operator_acts(self, which, state):
        keys = sorted(self.receiver.states)
        key = keys[which % len(keys)]
        if self.receiver.has_alarm(key) and state > self.receiver.states[key]:
            self.receiver.states[key] = state
            self.under_way.append(self.receiver.status(key))

    @rule()
    def flash_settles(self):
        for alarm in self.book.let_go + self.deferred:
            self.flash.append(self.record(alarm))
        self.book.let_go.clear()
        self.deferred.clear()

    @rule()
    def reset(self):
        self.deferred.clear()
        self.boot += 1
        self.now_ms = 777
        self.book = AlarmBook(self.boot)
        for alarm, actions in self.book.resume(worth_keeping(self.flash), self.now_ms):
            self.do(alarm, actions)

    @invariant()
    def what_the_receiver_does_not_have_is_due(self):
        for alarm in self.book.alarms:
            assert alarm.is_open()
            key = (alarm.boot, alarm.seq)
            message = self.receiver.messages.get(key)
            if alarm.rev and (message is None or message.rev < alarm.rev):
                wait_ms = self.outbox.wait_ms([alarm], self.now_ms)
                assert wait_ms is not None
                assert wait_ms <= self.config.retry_max_ms

    @invariant()
    def no_raised_alarm_is_gone_before_the_receiver_has_it(self):
        for key in self.raised:
            assert self.book.find(*key) is not None or self.receiver.has_alarm(key)

    @invariant()
    def no_duress_is_gone_before_the_receiver_has_it(self):
        for key in self.duress:
            message = self.receiver.messages.get(key)
            has_it = message is not None and message.flags & wire.FLAG_DURESS
            assert has_it or self.book.find(*key).has(record.DURESS)

    @invariant()
    def a_deadline_that_the_receiver_has_runs_there_too(self):
        for alarm in self.book.in_state(life.WAITING):
            key = (alarm.boot, alarm.seq)
            message = self.receiver.messages.get(key)
            if message is not None and message.rev == alarm.rev:
                assert self.receiver.due_s[key] is not None

    def teardown(self):
        """With a link that works everything arrives, and both sides say the same."""
        for _ in range(60):
            self.now_ms = ticks.add(self.now_ms, self.config.retry_max_ms)
            self.send(is_lost=False)
            while self.under_way:
                self.status_arrives(0)
        assert not any(alarm.is_due_for_sending() for alarm in self.book.alarms)
        for alarm in self.book.alarms:
            if alarm.is_red():
                message = self.receiver.messages[(alarm.boot, alarm.seq)]
                assert message.due_s is None
                assert message.kind == alarm.kind
                assert bool(message.flags & wire.FLAG_FALSE_ALARM) == alarm.has(
                    record.CALLED_FALSE
                )


class _Nobody:
    """Stands for an alarm that is not in the book any more."""

    state = life.CLOSED

    def has(self, _mark):
        return False

    def is_red(self):
        return False


TestAlarmLife = AlarmLife.TestCase
TestAlarmLife.settings = settings(max_examples=150, stateful_step_count=80, deadline=None)
