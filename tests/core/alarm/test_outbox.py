"""The outbox: what is sent first, how often, and that it never gives up before the receipt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.alarm import kinds, life
from badge.core.alarm.outbox import Outbox
from badge.core.alarm.record import Alarm
from badge.core.settings.config import Config, defaults


def raised(kind, seq, now_ms=0):
    alarm = Alarm(kind, 1, seq, now_ms)
    if kind == kinds.BATTERY:
        alarm.handle(life.EV_REPORT, now_ms)
        return alarm
    if kind != kinds.SOS:
        alarm.handle(life.EV_CONDITION, now_ms)
    alarm.handle(life.EV_SOS if kind == kinds.SOS else life.EV_PRE_ALARM_OVER, now_ms)
    return alarm


def deadline(kind, seq, due_s=300):
    alarm = Alarm(kind, 1, seq, 0)
    alarm.set_due(due_s, 0)
    alarm.handle(life.EV_DEADLINE, 0)
    return alarm


def outbox(random_byte=0, **settings):
    return Outbox(Config.from_dict(settings), lambda: random_byte)


def test_a_new_alarm_is_due_at_once_when_the_link_is_up():
    alarm = raised(kinds.SOS, 1, 500)
    assert outbox().due([alarm], 500, True) is alarm
    assert outbox().due([alarm], 500, False) is None
    assert outbox().wait_ms([alarm], 500) == 0


def test_an_alarm_is_near_while_a_pre_alarm_runs_and_when_it_is_due():
    box, fall, squeeze = outbox(), Alarm(kinds.MAN_DOWN, 1, 1, 0), raised(kinds.SOS, 2)
    fall.handle(life.EV_CONDITION, 0)
    assert fall.state == life.PRE_ALARM
    assert box.is_near([fall], 1)
    assert box.is_near([squeeze], 1)
    box.sent(squeeze, 1)
    assert not box.is_near([squeeze], 2)
    assert not box.is_near([], 2)


def test_a_squeeze_goes_before_automatic_alarms_then_the_oldest():
    falls = [raised(kinds.MAN_DOWN, 1), raised(kinds.MAN_DOWN, 2)]
    squeezes = [raised(kinds.SOS, 3), raised(kinds.SOS, 4)]
    box, alarms = outbox(), falls + squeezes
    order = []
    for _ in range(4):
        alarm = box.due(alarms, 0, True)
        order.append(alarm.seq)
        box.sent(alarm, 0)
    assert order == [3, 4, 1, 2]
    assert box.due(alarms, 0, True) is None


def test_then_other_alarms_then_deadlines_then_the_battery_and_a_test_last_of_all():
    test = Alarm(kinds.SOS, 1, 1, 0, None, True)
    test.handle(life.EV_REPORT, 0)
    battery = raised(kinds.BATTERY, 2)
    amber = deadline(kinds.AMBER, 3)
    tilt = raised(kinds.TILT, 4)
    withdrawn = Alarm(kinds.REST, 1, 5, 0)
    withdrawn.handle(life.EV_CONDITION, 0)
    withdrawn.handle(life.EV_DURESS, 0)
    sos = raised(kinds.SOS, 6)
    box, alarms = outbox(), [test, battery, amber, tilt, withdrawn, sos]
    order = []
    while (alarm := box.due(alarms, 0, True)) is not None:
        order.append(alarm)
        box.sent(alarm, 0)
    assert order == [sos, tilt, withdrawn, amber, battery, test]


def test_a_change_is_sent_at_once_and_until_that_very_change_is_confirmed():
    box, alarm = outbox(), raised(kinds.SOS, 1)
    alarm.handle(life.EV_TAKEN, 500)
    assert box.wait_ms([alarm], 500) is None
    alarm.handle(life.EV_FALSE_ALARM, 1000)
    assert box.due([alarm], 1000, True) is alarm
    assert box.sent(alarm, 1000) == 1
    assert box.wait_ms([alarm], 1000) == 2000
    alarm.handle(life.EV_RECEIPT, 1500)
    assert box.wait_ms([alarm], 1500) is None


@pytest.mark.parametrize(
    ("age_ms", "longest"),
    [(0, [12_000] * 5), (599_999, [12_000] * 5), (600_000, [16_000, 32_000, *[60_000] * 3])],
)
def test_pauses_double_up_to_the_longest_which_is_12_s_for_ten_minutes(age_ms, longest):
    box, alarm = outbox(retry_first_ms=2000, retry_max_ms=60000), raised(kinds.SOS, 1)
    pauses = []
    for attempt in range(1, 9):
        assert box.sent(alarm, age_ms) == attempt
        pauses.append(box.wait_ms([alarm], age_ms))
    assert pauses == [2000, 4000, 8000, *longest]
    reconnects = [box.reconnect_ms(failures, [alarm], age_ms) for failures in range(1, 9)]
    assert reconnects == pauses


def test_the_shortest_pause_grows_to_256_times_as_long():
    box = outbox(retry_first_ms=500, retry_max_ms=300_000)
    assert [box.reconnect_ms(failures) for failures in (8, 9, 10)] == [64_000, 128_000, 128_000]


@given(st.integers(0, 255), st.integers(1, 100_000))
def test_jitter_takes_off_at_most_a_quarter_and_pauses_never_end(random_byte, tries):
    box, alarm = outbox(random_byte), raised(kinds.SOS, 1)
    config = defaults()
    alarm.tries = tries - 1
    box.sent(alarm, 0)
    full_ms = min(config.retry_first_ms * 2 ** min(tries - 1, 30), 12_000)
    assert 0.75 * full_ms <= box.wait_ms([alarm], 0) <= full_ms
    assert box.due([alarm], full_ms, True) is alarm


@pytest.mark.parametrize("event", [life.EV_RECEIPT, life.EV_TAKEN, life.EV_HELP_COMING])
def test_only_what_the_receiver_says_ends_the_sending(event):
    box, alarm = outbox(), raised(kinds.SOS, 1)
    box.sent(alarm, 0)
    alarm.handle(life.EV_SENT, 10)
    assert box.due([alarm], 70_000, True) is alarm
    alarm.handle(event, 70_001)
    assert box.due([alarm], 200_000, True) is None
    assert box.wait_ms([alarm], 200_000) is None


def test_a_new_link_sends_what_waited_for_it():
    box, alarm = outbox(), raised(kinds.SOS, 1)
    for _ in range(6):
        box.sent(alarm, 0)
    assert box.due([alarm], 5, True) is None
    box.link_is_new([alarm], 5)
    assert box.due([alarm], 5, True) is alarm


def test_an_alarm_stays_due_when_the_ticks_wrap_without_a_link():
    box, alarm = outbox(), raised(kinds.SOS, 1)
    box.sent(alarm, 0)
    for days in range(1, 30):
        now_ms = days * 86_400_000 % ticks.PERIOD
        assert box.due([alarm], now_ms, True) is alarm


@pytest.mark.requirement("R18")
def test_the_wearer_is_told_once_within_30_s_that_nothing_was_delivered():
    box, alarm = outbox(), raised(kinds.SOS, 1, 100)
    box.sent(alarm, 200)
    assert not box.late(alarm, 30_099)
    assert box.late(alarm, 30_100)
    alarm.handle(life.EV_LATE, 30_100)
    assert not box.late(alarm, 30_200)


def test_time_in_the_pre_alarm_does_not_make_an_alarm_late():
    box, alarm = outbox(), Alarm(kinds.MAN_DOWN, 1, 1, 0)
    alarm.handle(life.EV_CONDITION, 0)
    assert not box.late(alarm, 40_000)
    alarm.handle(life.EV_PRE_ALARM_OVER, 40_000)
    assert not box.late(alarm, 69_999)
    assert box.late(alarm, 70_000)


def test_a_delivered_alarm_is_never_late():
    box, alarm = outbox(), raised(kinds.SOS, 1)
    alarm.handle(life.EV_RECEIPT, 500)
    assert not box.late(alarm, 100_000)


def test_reconnecting_waits_longer_after_each_failure():
    box = outbox()
    pauses = [box.reconnect_ms(failures) for failures in range(8)]
    assert pauses == [2000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]
    # Neither a report nor what the receiver has is waited for.
    report = raised(kinds.SOS, 1)
    report.state = life.REPORT
    had = raised(kinds.SOS, 2)
    had.handle(life.EV_RECEIPT, 500)
    assert box.reconnect_ms(7, [report, had], 600) == 60000


@pytest.mark.requirement("R04")
def test_the_wearer_is_told_of_an_amber_that_the_receiver_does_not_have():
    box, amber = outbox(), deadline(kinds.AMBER, 1)
    check_in = deadline(kinds.CHECK_IN, 2)
    assert [box.late(alarm, 30_000) for alarm in (amber, check_in)] == [True, False]
    amber.handle(life.EV_LATE, 30_000)
    amber.handle(life.EV_EXTEND, 40_000)
    assert not box.late(amber, 69_999)
    assert box.late(amber, 70_000)
    amber.handle(life.EV_EXPIRED, 300_000)
    assert not box.late(amber, 329_999)
    assert box.late(amber, 330_000)


@pytest.mark.parametrize("event", [life.EV_CANCEL, life.EV_DURESS])
def test_a_withdrawal_that_is_not_delivered_is_never_felt(event):
    box, alarm = outbox(), Alarm(kinds.MAN_DOWN, 1, 1, 0)
    alarm.handle(life.EV_CONDITION, 0)
    alarm.handle(event, 5000)
    for second in range(6, 7200, 60):
        assert not box.late(alarm, second * 1000)
    assert box.due([alarm], 7_200_000, True) is alarm
