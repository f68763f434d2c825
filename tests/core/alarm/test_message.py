"""What is said about an alarm: each of its states is one bit, and no other."""

import itertools

import pytest

from badge.core.alarm import kinds, life, message, record
from badge.core.alarm.record import Alarm
from badge.core.codec import place, wire

KEY = bytes(range(32))
SAID = {
    record.TEST: wire.FLAG_TEST,
    record.AGE_AT_LEAST: wire.FLAG_AGE_AT_LEAST,
    record.DURESS: wire.FLAG_DURESS,
    record.CALLED_FALSE: wire.FLAG_FALSE_ALARM,
}


def told(alarm, now_ms=1000):
    frame = message.encode(KEY, "b1", alarm, 2, now_ms)
    return wire.decode_alarm(frame, lambda _: KEY)


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("is_withdrawn", [False, True])
@pytest.mark.parametrize("states", list(itertools.product([False, True], repeat=len(SAID))))
def test_each_state_of_an_alarm_is_its_flag_and_no_other(states, is_withdrawn):
    """A true alarm that said TEST would be closed by the receiver itself."""
    alarm = Alarm(kinds.SOS, 1, 1, 0)
    alarm.rev = 1
    for mark, holds in zip(SAID, states, strict=True):
        if holds:
            alarm.mark(mark)
    if is_withdrawn:
        alarm.state = life.WITHDRAWN
    expected = {flag for flag, holds in zip(SAID.values(), states, strict=True) if holds}
    expected |= {wire.FLAG_CANCELLED} if is_withdrawn else set()
    assert told(alarm).flags == sum(expected)


@pytest.mark.parametrize("state", range(len(life.STATE_NAMES)))
def test_only_what_its_wearer_withdrew_is_said_to_be_cancelled(state):
    alarm = Alarm(kinds.SOS, 1, 1, 0)
    alarm.rev, alarm.state = 1, state
    is_cancelled = bool(message.flags_of(alarm) & wire.FLAG_CANCELLED)
    assert is_cancelled == (state == life.WITHDRAWN)


def test_what_was_measured_is_said_as_it_is():
    alarm = Alarm(kinds.MAN_DOWN, 3, 7, 200, 1_800_000_000)
    alarm.rev = 5
    alarm.peak_mg, alarm.tilt_deg, alarm.battery_percent = 4321, 88, 55
    said = told(alarm)
    assert (said.badge, said.boot, said.seq, said.kind) == ("b1", 3, 7, kinds.MAN_DOWN)
    assert (said.age_ms, said.utc_s, said.attempt) == (800, 1_800_000_000, 2)
    assert (said.peak_mg, said.tilt_deg, said.battery_percent) == (4321, 88, 55)
    assert (said.rev, said.due_s, said.watch_s) == (5, None, None)


def test_the_test_of_a_shift_does_not_say_where_it_is():
    """Its frame is kept as it is, for it proves that the shift began."""
    alarm = Alarm(kinds.SOS, 1, 1, 0, marks=record.TEST)
    alarm.rev = 1
    where = (
        place.Position(1, 2, 3, 4, place.SATELLITES),
        place.Cell(204, 8, 1, 2, -90),
        None,
        5,
        6,
    )
    for watch_s, is_told in ((None, True), (3600, False), (0, False)):
        alarm.watch_s = watch_s
        frame = message.encode(KEY, "b1", alarm, 1, 1000, where=where)
        found = wire.decode_alarm(frame, lambda _: KEY)
        told_where = (found.position, found.cell, found.speed_cm_s, found.zone)
        assert (told_where == (None,) * 4) is not is_told
