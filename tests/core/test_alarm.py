"""The alarm table walked through completely, and the alarms and the book that live by it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core import alarm as life
from badge.core import ticks
from badge.core.alarm import Alarm, Refused, step
from badge.core.alarm_book import MAX_OPEN, SOS_RESERVE, AlarmBook, worth_keeping
from badge.core.config import defaults
from badge.core.journal import REC_ALARM
from badge.core.outbox import Outbox
from badge.core.wire import Status
from nabij.alarm_diagram import diagram, with_diagram

STATES = range(len(life.STATE_NAMES))
EVENTS = range(len(life.EVENT_NAMES))
RAISED_STATES = (life.RAISED, life.SENT, life.RECEIVED, life.TAKEN, life.HELP_COMING)


def record(alarm, now_ms):
    return (REC_ALARM, alarm.boot, alarm.seq, alarm.pack(now_ms))


@pytest.mark.parametrize("event", EVENTS, ids=life.EVENT_NAMES)
@pytest.mark.parametrize("state", STATES, ids=life.STATE_NAMES)
def test_every_event_acts_or_is_refused_with_a_reason(state, event):
    if (state, event) in life.TABLE:
        after, actions = step(state, event)
        assert after in STATES
        assert isinstance(actions, tuple)
        return
    with pytest.raises(Refused) as refusal:
        step(state, event)
    assert refusal.value.code == "alarm.refused"
    assert life.STATE_NAMES[state] in str(refusal.value)
    assert len(str(refusal.value).partition(": ")[2]) > 10


def test_every_open_state_has_a_way_out_and_can_be_reached():
    arrows = {(state, after) for (state, _), (after, _) in life.TABLE.items()}
    reached, ends = {life.IDLE}, {life.IDLE, life.CLOSED}
    for _ in STATES:
        reached |= {after for state, after in arrows if state in reached}
        ends |= {state for state, after in arrows if after in ends}
    assert reached == set(STATES)
    assert ends == set(STATES)


def test_store_comes_before_send():
    for (state, _), (after, actions) in life.TABLE.items():
        if life.SEND in actions and state not in RAISED_STATES:
            assert actions.index(life.STORE) < actions.index(life.SEND)
        if after != state and after not in (life.SENT, life.RAISED):
            assert life.STORE in actions
        if after == life.RAISED and state not in RAISED_STATES:
            assert life.SEND in actions


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("event", EVENTS, ids=life.EVENT_NAMES)
def test_only_the_centre_ends_an_alarm_that_was_raised(event):
    for state in RAISED_STATES:
        after = life.TABLE.get((state, event), (state,))[0]
        assert (after not in RAISED_STATES) == (event == life.EV_CLOSE)


def test_an_alarm_never_goes_back_behind_what_the_receiver_said():
    for (state, _), (after, _) in life.TABLE.items():
        if state >= life.RECEIVED:
            assert after >= state


def test_the_page_shows_the_table(repo: Path):
    page = (repo / "docs" / "alarm.md").read_text()
    assert with_diagram(page) == page
    assert diagram().count(" --> ") == len(life.TABLE) + 2


def test_a_refused_event_changes_nothing():
    alarm = Alarm(life.KIND_SOS, 1, 1, 0)
    alarm.handle(life.EV_SOS, 0)
    with pytest.raises(Refused):
        alarm.handle(life.EV_CANCEL, 10)
    assert alarm.state == life.RAISED


def test_a_reset_in_a_pre_alarm_raises_the_alarm():
    book = AlarmBook(1)
    alarm, actions = book.condition(life.KIND_MAN_DOWN, 0, peak_mg=4100, tilt_deg=80)
    assert life.STORE in actions
    after = AlarmBook(2)
    [(resumed, actions)] = after.resume([record(alarm, 5)], 0)
    assert (resumed.boot, resumed.seq, resumed.state) == (1, 1, life.RAISED)
    assert (resumed.peak_mg, resumed.tilt_deg) == (4100, 80)
    assert actions.index(life.STORE) < actions.index(life.SEND)


def test_late_is_a_flag_and_a_receipt_takes_it_away():
    alarm = Alarm(life.KIND_SOS, 1, 1, 0)
    alarm.handle(life.EV_SOS, 0)
    assert alarm.handle(life.EV_LATE, 30_000) == (life.FEEL_NOT_DELIVERED,)
    assert alarm.not_delivered
    assert alarm.is_due_for_sending()
    alarm.handle(life.EV_RECEIPT, 31_000)
    assert not alarm.not_delivered


def test_age_goes_on_over_the_wrap_of_the_ticks():
    start_ms = ticks.PERIOD - 5
    alarm = Alarm(life.KIND_SOS, 1, 1, start_ms)
    now_ms = start_ms
    for _ in range(5):
        now_ms = ticks.add(now_ms, 400_000_000)
        alarm.age_ms(now_ms)
    assert alarm.age_ms(now_ms) == 2_000_000_000


def test_age_after_a_reset_is_a_lower_bound_until_utc_is_known_on_both_sides():
    alarm = Alarm(life.KIND_SOS, 1, 1, 0, utc_s=1_800_000_000)
    alarm.handle(life.EV_SOS, 0)
    resumed = life.unpack(1, 1, alarm.pack(2000), 777)
    assert resumed.age_at_least
    assert resumed.age_ms(1777) == 3000
    resumed.learn_utc(1_800_000_600, 1777)
    assert not resumed.age_at_least
    assert resumed.age_ms(1777) == 600_000
    assert resumed.utc_s == 1_800_000_000


def test_an_alarm_without_utc_dates_itself_but_not_after_a_reset():
    alarm = Alarm(life.KIND_SOS, 1, 1, 0)
    resumed = life.unpack(1, 1, alarm.pack(5000), 0)
    alarm.learn_utc(1_800_000_010, 10_000)
    assert alarm.utc_s == 1_800_000_000
    resumed.learn_utc(1_800_000_010, 10_000)
    assert resumed.utc_s is None
    assert resumed.age_at_least


@given(st.binary(max_size=40))
def test_any_bytes_unpack_to_an_alarm_or_to_a_value_error(payload):
    try:
        alarm = life.unpack(1, 1, payload, 0)
    except ValueError:
        assert life.state_of(payload) is None
    else:
        assert alarm.state == life.state_of(payload)


@given(
    st.integers(1, 255),
    st.sampled_from(STATES),
    st.one_of(st.none(), st.integers(1, 0xFFFFFFFF)),
    st.one_of(st.none(), st.integers(0, 65534)),
    st.one_of(st.none(), st.integers(0, 180)),
    st.booleans(),
)
def test_the_record_keeps_what_a_message_needs(kind, state, utc_s, peak_mg, tilt_deg, is_test):
    alarm = Alarm(kind, 7, 9, 100, utc_s, is_test)
    alarm.state, alarm.peak_mg, alarm.tilt_deg = state, peak_mg, tilt_deg
    back = life.unpack(7, 9, alarm.pack(400), 0)
    assert (back.kind, back.state, back.utc_s, back.is_test) == (kind, state, utc_s, is_test)
    assert (back.peak_mg, back.tilt_deg, back.age_ms(0)) == (peak_mg, tilt_deg, 300)


def test_a_squeeze_in_a_pre_alarm_turns_it_into_the_sos():
    book = AlarmBook(1)
    alarm, _ = book.condition(life.KIND_MAN_DOWN, 0, peak_mg=3000)
    squeezed, actions = book.squeeze(10)
    assert squeezed is alarm
    assert (alarm.kind, alarm.state, alarm.peak_mg) == (life.KIND_SOS, life.RAISED, 3000)
    assert life.STOP_PRE_ALARM in actions


def test_a_squeeze_lets_the_oldest_delivered_alarm_go():
    book = AlarmBook(1)
    for now_ms in range(MAX_OPEN):
        alarm, _ = book.squeeze(now_ms)
        if alarm.seq in (3, 5):
            book.handle(alarm, life.EV_RECEIPT, now_ms)
    book.squeeze(100)
    assert [alarm.seq for alarm in book.alarms] == [1, 2, 4, 5, 6, 7, 8, 9]


def test_a_squeeze_is_never_refused_and_no_undelivered_alarm_is_let_go():
    book = AlarmBook(1)
    for now_ms in range(20):
        alarm, actions = book.squeeze(now_ms)
        assert alarm.state == life.RAISED
        assert {life.FEEL_RAISED, life.SEND} <= set(actions)
    assert [alarm.seq for alarm in book.alarms] == list(range(1, MAX_OPEN + 1))


def test_automatic_alarms_leave_room_for_squeezes():
    book = AlarmBook(1)
    for now_ms in range(MAX_OPEN - SOS_RESERVE):
        alarm, _ = book.condition(life.KIND_MAN_DOWN, now_ms)
        book.handle(alarm, life.EV_PRE_ALARM_OVER, now_ms)
    with pytest.raises(Refused):
        book.condition(life.KIND_MAN_DOWN, 100)
    new = {book.squeeze(now_ms)[0].seq for now_ms in range(SOS_RESERVE)}
    assert len(new) == SOS_RESERVE
    assert len(book.alarms) == MAX_OPEN


def test_a_second_condition_in_a_pre_alarm_is_refused():
    book = AlarmBook(1)
    alarm, _ = book.condition(life.KIND_MAN_DOWN, 0)
    with pytest.raises(Refused):
        book.condition(life.KIND_MAN_DOWN, 5)
    book.handle(alarm, life.EV_CLEAR, 10)
    assert book.alarms == []
    assert book.condition(life.KIND_MAN_DOWN, 20)[0].seq == 2


def test_statuses_move_the_alarm_they_name_and_no_other():
    book = AlarmBook(4)
    alarm, _ = book.squeeze(0)
    assert book.on_status(Status("b", 3, 1, 1, 5), 0) == (None, ())
    assert alarm.state == life.RAISED
    for state, after in enumerate(
        (life.RECEIVED, life.TAKEN, life.HELP_COMING, life.CLOSED), start=1
    ):
        found, actions = book.on_status(Status("b", 4, 1, state, 5), 0)
        assert found is alarm
        assert life.STORE in actions
        assert alarm.state == after
    assert book.alarms == []


class Badge:
    """Book, outbox and what STORE has made durable, driven by any events in any order."""

    def __init__(self):
        self.now_ms = 0
        self.config = defaults()
        self.outbox = Outbox(self.config, lambda: 128)
        self.book = AlarmBook(1)
        self.journal = []
        self.raised = set()
        self.answered = set()
        self.boot = 1

    def store(self, alarm, actions):
        if life.STORE in actions:
            self.journal.append(record(alarm, self.now_ms))

    def squeeze(self, _):
        self.store(*self.book.squeeze(self.now_ms))

    def condition(self, _):
        self.store(*self.book.condition(life.KIND_MAN_DOWN, self.now_ms))

    def reset(self, _):
        self.boot += 1
        self.book = AlarmBook(self.boot)
        for alarm, actions in self.book.resume(worth_keeping(self.journal), self.now_ms):
            self.store(alarm, actions)

    def send(self, _):
        alarm = self.outbox.due(self.book.alarms, self.now_ms, True)
        if alarm is not None:
            self.outbox.sent(alarm, self.now_ms)

    def event(self, which, event):
        if self.book.alarms:
            alarm = self.book.alarms[which % len(self.book.alarms)]
            self.store(alarm, self.book.handle(alarm, event, self.now_ms))
            if event in (life.EV_RECEIPT, life.EV_TAKEN, life.EV_HELP_COMING, life.EV_CLOSE):
                self.answered.add((alarm.boot, alarm.seq))

    def check(self):
        """What was raised and not answered is due, and not later than the longest pause."""
        alarms = self.book.alarms
        self.raised |= {(a.boot, a.seq) for a in alarms if a.state in RAISED_STATES}
        due = [alarm for alarm in alarms if alarm.is_due_for_sending()]
        assert {(alarm.boot, alarm.seq) for alarm in due} == self.raised - self.answered
        for alarm in due:
            assert self.outbox.wait_ms([alarm], self.now_ms) <= self.config.retry_max_ms


STEPS = st.one_of(
    st.sampled_from(["squeeze", "condition", "reset", "send"]), st.sampled_from(EVENTS)
)


@settings(deadline=None)
@given(st.lists(st.tuples(STEPS, st.integers(0, 9), st.integers(0, 40_000)), max_size=60))
def test_what_is_raised_and_not_received_is_always_due(walk):
    badge = Badge()
    for what, which, passed_ms in walk:
        badge.now_ms = ticks.add(badge.now_ms, passed_ms)
        try:
            if isinstance(what, str):
                getattr(badge, what)(which)
            else:
                badge.event(which, what)
        except Refused:
            pass
        badge.check()
