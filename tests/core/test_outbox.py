"""The outbox: what is sent first, how often, and that it never gives up before the receipt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import alarm as life
from badge.core import ticks
from badge.core.alarm import Alarm
from badge.core.config import Config, defaults
from badge.core.outbox import Outbox


def raised(kind, seq, now_ms=0):
    alarm = Alarm(kind, 1, seq, now_ms)
    if kind != life.KIND_SOS:
        alarm.handle(life.EV_CONDITION, now_ms)
    alarm.handle(life.EV_SOS if kind == life.KIND_SOS else life.EV_PRE_ALARM_OVER, now_ms)
    return alarm


def outbox(random_byte=0, **settings):
    return Outbox(Config.from_dict(settings), lambda: random_byte)


def test_a_new_alarm_is_due_at_once_when_the_link_is_up():
    alarm = raised(life.KIND_SOS, 1, 500)
    assert outbox().due([alarm], 500, True) is alarm
    assert outbox().due([alarm], 500, False) is None
    assert outbox().wait_ms([alarm], 500) == 0


def test_a_squeeze_goes_before_automatic_alarms_then_the_oldest():
    falls = [raised(life.KIND_MAN_DOWN, 1), raised(life.KIND_MAN_DOWN, 2)]
    squeezes = [raised(life.KIND_SOS, 3), raised(life.KIND_SOS, 4)]
    box, alarms = outbox(), falls + squeezes
    order = []
    for _ in range(4):
        alarm = box.due(alarms, 0, True)
        order.append(alarm.seq)
        box.sent(alarm, 0)
    assert order == [3, 4, 1, 2]
    assert box.due(alarms, 0, True) is None


def test_pauses_double_up_to_the_longest():
    box, alarm = outbox(retry_first_ms=2000, retry_max_ms=60000), raised(life.KIND_SOS, 1)
    pauses = []
    for attempt in range(1, 9):
        assert box.sent(alarm, 0) == attempt
        pauses.append(box.wait_ms([alarm], 0))
    assert pauses == [2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]


@given(st.integers(0, 255), st.integers(1, 100_000))
def test_jitter_takes_off_at_most_a_quarter_and_pauses_never_end(random_byte, tries):
    box, alarm = outbox(random_byte), raised(life.KIND_SOS, 1)
    config = defaults()
    alarm.tries = tries - 1
    box.sent(alarm, 0)
    full_ms = min(config.retry_first_ms * 2 ** min(tries - 1, 30), config.retry_max_ms)
    assert 0.75 * full_ms <= box.wait_ms([alarm], 0) <= full_ms
    assert box.due([alarm], full_ms, True) is alarm


@pytest.mark.parametrize("event", [life.EV_RECEIPT, life.EV_TAKEN, life.EV_HELP_COMING])
def test_only_what_the_receiver_says_ends_the_sending(event):
    box, alarm = outbox(), raised(life.KIND_SOS, 1)
    box.sent(alarm, 0)
    alarm.handle(life.EV_SENT, 10)
    assert box.due([alarm], 70_000, True) is alarm
    alarm.handle(event, 70_001)
    assert box.due([alarm], 200_000, True) is None
    assert box.wait_ms([alarm], 200_000) is None


def test_a_new_link_sends_what_waited_for_it():
    box, alarm = outbox(), raised(life.KIND_SOS, 1)
    for _ in range(6):
        box.sent(alarm, 0)
    assert box.due([alarm], 5, True) is None
    box.link_is_new([alarm], 5)
    assert box.due([alarm], 5, True) is alarm


def test_an_alarm_stays_due_when_the_ticks_wrap_without_a_link():
    box, alarm = outbox(), raised(life.KIND_SOS, 1)
    box.sent(alarm, 0)
    for days in range(1, 30):
        now_ms = days * 86_400_000 % ticks.PERIOD
        assert box.due([alarm], now_ms, True) is alarm


@pytest.mark.requirement("R18")
def test_the_wearer_is_told_once_within_30_s_that_nothing_was_delivered():
    box, alarm = outbox(), raised(life.KIND_SOS, 1, 100)
    box.sent(alarm, 200)
    assert not box.late(alarm, 30_099)
    assert box.late(alarm, 30_100)
    alarm.handle(life.EV_LATE, 30_100)
    assert not box.late(alarm, 30_200)


def test_time_in_the_pre_alarm_does_not_make_an_alarm_late():
    box, alarm = outbox(), Alarm(life.KIND_MAN_DOWN, 1, 1, 0)
    alarm.handle(life.EV_CONDITION, 0)
    assert not box.late(alarm, 40_000)
    alarm.handle(life.EV_PRE_ALARM_OVER, 40_000)
    assert not box.late(alarm, 69_999)
    assert box.late(alarm, 70_000)


def test_a_delivered_alarm_is_never_late():
    box, alarm = outbox(), raised(life.KIND_SOS, 1)
    alarm.handle(life.EV_RECEIPT, 500)
    assert not box.late(alarm, 100_000)


def test_reconnecting_waits_longer_after_each_failure():
    box = outbox()
    pauses = [box.reconnect_ms(failures) for failures in range(8)]
    assert pauses == [2000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]
