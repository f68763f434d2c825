"""Deadlines when processes are killed, machines restart, clocks are set and messages come late."""

from pathlib import Path

import pytest

from badge.core.codec import wire
from nabij.centre.clocks import Clock
from nabij.centre.watch.deadlines import HANDOVER_MS, Backlog
from tests.host.centre.databases import full_disk, on_sqlite
from tests.host.centre.deadline_world import World, message

pytestmark = pytest.mark.usefixtures("each_engine")

CANCEL = wire.FLAG_CANCELLED


@pytest.mark.parametrize("step_s", [-86_400, -5, 5, 86_400])
@pytest.mark.parametrize("restarted", [False, True])
def test_setting_the_clock_neither_hastens_nor_postpones(
    world: World, step_s: int, *, restarted: bool
) -> None:
    world.take(message(due_s=600))
    world.clock.set_forward(step_s)
    if restarted:
        world.restart()
    world.wait(599)
    assert world.incident() is None
    assert restarted or "deadlines keep the time they had left" in world.said[0]
    world.wait(1)
    incident = world.incident()
    assert incident is not None
    assert incident.raised_ms == world.clock.now().wall_ms


def test_deadline_that_came_due_while_the_receiver_was_killed_is_opened(world: World) -> None:
    world.take(message(due_s=600))
    world.wait(300)
    world.clock.wait(900)
    world.restart()
    world.tick()
    assert world.incident() is not None


def test_badge_may_first_say_that_all_is_well_after_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path, grace_s=90)
    world.take(message(1, due_s=600))
    world.take(message(2, due_s=600))
    world.take(message(3, due_s=930))
    world.clock.wait(900)
    world.restart()
    world.wait(29)
    world.take(message(1, due_s=0, flags=CANCEL, rev=2))
    world.wait(1)
    assert world.incident(3) is not None, "not overdue at the start, so not kept waiting"
    assert world.incident(2) is None
    world.wait(60)
    assert world.incident(2) is not None
    assert world.incident(1) is None
    world.close()


def test_reboot_is_bridged_by_the_time_of_day(world: World) -> None:
    world.take(message(due_s=600))
    world.clock.wait(300)
    world.clock.reboot()
    world.restart()
    world.wait(299)
    assert world.incident() is None
    world.wait(1)
    assert world.incident() is not None


def test_machine_without_a_clock_battery_postpones_by_no_more_than_it_was_off(
    world: World,
) -> None:
    """It starts in 1970 and learns the time later: then what is overdue comes due at once."""
    world.take(message(1, due_s=600))
    world.take(message(2, due_s=600))
    world.wait(300)
    world.clock.wait(30)
    world.clock.reboot()
    right = world.clock.wall_ahead_ms
    world.clock.wall_ahead_ms = -world.clock.true_ms
    world.restart()
    world.wait(250)
    assert world.incident(1) is None
    world.clock.wait(25)
    world.clock.wall_ahead_ms = right
    world.tick()
    assert world.incident(1) is not None
    # Also when the time never becomes known.
    world.clock.wall_ahead_ms = -world.clock.true_ms
    world.wait(300)
    assert world.incident(2) is not None


def test_real_clock_goes_on_and_keeps_its_epoch() -> None:
    first, second = Clock().now(), Clock().now()
    assert second.steady_ms >= first.steady_ms
    assert second.epoch == first.epoch
    assert abs(second.wall_ms - first.wall_ms) < 5000


@on_sqlite
def test_full_disk_is_told_with_the_badge_and_the_incident_follows(world: World) -> None:
    world.take(message(due_s=60))
    filler = 0
    world.clock.wait(60)
    with full_disk(world.store):
        with pytest.raises(Exception, match="A DEADLINE OF BADGE anna CAME DUE"):  # noqa: PT012
            while filler < 200:
                filler += 1
                world.tick()
                world.take(message(2, filler, due_s=0))
        assert world.incident(2, filler) is None
    world.tick()
    assert world.incident() is not None


# How old a message is.


def test_message_that_waited_at_the_broker_counts_from_when_it_was_sent(world: World) -> None:
    world.take(message(due_s=600), lag_ms=500_000)
    world.wait(99)
    assert world.incident() is None
    world.wait(1)
    assert world.incident() is not None


@pytest.mark.parametrize(
    ("utc_ago_s", "age_s", "flags", "lag_s"),
    [
        (600, 100, 0, 500),
        (100, 100, 0, 0),
        (-50, 0, 0, 0),
        (9000, 0, 0, 1800),
        (600, 100, wire.FLAG_AGE_AT_LEAST, 1800),
        (None, 0, 0, 1800),
    ],
    ids=["waited", "fresh", "badge ahead", "badge hours behind", "age unknown", "no clock"],
)
def test_after_a_gap_a_message_is_as_old_as_it_says_but_within_the_gap(
    world: World, utc_ago_s: int | None, age_s: int, flags: int, lag_s: int
) -> None:
    last = world.clock.now()
    world.clock.wait(1800)
    now = world.clock.now()
    backlog = Backlog(now, last)
    backlog.up(now)
    utc_s = None if utc_ago_s is None else now.wall_ms // 1000 - utc_ago_s
    what = message(due_s=60, utc_s=utc_s, age_ms=age_s * 1000, flags=flags)
    assert backlog.lag_ms(what, now) == lag_s * 1000
    world.clock.wait(HANDOVER_MS / 1000 + 1)
    assert backlog.lag_ms(what, world.clock.now()) == 0


def test_message_that_waits_while_the_clock_is_set_there_and_back_is_as_old_as_it_is(
    world: World,
) -> None:
    backlog = Backlog(world.clock.now(), None)
    backlog.up(world.clock.now())
    world.clock.wait(HANDOVER_MS / 1000 + 1)
    world.clock.set_forward(86_400)
    backlog.look(world.clock.now())
    world.clock.wait(5)
    arrived_ms = world.clock.now().wall_ms
    world.clock.wait(10)
    world.clock.set_forward(-86_400)
    assert backlog.lag_ms(message(due_s=60), world.clock.now(), arrived_ms) == 10_000


def test_flapping_link_does_not_make_old_messages_look_fresh(world: World) -> None:
    last = world.clock.now()
    world.clock.wait(1800)
    backlog = Backlog(world.clock.now(), last)
    for _ in range(3):
        backlog.up(world.clock.now())
        world.clock.wait(1)
        backlog.down(world.clock.now())
    backlog.up(world.clock.now())
    assert backlog.lag_ms(message(due_s=60), world.clock.now()) == 1_803_000


def test_over_a_start_of_the_machine_the_gap_is_that_of_the_time_of_day(world: World) -> None:
    last = world.clock.now()
    world.clock.wait(1800)
    world.clock.reboot()
    backlog = Backlog(world.clock.now(), last)
    backlog.up(world.clock.now())
    assert backlog.lag_ms(message(due_s=60), world.clock.now()) == 1_800_000


def test_first_start_ever_has_no_backlog(world: World) -> None:
    backlog = Backlog(world.clock.now(), None)
    backlog.up(world.clock.now())
    assert backlog.lag_ms(message(due_s=60), world.clock.now()) == 0
