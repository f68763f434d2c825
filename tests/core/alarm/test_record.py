"""One alarm: its clocks, what of it is news to the receiver, and its record in the journal."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.alarm import kinds, life
from badge.core.alarm.book import AlarmBook
from badge.core.alarm.life import Refused
from badge.core.alarm.record import (
    AGE_AT_LEAST,
    CALLED_FALSE,
    DURESS,
    NOT_DELIVERED,
    TEST,
    Alarm,
    state_of,
    unpack,
)
from badge.core.codec import wire
from badge.core.codec.journal import REC_ALARM, Record
from badge.core.codec.wire import Status

STATES = range(len(life.STATE_NAMES))
UTC_S = 1_800_000_000
DAY_MS = 86_400_000


def squeezed(now_ms=0, utc_s=None):
    alarm = Alarm(kinds.SOS, 1, 1, now_ms, utc_s)
    alarm.handle(life.EV_SOS, now_ms)
    return alarm


def deadline(due_s, kind=kinds.AMBER, grace_s=0, utc_s=None):
    alarm = Alarm(kind, 1, 1, 0)
    alarm.grace_s = grace_s
    alarm.set_due(due_s, 0)
    alarm.utc_s = utc_s
    alarm.handle(life.EV_DEADLINE, 0)
    return alarm


def after_reset(alarm, packed_ms=0, now_ms=0):
    return unpack(alarm.boot, alarm.seq, alarm.pack(packed_ms), now_ms)


def test_a_refused_event_changes_nothing():
    alarm = squeezed()
    before = alarm.pack(10)
    for event in (life.EV_CANCEL, life.EV_END, life.EV_EXTEND):
        with pytest.raises(Refused):
            alarm.handle(event, 10)
    assert alarm.pack(10) == before


def test_late_is_a_flag_and_a_receipt_takes_it_away():
    alarm = squeezed()
    assert alarm.handle(life.EV_LATE, 30_000) == (life.FEEL_NOT_DELIVERED,)
    assert alarm.is_late()
    assert alarm.is_due_for_sending()
    alarm.handle(life.EV_RECEIPT, 31_000)
    assert not alarm.is_late()


def test_to_be_told_that_it_is_late_does_not_start_its_pauses_anew():
    alarm = squeezed()
    alarm.tries = 4
    alarm.handle(life.EV_LATE, 30_000)
    assert (alarm.tries, alarm.waiting_since_ms) == (4, 0)


def test_age_goes_on_over_the_wrap_of_the_ticks():
    start_ms = ticks.PERIOD - 5
    alarm = Alarm(kinds.SOS, 1, 1, start_ms)
    now_ms = start_ms
    for _ in range(5):
        now_ms = ticks.add(now_ms, 400_000_000)
        alarm.age_ms(now_ms)
    assert alarm.age_ms(now_ms) == 2_000_000_000


def test_age_after_a_reset_is_a_lower_bound_until_utc_is_known_on_both_sides():
    resumed = after_reset(squeezed(utc_s=UTC_S), 2000, 777)
    assert resumed.has(AGE_AT_LEAST)
    assert resumed.age_ms(1777) == 3000
    resumed.learn_utc(UTC_S + 600, 1777)
    assert not resumed.has(AGE_AT_LEAST)
    assert resumed.age_ms(1777) == 600_000
    assert resumed.utc_s == UTC_S


def test_an_alarm_without_utc_dates_itself_but_not_after_a_reset():
    alarm = squeezed()
    resumed = after_reset(alarm, 5000)
    alarm.learn_utc(UTC_S + 10, 10_000)
    assert alarm.utc_s == UTC_S
    resumed.learn_utc(UTC_S + 10, 10_000)
    assert resumed.utc_s is None
    assert resumed.has(AGE_AT_LEAST)


def test_a_pre_alarm_of_the_body_is_told_to_nobody_before_it_is_over():
    alarm = Alarm(kinds.MAN_DOWN, 1, 1, 0)
    alarm.handle(life.EV_CONDITION, 0)
    assert not alarm.is_due_for_sending()
    with pytest.raises(Refused, match="nothing was sent"):
        alarm.handle(life.EV_TAKEN, 5)
    with pytest.raises(Refused, match="no deadline"):
        alarm.handle(life.EV_END, 5)
    alarm.handle(life.EV_PRE_ALARM_OVER, 20_000)
    assert (alarm.rev, alarm.is_due_for_sending()) == (1, True)


@pytest.mark.requirement("R04")
def test_a_deadline_counts_down_and_its_grace_is_part_of_what_the_receiver_waits_for():
    alarm = deadline(600, kinds.CHECK_IN, grace_s=45)
    assert alarm.told_due_s(0) == 645
    assert alarm.due_in_ms(599_000) == 1000
    assert alarm.due_in_ms(600_000) == 0
    alarm.handle(life.EV_CONDITION, 600_000)
    assert alarm.told_due_s(610_000) == 35
    assert alarm.age_ms(610_000) == 10_000
    alarm.handle(life.EV_PRE_ALARM_OVER, 645_000)
    assert alarm.told_due_s(645_000) is None
    assert (alarm.kind, alarm.rev) == (kinds.CHECK_IN, 2)


def test_a_deadline_that_runs_out_is_an_alarm_that_begins_then():
    alarm = deadline(300, utc_s=UTC_S)
    alarm.handle(life.EV_RECEIPT, 500)
    assert alarm.is_delivered()
    alarm.handle(life.EV_EXPIRED, 300_000)
    alarm.learn_utc(UTC_S + 300, 300_000)
    assert (alarm.age_ms(300_000), alarm.utc_s) == (0, UTC_S + 300)
    assert (alarm.state, alarm.told_due_s(300_000)) == (life.RAISED, None)
    assert alarm.is_due_for_sending()


def test_a_squeeze_makes_an_amber_the_sos_under_the_same_key():
    alarm = deadline(300)
    alarm.handle(life.EV_SOS, 10_000)
    assert (alarm.kind, alarm.state, alarm.rev) == (kinds.SOS, life.RAISED, 2)
    assert (alarm.told_due_s(10_000), alarm.age_ms(10_500)) == (None, 500)


def test_what_was_ended_is_told_as_due_never():
    alarm = deadline(300)
    alarm.handle(life.EV_END, 10_000)
    assert alarm.told_due_s(10_000) == 0
    assert alarm.is_due_for_sending()
    alarm.handle(life.EV_RECEIPT, 10_500)
    assert not alarm.is_open()


def test_a_reset_cannot_shorten_a_deadline_and_utc_corrects_it():
    resumed = after_reset(deadline(1800, utc_s=UTC_S), 60_000)
    assert resumed.handle(life.EV_RESUME, 0) == (life.SEND,)
    assert resumed.due_in_ms(0) == 1_740_000
    resumed.learn_utc(UTC_S + 600, 0)
    assert resumed.due_in_ms(0) == 1_200_000
    resumed.learn_utc(UTC_S + 9000, 0)
    resumed = after_reset(resumed)
    resumed.learn_utc(UTC_S + 9000, 0)
    assert resumed.due_in_ms(0) == 0


def test_a_deadline_of_32_days_comes_due():
    alarm = deadline(32 * 86_400)
    for day in range(1, 33):
        left_ms = alarm.due_in_ms(day * DAY_MS % ticks.PERIOD)
        assert left_ms == (32 - day) * DAY_MS


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("event", [life.EV_FALSE_ALARM, life.EV_DURESS])
def test_after_a_false_alarm_no_answer_is_felt_that_could_give_the_wearer_away(event):
    alarm = squeezed()
    alarm.handle(event, 100)
    assert alarm.handle(life.EV_LATE, 30_100) == (life.FEEL_NOT_DELIVERED,)
    for answer in life.ANSWERS:
        assert set(alarm.handle(answer, 40_000)) <= {life.STORE, life.FORGET}


@pytest.mark.requirement("R07")
def test_a_shift_that_is_watched_counts_down_over_a_reset_and_then_it_is_over():
    test = Alarm(kinds.SOS, 1, 1, 0, UTC_S, TEST)
    test.watch_s = 600
    ages_ms = (0, 1, 1000, 1001, 598_999, 599_000, 599_001, 600_000, 700_000)
    assert [test.told_watch_s(ms) for ms in ages_ms] == [600, 600, 599, 599, 2, 1, 1, 0, 0]
    resumed = after_reset(test, 600_000)
    assert resumed.told_watch_s(0) == 0
    resumed = after_reset(Alarm(kinds.SOS, 1, 1, 0), 0)
    assert resumed.told_watch_s(0) is None


def test_a_release_that_knows_no_shifts_leaves_the_record_of_one_alone():
    """An update that is taken back: it knows records of versions 1 and 2, by their length."""
    test = Alarm(kinds.SOS, 1, 1, 0, None, TEST)
    before = test.pack(0)
    test.watch_s = 600
    assert (before[0], test.pack(0)[0]) == (2, 3)


@given(st.binary(max_size=60))
def test_any_bytes_unpack_to_an_alarm_or_to_a_value_error(payload):
    try:
        alarm = unpack(1, 1, payload, 0)
    except ValueError:
        assert state_of(payload) is None
    else:
        assert alarm.state == state_of(payload)


@given(st.data())
def test_the_record_keeps_what_a_message_needs(data):
    optional = {
        "peak_mg": st.integers(0, 65534),
        "tilt_deg": st.integers(0, 180),
        "due_ms": st.integers(0, 32 * DAY_MS),
        "battery_percent": st.integers(0, 100),
    }
    # Of a test, of a fault, and of what was heard of: no alarm has two of them.
    one_of_these = {
        "watch_s": st.integers(0, 2 * 86_400),
        "reason": st.integers(0, 255),
        "heard": st.integers(1, 2**32 - 1),
    }
    always = {
        "state": st.sampled_from(STATES),
        "grace_s": st.integers(0, 600),
        "rev": st.integers(0, 2**32 - 1),
        "delivered_rev": st.integers(0, 2**32 - 1),
    }
    kind, marks = data.draw(st.integers(1, 255)), data.draw(st.integers(0, 31))
    alarm = Alarm(kind, 7, 9, 100, data.draw(st.none() | st.integers(1, 2**32 - 1)), marks)
    names = ["kind", "utc_s", *optional, *one_of_these, *always]
    for name, values in optional.items():
        setattr(alarm, name, data.draw(st.none() | values))
    for name, values in always.items():
        setattr(alarm, name, data.draw(values))
    only = data.draw(st.sampled_from(["", *one_of_these]))
    if only:
        setattr(alarm, only, data.draw(one_of_these[only]))
    back = unpack(7, 9, alarm.pack(400), 0)
    assert [getattr(back, name) for name in names] == [getattr(alarm, name) for name in names]
    assert back.age_ms(0) == 300
    # What the wearer was told is told again; the clock has stopped.
    assert back.marks == (marks | AGE_AT_LEAST) & ~NOT_DELIVERED


# What the first release wrote: version, kind, state, flags, utc_s, age_ms, peak_mg, tilt_deg.
def record_1(state, flags=0):
    return struct.pack("<BBBBIIHB", 1, 2, state, flags, UTC_S, 5000, 4100, 80)


@pytest.mark.parametrize(
    ("state", "after", "is_sent_again"),
    [
        (life.PRE_ALARM, life.RAISED, True),
        (life.RAISED, life.RAISED, True),
        (life.SENT, life.RAISED, True),
        (life.RECEIVED, life.RECEIVED, False),
        (life.TAKEN, life.TAKEN, False),
        (life.HELP_COMING, life.HELP_COMING, False),
    ],
)
def test_an_update_from_the_first_release_in_mid_alarm_goes_on_with_it(
    state, after, is_sent_again
):
    alarm = unpack(3, 4, record_1(state, flags=1), 0)
    alarm.handle(life.EV_RESUME, 0)
    assert (alarm.state, alarm.kind, alarm.peak_mg, alarm.tilt_deg) == (
        *(after, kinds.MAN_DOWN),
        *(4100, 80),
    )
    assert (alarm.utc_s, alarm.age_ms(0), alarm.has(TEST)) == (UTC_S, 5000, True)
    assert (alarm.rev, alarm.is_due_for_sending()) == (1, is_sent_again)
    assert not alarm.has(DURESS)
    assert state_of(alarm.pack(0)) == after


@pytest.mark.parametrize(
    ("answer", "feeling"),
    [
        (life.EV_RECEIPT, life.FEEL_RECEIVED),
        (life.EV_TAKEN, life.FEEL_TAKEN),
        (life.EV_HELP_COMING, life.FEEL_HELP_COMING),
    ],
)
def test_after_a_reset_the_answer_is_felt_once_more_when_it_comes_again(answer, feeling):
    """The chip may have died before it was felt; and by now it may no longer be true."""
    alarm = squeezed()
    alarm.handle(answer, 0)
    resumed = unpack(1, 1, alarm.pack(0), 0)
    assert resumed.handle(life.EV_RESUME, 0) == ()
    resumed.is_unfelt = True
    assert resumed.handle(answer, 0) == (feeling,)
    assert resumed.handle(answer, 0) == ()


def test_after_a_reset_the_answer_to_a_hello_is_felt_though_it_was_heard_before():
    book = AlarmBook(1)
    alarm, _ = book.squeeze(0, UTC_S)
    said = Status("b", alarm.boot, alarm.seq, wire.STATUS_TAKEN, 5, 1, 7, None, None, None)
    book.on_status(said, 0)
    after = AlarmBook(2)
    [(resumed, _)] = after.resume([Record(REC_ALARM, 1, alarm.seq, alarm.pack(0))], 0)
    # Who has switched it on themselves feels nothing of it.
    assert after.on_status(said, 0) == (resumed, None)
    resumed.is_unfelt = True
    assert after.on_status(said, 0) == (resumed, (life.FEEL_TAKEN,))
    assert after.on_status(said, 0) == (resumed, None)


def test_news_that_comes_after_a_reset_is_felt_once_and_in_place_of_the_old():
    alarm = squeezed()
    alarm.handle(life.EV_RECEIPT, 0)
    resumed = unpack(1, 1, alarm.pack(0), 0)
    resumed.is_unfelt = True
    assert resumed.handle(life.EV_TAKEN, 0) == (life.STORE, life.FEEL_TAKEN)
    assert resumed.handle(life.EV_TAKEN, 0) == ()


@pytest.mark.parametrize("event", [life.EV_FALSE_ALARM, life.EV_DURESS])
def test_what_was_called_false_is_felt_no_more_after_a_reset_either(event):
    """Whoever made the wearer say so may be holding the badge."""
    alarm = squeezed()
    alarm.handle(life.EV_TAKEN, 0)
    alarm.handle(event, 0)
    resumed = unpack(1, 1, alarm.pack(0), 0)
    resumed.is_unfelt = True
    assert resumed.handle(life.EV_TAKEN, 0) == ()


def test_records_of_the_release_that_kept_five_booleans_are_resumed_and_written_alike():
    forced = bytes.fromhex("0202020c803bb16aa8610000041050ffffffff00000200000000000000ff")
    alarm = unpack(3, 4, forced, 0)
    assert (alarm.kind, alarm.state, alarm.rev) == (kinds.MAN_DOWN, life.RAISED, 2)
    assert [alarm.has(mark) for mark in (TEST, DURESS, CALLED_FALSE)] == [False, True, True]
    assert (alarm.is_late(), alarm.age_ms(0)) == (False, 25_000)
    # Its own age is a lower bound from now on, and no other byte differs.
    assert alarm.pack(0) == forced[:3] + bytes([forced[3] | AGE_AT_LEAST]) + forced[4:]
    test = "03010a0100000000dc050000ffffffffffffff00000100000000000000ff100e0000"
    assert unpack(3, 5, bytes.fromhex(test), 0).has(TEST)


def test_a_state_that_a_version_did_not_have_is_no_record():
    assert state_of(record_1(life.WAITING)) is None
    later = bytearray(squeezed().pack(0))
    later[2] = len(life.STATE_NAMES)
    assert state_of(bytes(later)) is None
