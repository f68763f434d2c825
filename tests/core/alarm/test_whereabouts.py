"""What the badge knows of where it is: told with its age, and no longer than it may be."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from badge.core import ticks
from badge.core.alarm.whereabouts import Whereabouts
from badge.core.codec.place import SATELLITES, Cell, Position, Tag
from badge.core.fix_check import Fix

FIX = Fix(523_702_160, 48_951_680, 12, 1_800_000_000, 140)
CELL = Cell(204, 8, 4256, 172_776_966, -87)
TAG = Tag(b"12345678", -60)


def test_what_nobody_knows_is_not_told() -> None:
    where = Whereabouts()
    assert where.told(0) == (None,) * 5
    assert where.serial_at(0) == 0


@given(st.integers(0, ticks.PERIOD - 1), st.integers(0, 70_000_000))
@example(0, 65_536_000)
def test_a_fix_is_told_with_its_age_and_its_speed_while_it_is_new(
    began_ms: int, age_ms: int
) -> None:
    where = Whereabouts()
    where.fixed(FIX, SATELLITES, began_ms)
    position, _, _, speed_cm_s, _ = where.told(ticks.add(began_ms, age_ms))
    if age_ms > 65_535_000:
        assert position is None
        # It is gone for good.
        assert where.told(began_ms)[0] is None
    else:
        assert position == Position(FIX.lat_e7, FIX.lon_e7, 12, age_ms // 1000, SATELLITES)
    assert (speed_cm_s is not None) == (age_ms < 60_000)


def test_a_fix_that_is_forgotten_is_told_no_more() -> None:
    where = Whereabouts()
    where.fixed(FIX, SATELLITES, 0)
    where.forget()
    assert where.told(1000)[0] is None


def test_each_fix_is_news() -> None:
    where = Whereabouts()
    where.fixed(FIX, SATELLITES, 0)
    where.fixed(FIX, SATELLITES, 1000)
    assert where.serial == 2


def test_a_cell_is_news_when_it_is_another_and_at_most_once_a_minute() -> None:
    where = Whereabouts()
    where.in_cell(CELL, 0)
    assert where.serial_at(0) == 1
    where.in_cell(CELL._replace(rsrp_dbm=-99), 90_000)
    assert where.serial_at(90_000) == 1
    other = CELL._replace(ci=7)
    where.in_cell(other, 100_000)
    assert where.serial_at(100_000) == 2
    where.in_cell(CELL, 100_000)
    assert where.serial_at(100_000) == 2
    # To and fro at the edge of two.
    where.in_cell(CELL, 101_000)
    where.in_cell(other, 102_000)
    where.in_cell(CELL, 103_000)
    assert where.serial_at(159_999) == 2
    assert where.serial_at(160_000) == 3


def test_a_cell_that_a_message_has_told_meanwhile_is_no_news() -> None:
    where = Whereabouts()
    where.in_cell(CELL, 0)
    where.in_cell(CELL._replace(ci=7), 1000)
    assert where.told(2000)[1].ci == 7
    serial = where.serial
    assert where.serial_at(100_000) == serial


def test_a_tag_is_news_when_it_is_another() -> None:
    where = Whereabouts()
    where.near_tag(TAG)
    where.near_tag(TAG._replace(rssi_dbm=-40))
    assert where.serial_at(0) == 1
    assert where.told(0)[2] == Tag(b"12345678", -40)
    where.near_tag(None)
    assert (where.serial_at(1000), where.told(1000)[2]) == (1, None)
    # The newest message says none.
    where.near_tag(TAG)
    assert where.serial_at(59_999) == 1
    assert where.serial_at(60_000) == 2


def test_between_two_tags_a_badge_tells_one_a_minute_and_the_one_that_it_is_at_then() -> None:
    where = Whereabouts()
    other = TAG._replace(id=b"87654321")
    serials = []
    for now_ms in range(0, 300_000, 5_000):
        where.near_tag(None)
        where.serial_at(now_ms)
        where.near_tag(TAG if now_ms // 5_000 % 2 else other)
        serials.append(where.serial_at(now_ms + 2_000))
    assert serials[-1] <= 5
    assert where.told(300_000)[2] is not None


def test_a_walk_from_a_tag_and_back_is_no_news() -> None:
    where = Whereabouts()
    where.near_tag(TAG)
    assert where.serial_at(0) == 1
    where.told(0)
    where.near_tag(None)
    assert where.serial_at(20_000) == 1
    where.near_tag(TAG)
    assert where.serial_at(100_000) == 1


def test_a_tag_of_another_length_is_a_fault_of_who_says_so() -> None:
    with pytest.raises(ValueError, match="8 bytes"):
        Whereabouts().near_tag(Tag(b"1", -40))
