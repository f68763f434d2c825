"""Events: kept until they are old and everybody was told, and their ids never given twice."""

import pytest

from badge.core.alarm.kinds import SOS
from nabij.centre.database.events import TERMINAL
from nabij.centre.database.retention import DAY_MS
from tests.host.centre.deadline_world import World, message

pytestmark = pytest.mark.usefixtures("each_engine")


def happens(world: World, *seqs: int) -> list[int]:
    """The ids of what happens."""
    now = world.clock.now()
    return [world.store.take(message(1, seq, kind=SOS), b"", now).news[0] for seq in seqs]


def events(world: World) -> list[int]:
    return [event_id for event_id, _ in world.store.events_after(0, 100)]


def purge(world: World) -> None:
    while world.store.purge(world.clock.now().wall_ms - DAY_MS):
        pass


def test_old_events_go_when_the_last_listener_was_told(world: World) -> None:
    world.store.begin_listener("webhook", world.clock.now().wall_ms)
    first, second = happens(world, 1, 2)
    world.clock.wait(2 * DAY_MS / 1000)
    [third] = happens(world, 3)
    world.store.told(TERMINAL, third)
    purge(world)
    assert events(world) == [first, second, third]
    world.store.told("webhook", first)
    purge(world)
    assert events(world) == [second, third]
    world.store.told("webhook", third)
    purge(world)
    # What is young stays, whoever was told.
    assert events(world) == [third]


def test_a_listener_that_never_comes_again_is_waited_for_no_longer(world: World) -> None:
    """Its name was taken out of a configuration, or mistyped once."""
    world.store.begin_listener("webhok", world.clock.now().wall_ms)
    [first] = happens(world, 1)
    world.store.told(TERMINAL, first)
    world.restart()
    world.clock.wait(2 * DAY_MS / 1000)
    purge(world)
    assert events(world) == []


def test_what_the_terminal_was_not_told_is_kept_however_old(world: World) -> None:
    happens(world, 1)
    world.restart()
    world.clock.wait(400 * DAY_MS / 1000)
    purge(world)
    assert len(events(world)) == 1


def test_no_id_is_given_twice(world: World) -> None:
    """A cursor would take what comes under an old id for told."""
    ids = happens(world, 1, 2)
    world.store.told(TERMINAL, ids[-1])
    world.clock.wait(2 * DAY_MS / 1000)
    purge(world)
    assert events(world) == []
    world.restart()
    [later] = happens(world, 3)
    assert later > ids[-1]
    assert [change.seq for change in world.store.untold()] == [3]


def test_a_cursor_never_goes_back(world: World) -> None:
    first, second = happens(world, 1, 2)
    world.store.told(TERMINAL, second)
    world.store.told(TERMINAL, first)
    assert world.store.begin_listener(TERMINAL, 0) == second
