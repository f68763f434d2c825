"""Alarms in the database: what a deadline is when it comes due, and what is kept of a message."""

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.database import schema
from tests.host.centre.deadline_world import World, message

pytestmark = pytest.mark.usefixtures("each_engine")

CANCEL = wire.FLAG_CANCELLED


def test_deadline_that_its_wearer_ended_after_it_came_due_is_no_incident(world: World) -> None:
    """The watch looks in one transaction and opens in another; a message may come between."""
    world.take(message(due_s=60))
    world.clock.wait(60)
    now = world.clock.now()
    [(alarm_id, _)] = world.store.due(now)
    world.take(message(due_s=0, flags=CANCEL, rev=2))
    assert world.store.expire(alarm_id, now) is None
    assert world.incident() is None


@pytest.mark.requirement("R04")
def test_deadline_that_was_extended_after_it_came_due_has_its_full_time(world: World) -> None:
    world.take(message(due_s=60))
    world.clock.wait(60)
    now = world.clock.now()
    [(alarm_id, _)] = world.store.due(now)
    world.take(message(due_s=600, rev=2))
    assert world.store.expire(alarm_id, now) is None
    world.wait(599)
    assert world.incident() is None
    world.wait(1)
    assert world.incident() is not None


def test_deadline_of_an_earlier_start_of_the_machine_that_was_extended_has_its_full_time(
    world: World,
) -> None:
    """It goes by the time of day as well, until the badge says something new."""
    world.take(message(due_s=600))
    world.clock.reboot()
    world.restart()
    world.clock.wait(600)
    now = world.clock.now()
    [(alarm_id, _)] = world.store.due(now)
    world.take(message(due_s=600, rev=2))
    assert world.store.expire(alarm_id, now) is None
    world.wait(599)
    assert world.incident() is None
    world.wait(1)
    assert world.incident() is not None


@pytest.mark.parametrize(("rev", "kept"), [(None, 0), (1, 1), (3, 3)])
def test_history_keeps_the_rev_of_each_message_and_0_for_release_1(
    world: World, rev: int | None, kept: int
) -> None:
    world.take(message(kind=SOS, rev=rev))
    revs = sa.select(schema.message.c.rev)
    assert world.store.read(lambda one: list(one.execute(revs).scalars())) == [kept]


def test_an_alarm_is_dated_by_its_arrival_whatever_its_badges_clock_says(world: World) -> None:
    now_s = world.clock.now().wall_ms // 1000
    for boot, ahead_s in enumerate([0, 30, 7200, -7_776_000], 1):
        world.take(message(kind=SOS, boot=boot, utc_s=now_s + ahead_s, age_ms=90_000))
        incident = next(one for one in world.store.incidents() if one.boot == boot)
        assert incident.raised_ms == world.clock.now().wall_ms - 90_000
