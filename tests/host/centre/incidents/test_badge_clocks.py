"""A badge whose clock disagrees is marked, and its alarms are dated without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.incidents import badge_clocks
from nabij.centre.store import BadgeRecord, Store
from nabij.paths import StatePaths

NOW = Moment(1_800_000_000_000, 1_000, "epoch")
NOW_S = NOW.wall_ms // 1000
DAY_S = 86_400
AGE_MS = 2_000


def message(seq: int, utc_s: int | None, badge: str = "anna", flags: int = 0) -> wire.AlarmMessage:
    fields = dict.fromkeys(wire.AlarmMessage._fields)
    said = {"badge": badge, "boot": 1, "seq": seq, "rev": 1, "kind": kinds.SOS, "attempt": 1}
    return wire.AlarmMessage(
        **{**fields, **said, "age_ms": AGE_MS, "utc_s": utc_s, "flags": flags}
    )


@pytest.mark.parametrize(
    ("ahead_s", "flags", "told_s"),
    [
        (0, 0, None),
        (badge_clocks.MOST_OFF_S, 0, None),
        (-badge_clocks.MOST_OFF_S, 0, None),
        (badge_clocks.MOST_OFF_S + 1, 0, badge_clocks.MOST_OFF_S + 1),
        (-90 * DAY_S, 0, -90 * DAY_S),
        # It may be as old as that.
        (-90 * DAY_S, wire.FLAG_AGE_AT_LEAST, None),
        (90 * DAY_S, wire.FLAG_AGE_AT_LEAST, 90 * DAY_S),
    ],
)
def test_a_clock_is_off_beyond_two_minutes(ahead_s: int, flags: int, told_s: int | None) -> None:
    utc_s = NOW_S - AGE_MS // 1000 + ahead_s
    assert badge_clocks.off_s(message(1, utc_s, flags=flags), NOW.wall_ms) == told_s
    assert badge_clocks.off_s(message(1, None, flags=flags), NOW.wall_ms) is None


@pytest.fixture
def store(each_engine: str, tmp_path: Path) -> Store:
    store = Store(StatePaths(tmp_path))
    for badge in ("anna", "bert"):
        store.enrol(BadgeRecord(badge, bytes(32), f"CN={badge}", badge.title(), 0))
    return store


def test_an_alarm_of_a_badge_90_days_behind_is_dated_by_its_age_and_says_so(store: Store) -> None:
    store.take(message(1, NOW_S - 90 * DAY_S), b"", NOW, 0)
    [incident] = store.incidents()
    assert incident.raised_ms == NOW.wall_ms - AGE_MS
    said = incident.sentence(NOW.wall_ms)
    assert ", 2.0 s ago" in said
    assert "its clock is 89 d 23 h behind" in said
    [again] = store.incidents()
    assert again.fields()["clock_off_s"] == 2 - 90 * DAY_S
    store.close()


def test_an_age_that_is_a_lower_bound_is_dated_by_the_badges_clock_and_says_so(
    store: Store,
) -> None:
    old = message(1, NOW_S - 90 * DAY_S, flags=wire.FLAG_AGE_AT_LEAST)
    store.take(old, b"", NOW, 0)
    [incident] = store.incidents()
    assert " by its own clock, at least 2.0 s ago" in incident.sentence(NOW.wall_ms)
    store.close()


def test_the_status_names_badges_that_are_off_until_they_agree_or_are_revoked(
    store: Store,
) -> None:
    assert store.read(badge_clocks.sentence) == ""
    store.take(message(1, NOW_S + 3600), b"", NOW, 0)
    store.take(message(1, NOW_S - DAY_S, "bert"), b"", NOW, 0)
    said = store.read(badge_clocks.sentence)
    assert "2 badges" in said
    assert "anna 1 h 0 min ahead, bert 23 h 59 min behind" in said
    store.take(message(2, NOW_S), b"", NOW, 0)
    assert "1 badge disagrees" in store.read(badge_clocks.sentence)
    store.revoke("bert", NOW.wall_ms)
    assert store.read(badge_clocks.sentence) == ""
    store.close()
