"""What a badge says of itself: when, and of which alarms."""

from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.alarm import kinds, life
from badge.core.alarm.book import AlarmBook
from badge.core.alarm.greeting import Greeting, Says
from badge.core.codec import place, wire
from tests.core.configs import config

KEY = bytes(range(32))


def greeting(percent=50, version="0.1.0", badge="b1", settings=None, where=lambda _: wire.NOWHERE):
    settings = settings or config(keepalive_s=60)
    says = Says(version, lambda: percent, lambda: settings.keepalive_s, where)
    return Greeting(badge, KEY, 7, settings, says)


def nowhere(_now_ms):
    return wire.NOWHERE


def heard(frames, badge="b1"):
    return [wire.decode_up(frame, {badge: KEY}.get) for frame in frames]


def status(alarm, state, number):
    return wire.Status("b1", alarm.boot, alarm.seq, state, 9, alarm.rev, number, None, None, None)


def test_a_hello_is_said_once_a_session_and_again_while_an_alarm_is_open():
    says, book = greeting(), AlarmBook(7)
    assert says.is_due(book.alarms, 0)
    says.frames(book.alarms, 0)
    assert not says.is_due(book.alarms, 10_000_000)
    book.squeeze(10_000_000)
    assert says.is_due(book.alarms, 10_000_000)
    says.frames(book.alarms, 10_000_000)
    assert not says.is_due(book.alarms, 10_000_000)
    assert not says.is_due(book.alarms, 10_029_999)
    assert says.is_due(book.alarms, 10_030_000)
    says.session_is_new()
    assert says.is_due(book.alarms, 10_000_001)


def test_where_it_is_is_told_at_once_and_then_now_and_then():
    cell = place.Cell(204, 8, 4256, 172_776_966, -87)
    on_shift = [True]
    says = greeting(where=lambda _: (None, cell, None) if on_shift[0] else wire.NOWHERE)
    (first,) = heard(says.frames([], 0))
    assert (first.position, first.cell, first.zone) == (None, cell, None)
    says.session_is_new()
    (again,) = heard(says.frames([], 1000))
    assert again.cell is None
    assert not says.is_due([], 899_999)
    assert says.is_due([], 900_000)
    on_shift[0] = False
    assert not says.is_due([], 900_000)
    assert heard(says.frames([], 900_000))[0].cell is None


def test_a_keep_alive_that_has_changed_is_told_and_not_each_time():
    interval_s = [60]
    says = Greeting("b1", KEY, 7, config(), Says("1", int, lambda: interval_s[0], nowhere))
    assert heard(says.frames([], 0))[0].keepalive_s == 60
    # A step too small to matter, and one so soon after the last hello that it waits.
    interval_s[0] = 74
    assert not says.is_due([], 3_000_000)
    interval_s[0] = 90
    assert not says.is_due([], 239_999)
    assert says.is_due([], 240_000)
    assert heard(says.frames([], 240_000))[0].keepalive_s == 90
    assert not says.is_due([], 3_000_000)
    interval_s[0] = 60
    assert says.is_due([], 3_000_000)


def test_of_an_old_alarm_it_is_said_less_often():
    says, book = greeting(), AlarmBook(7)
    book.squeeze(0)
    for now_ms, again_ms in ((560_000, 30_000), (600_000, 300_000), (5_000_000, 300_000)):
        says.frames(book.alarms, now_ms)
        assert not says.is_due(book.alarms, now_ms + again_ms - 1)
        assert says.is_due(book.alarms, now_ms + again_ms)
    says.frames(book.alarms, 5_400_000)
    book.squeeze(5_410_000)
    assert says.is_due(book.alarms, 5_430_000)


def test_a_badge_that_checks_in_says_it_each_hour_for_the_local_time_in_its_answer():
    says, never = greeting(settings=config(check_in_min=30)), greeting()
    for one in (says, never):
        one.frames([], 0)
    assert not says.is_due([], 3_599_999)
    assert says.is_due([], 3_600_000)
    assert not never.is_due([], 3_600_000)


def test_a_deadline_that_runs_and_a_report_are_no_reason_to_say_it_again():
    says, book = greeting(), AlarmBook(7)
    book.deadline(kinds.AMBER, 600, 0)
    book.report(kinds.BATTERY, 0)
    says.frames(book.alarms, 0)
    assert not says.is_due(book.alarms, 100_000)


def test_the_thirty_seconds_go_over_the_wrap_of_the_ticks():
    says, book = greeting(), AlarmBook(7)
    now_ms = (1 << 30) - 1_000
    book.squeeze(now_ms)
    says.frames(book.alarms, now_ms)
    assert not says.is_due(book.alarms, ticks.add(now_ms, 29_000))
    assert says.is_due(book.alarms, ticks.add(now_ms, 31_000))


def test_a_hello_tells_how_each_alarm_stands_and_what_was_heard_of_it():
    says, book = greeting(), AlarmBook(7)
    first, _ = book.squeeze(0)
    book.on_status(status(first, wire.STATUS_TAKEN, 41), 0)
    second, _ = book.squeeze(0)
    hidden, _ = book.condition(kinds.RIP, 0)
    (hello,) = heard(says.frames(book.alarms, 0))
    assert hidden.state == life.PRE_ALARM
    assert hello.open == (
        wire.Standing(7, first.seq, 1, wire.STATUS_TAKEN, 41),
        wire.Standing(7, second.seq, 1, wire.STATUS_NONE, 0),
    )
    assert (hello.version, hello.keepalive_s, hello.battery_percent) == ("0.1.0", 60, 50)


@given(st.integers(0, 8))
def test_all_alarms_fit_however_many_and_each_hello_has_its_number(count):
    says, book = greeting(badge="W" * 32), AlarmBook(7)
    for _ in range(count):
        book.squeeze(0)
    hellos = heard(says.frames(book.alarms, 0) + says.frames(book.alarms, 1), "W" * 32)
    told = [one.seq for hello in hellos for one in hello.open]
    assert told == [alarm.seq for alarm in book.alarms] * 2
    assert [hello.count for hello in hellos] == list(range(1, len(hellos) + 1))


def test_a_long_version_and_an_unknown_battery_still_greet():
    (hello,) = heard(greeting(None, "1.20.300-beta4").frames([], 0))
    assert (hello.version, hello.battery_percent, hello.open) == ("1.20.300-be", None, ())
