"""Deadlines and shifts outlive the receiver that took them, on whatever machine that was."""

from pathlib import Path

import pytest

from badge.core.alarm.kinds import AMBER, SOS
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.incidents.incident import Incident
from nabij.centre.store import BadgeRecord, Store
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import KEY, message

pytestmark = pytest.mark.usefixtures("each_engine")
WALL_MS = 1_790_000_000_000
HOUR_MS = 3_600_000


def ours(at_ms: int) -> Moment:
    """The machine of the receiver that watches."""
    return Moment(WALL_MS + at_ms, 5_000_000 + at_ms, "ours")


def theirs(at_ms: int) -> Moment:
    """A machine that has run for longer by far."""
    return Moment(WALL_MS + at_ms, 900_000_000 + at_ms, "theirs")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(StatePaths(tmp_path))
    store.enrol(BadgeRecord("anna", KEY, "CN=anna", "A. de Vries", 0))
    store.wake(ours(0))
    return store


def opened(store: Store, now: Moment) -> list[Incident]:
    for alarm_id, _badge in store.due(now):
        store.expire(alarm_id, now)
    return store.incidents()


@pytest.mark.requirement("R04")
def test_a_deadline_that_another_machine_took_comes_due_here_in_its_time(store: Store) -> None:
    store.mark_alive(theirs(9_000))
    store.take(message(kind=AMBER, due_s=60), b"", theirs(10_000))
    assert opened(store, ours(10_500)) == []
    assert opened(store, ours(69_000)) == []
    [incident] = opened(store, ours(70_500))
    assert incident.by_deadline
    store.close()


def test_a_copy_by_another_machine_moves_no_deadline(store: Store) -> None:
    """Its steady clock, which is far ahead or behind, says nothing beside ours."""
    store.take(message(kind=AMBER, due_s=60), b"", theirs(0))
    assert opened(store, ours(500)) == []
    store.take(message(kind=AMBER, due_s=60, attempt=2), b"", ours(1_000), 1_000)
    store.take(message(kind=AMBER, due_s=60, attempt=3), b"", theirs(2_000), 2_000)
    assert opened(store, ours(59_000)) == []
    [incident] = opened(store, ours(61_000))
    assert incident.by_deadline
    store.close()


def test_a_shift_that_another_machine_took_is_not_over_before_its_time(store: Store) -> None:
    test = message(kind=SOS, flags=wire.FLAG_TEST, watch_s=3600)
    store.take(test, b"", ours(0))
    [shift] = store.shifts()
    # By a clock that has run for longer, as one that has not been taken over yet.
    assert not shift.is_over(theirs(0))
    store.due(theirs(0))
    [shift] = store.shifts()
    assert not shift.is_over(theirs(HOUR_MS - 1_000))
    assert shift.is_over(theirs(HOUR_MS + 1_000))
    store.close()


def test_the_clock_of_one_machine_that_is_set_moves_no_deadline_of_another(store: Store) -> None:
    store.take(message(1, 1, kind=AMBER, due_s=60), b"", ours(0))
    store.take(message(1, 2, kind=AMBER, due_s=60), b"", theirs(0))
    store.mark_alive(Moment(WALL_MS + HOUR_MS, 5_000_000, "ours"), HOUR_MS)
    forward = Moment(WALL_MS + HOUR_MS + 61_000, 5_061_000, "ours")
    found = {one.seq: one.raised_ms for one in opened(store, forward)}
    assert found[1] == WALL_MS + HOUR_MS + 60_000
    assert found[2] == WALL_MS + 60_000
    store.close()


def test_who_was_alive_last_is_found_and_who_is_gone_is_forgotten(store: Store) -> None:
    store.mark_alive(theirs(30_000))
    later = Moment(WALL_MS + 40_000, 1_000, "third")
    assert store.wake(later) == theirs(30_000)
    assert store.wake(Moment(WALL_MS + HOUR_MS, 2_000, "fourth")) == later
    assert store.wake(Moment(WALL_MS + HOUR_MS + 5, 2_005, "fourth")) == Moment(
        WALL_MS + HOUR_MS, 2_000, "fourth"
    )
    store.close()
