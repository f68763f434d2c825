"""A missing permit: the badge is told with whatever it hears, its supervisor once a shift."""

import pytest

from badge.core.codec import wire
from nabij.centre.database import duties
from nabij.centre.incidents.words import PERMIT
from nabij.centre.link.intake import Intake
from nabij.centre.people import audit
from nabij.centre.watch.deadlines import Backlog
from nabij.centre.workforce.permit_watch import TOLD, PermitWatch
from tests.host.centre.deadline_world import KEY, World
from tests.host.centre.workforce.yard import ALL, filled

UP = wire.up_topic("anna")
LAPSED = ALL.replace("2027-12-31", "2026-02-28")


class Centre:
    """A watch, and an intake that asks it."""

    def __init__(self, world: World, permits: str) -> None:
        filled(world, permits)
        self.world = world
        self.news: list[tuple[int, ...]] = []
        self.watch = PermitWatch(world.said.append)
        self.watch.job(world.store, self.news.append)
        self.look()
        backlog = Backlog(world.clock.now(), None)
        self.intake = Intake(world.store, world.clock, backlog, lacks_permit=self.watch.lacks)

    def look(self) -> None:
        self.watch.look(self.world.store, self.world.clock, self.news.append)

    def send(self, frame: bytes) -> list[wire.Status]:
        replies = self.intake.take(UP, frame).replies
        return [wire.decode_status(reply, KEY, "anna") for _topic, reply in replies]

    def begin_shift(self, seq: int = 1) -> list[wire.Status]:
        flags = {"flags": wire.FLAG_TEST, "watch_s": 36_000}
        return self.send(wire.encode_alarm(KEY, "anna", 1, seq, 1, 0, rev=1, **flags))

    def incidents(self) -> list[str]:
        found = self.world.store.incidents("anna")
        return [one.kind_name for one in found if not one.test]

    def notes(self) -> list[str]:
        lines = self.world.store.read(audit.newest)
        return [one.detail for one in lines if one.what == TOLD]


@pytest.mark.requirement("R30")
def test_the_receipt_of_the_shifts_test_tells_it_and_so_does_that_of_an_sos(world: World) -> None:
    centre = Centre(world, LAPSED)
    [receipt] = centre.begin_shift()
    assert (receipt.state, receipt.permit) == (wire.STATUS_CLOSED, 1)
    [receipt] = centre.send(wire.encode_alarm(KEY, "anna", 1, 2, 1, 0, rev=1))
    # An alarm is one all the same.
    assert (receipt.state, receipt.permit) == (wire.STATUS_RECEIVED, 1)
    assert centre.incidents() == ["sos"]


@pytest.mark.requirement("R30")
def test_a_badge_without_alarms_hears_of_it_by_its_hello(world: World) -> None:
    said = wire.encode_hello(KEY, wire.Hello("anna", 1, 2, "0.1.0", 60, 80, (), *wire.NOWHERE))
    centre = Centre(world, LAPSED)
    centre.begin_shift()
    [answer] = centre.send(said)
    assert answer.permit == 1


def test_who_has_all_permits_is_told_nothing(world: World) -> None:
    centre = Centre(world, ALL)
    [receipt] = centre.begin_shift()
    centre.look()
    assert receipt.permit is None
    assert not centre.incidents()
    assert not centre.notes()


@pytest.mark.requirement("R30")
def test_the_supervisor_is_told_once_a_shift_also_when_it_was_closed_meanwhile(
    world: World,
) -> None:
    centre = Centre(world, LAPSED)
    centre.look()
    # Nobody is at work.
    assert not centre.incidents()
    centre.begin_shift()
    for _ in range(3):
        centre.look()
        world.clock.wait(60)
    assert centre.incidents() == ["permit"]
    assert len(centre.news) == len(centre.notes()) == 1
    assert "no training of Anna" in centre.notes()[0]
    [opened] = [one for one in world.store.incidents("anna") if one.kind == PERMIT]
    world.centre(opened, wire.STATUS_CLOSED)
    centre.look()
    assert centre.incidents() == ["permit"]
    # The next day is another shift.
    world.clock.wait(86_400)
    centre.begin_shift(9)
    centre.look()
    assert centre.incidents() == ["permit", "permit"]


def test_of_several_receivers_the_one_that_watches_tells(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = Centre(world, LAPSED)
    centre.begin_shift()
    monkeypatch.setattr(duties, "take", lambda *_: False)
    centre.look()
    assert not centre.incidents()
    assert centre.watch.lacks("anna")
