"""What a hello tells of the time without a network is kept once, and shown with the badge."""

import pytest

from badge.core.codec import wire
from nabij.centre.console.shifts_page import build
from nabij.centre.link.intake import Intake
from nabij.centre.watch.deadlines import Backlog
from tests.host.centre.deadline_world import KEY, World

UP = wire.up_topic("anna")
TEST = wire.encode_alarm(KEY, "anna", 1, 1, 1, 0, rev=1, flags=wire.FLAG_TEST, watch_s=36_000)


def intake_of(world: World) -> Intake:
    return Intake(world.store, world.clock, Backlog(world.clock.now(), None))


def hello(count: int, outage: list[int] | None = None) -> bytes:
    said = wire.Hello("anna", 1, count, "0.1.0", 60, 80, (), *wire.NOWHERE)
    frame: bytes = wire.encode_hello(KEY, said, outage)
    return frame


def shown(world: World) -> str:
    now_ms = world.clock.now().wall_ms
    [item] = world.store.read(lambda one: build(one, lambda _: True, now_ms)).items
    return item.why


@pytest.mark.requirement("R10")
def test_the_page_of_the_badges_says_why_one_was_out_for_a_day(world: World) -> None:
    intake = intake_of(world)
    intake.take(UP, TEST)
    intake.take(UP, hello(1))
    assert shown(world) == ""
    intake.take(UP, hello(2, [3, 8, 1740, 20]))
    assert "(29 min 0 s): the network refuses its SIM (cause 8)." in shown(world)
    # A replay of one hello, and an old badge's, which says nothing of it.
    intake.take(UP, hello(2, [5, 0, 99_999, 0]))
    intake.take(UP, hello(3))
    assert "the network refuses its SIM" in shown(world)
    world.clock.wait(86_400)
    assert "refuses" not in shown(world)


def test_while_another_way_is_up_it_says_so_until_the_badge_tells_of_an_end(world: World) -> None:
    intake = intake_of(world)
    intake.take(UP, TEST)
    intake.take(UP, hello(1, [5, 0, 600]))
    assert "Its own network is out since" in shown(world)
    assert "no signal; heard by another way." in shown(world)
    intake.take(UP, hello(2, [5, 0, 900, 10]))
    assert shown(world).startswith("No network from")


def test_what_hellos_beyond_reason_tell_costs_no_disk(world: World) -> None:
    """A flood must not hold up the alarms of others."""
    intake = intake_of(world)
    intake.take(UP, TEST)
    for count in range(1, 101):
        intake.take(UP, hello(count, [3, 0, 600 + count, 90 * count]))
    assert "11 min" not in shown(world)
    assert "10 min 10 s" in shown(world)
    world.clock.wait(10)
    intake.take(UP, hello(101, [3, 0, 660, 0]))
    assert "11 min" in shown(world)


def test_a_receiver_that_began_anew_keeps_no_second_one(world: World) -> None:
    intake_of(world).take(UP, TEST)
    for count in (1, 2, 3):
        intake_of(world).take(UP, hello(count, [3, 0, 600, 30]))
    assert shown(world).count("No network") == 1
