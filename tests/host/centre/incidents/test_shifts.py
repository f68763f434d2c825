"""Who is on shift: what begins, renews and ends one, and what no old message can."""

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.incidents import shifts
from nabij.centre.incidents.shifts import Shift
from tests.host.centre.deadline_world import KEY, START_MS, World, message

HOUR_S = 3600
HOUR_MS = 3_600_000


def take(world: World, boot: int, seq: int, watch_s: int | None = HOUR_S, lag_ms: int = 0) -> None:
    """The test of a shift comes in."""
    test = message(boot, seq, kind=SOS, flags=wire.FLAG_TEST, watch_s=watch_s)
    world.take(test, lag_ms)


def found(world: World) -> Shift:
    one = world.store.read(lambda connection: shifts.find(connection, "anna"))
    assert one is not None
    return one


def test_a_shift_lasts_from_its_test_for_as_long_as_that_says(world: World) -> None:
    take(world, 1, 1, lag_ms=60_000)
    one = found(world)
    assert (one.boot, one.seq, one.since_ms) == (1, 1, START_MS - 60_000)
    assert one.due_ms == START_MS - 60_000 + HOUR_MS
    world.clock.wait(HOUR_S - 61)
    assert not one.is_over(world.clock.now())
    world.clock.wait(1)
    assert one.is_over(world.clock.now())
    assert [other.badge for other in world.store.shifts()] == ["anna"]


def test_another_machines_clock_says_nothing_of_its_end(world: World) -> None:
    take(world, 1, 1)
    world.clock.wait(2 * HOUR_S)
    world.clock.epoch += 1
    assert not found(world).is_over(world.clock.now())


def test_a_test_of_the_same_start_renews_it_and_of_another_begins_one(world: World) -> None:
    take(world, 1, 1)
    world.clock.wait(600)
    take(world, 1, 2)
    assert (found(world).since_ms, found(world).due_ms) == (START_MS, START_MS + 600_000 + HOUR_MS)
    world.clock.wait(600)
    take(world, 2, 1)
    assert found(world).since_ms == START_MS + 1_200_000
    # After its end the same start begins another.
    take(world, 2, 2, watch_s=0)
    assert found(world).is_over(world.clock.now())
    world.clock.wait(600)
    take(world, 2, 3)
    assert found(world).since_ms == START_MS + 1_800_000


def test_no_copy_and_no_older_test_changes_it(world: World) -> None:
    take(world, 2, 5)
    kept = found(world)
    world.clock.wait(60)
    for boot, seq in ((2, 5), (2, 4), (1, 9)):
        take(world, boot, seq, watch_s=0)
        assert found(world) == kept
    take(world, 3, 1, watch_s=0)
    assert world.store.shifts() == []
    take(world, 2, 9)
    assert world.store.shifts() == []


def test_only_a_test_that_says_how_long_is_of_a_shift(world: World) -> None:
    take(world, 1, 1, watch_s=None)
    world.take(message(1, 2, kind=SOS, watch_s=HOUR_S))
    assert world.store.shifts() == []


def test_a_shift_that_ended_is_not_watched_but_for_a_silence_that_goes_on(world: World) -> None:
    take(world, 1, 1)
    world.store.note_lost({"anna": START_MS})
    assert found(world).lost_ms == START_MS
    assert world.store.gone_quiet("anna", world.clock.now()) is not None
    world.store.end_shift("anna")
    [one] = world.store.shifts()
    assert (one.due_steady_ms, one.lost_ms, one.incident_id) == (None, START_MS, 2)
    assert world.store.heard_again("anna", world.clock.now()) is not None
    assert world.store.shifts() == []
    assert (found(world).lost_ms, found(world).incident_id) == (None, None)


def test_a_badge_that_is_found_again_was_never_lost(world: World) -> None:
    take(world, 1, 1)
    world.store.note_lost({"anna": START_MS})
    world.store.note_found([])
    assert found(world).lost_ms == START_MS
    world.store.note_found(["anna"])
    assert found(world).lost_ms is None


def test_what_another_receiver_heard_is_kept(world: World) -> None:
    take(world, 1, 1)
    heard = {"anna": START_MS + 5}
    world.store.write(lambda connection: shifts.note_heard(connection, heard))
    assert found(world).heard_ms == START_MS + 5


def test_a_badge_with_a_new_key_is_on_no_shift_and_one_with_the_same_key_stays(
    world: World,
) -> None:
    take(world, 1, 1)
    world.store.write(lambda connection: shifts.forget(connection, "anna", unless_key=KEY))
    assert found(world).boot == 1
    world.store.write(lambda connection: shifts.forget(connection, "anna", unless_key=bytes(32)))
    assert world.store.shifts() == []
    take(world, 1, 1)
    assert world.store.revoke("anna", START_MS)
    assert world.store.shifts() == []
