"""What the receiver finds out for itself: one open incident of a kind, under keys of its own."""

import pytest

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.incidents import own_incident
from nabij.centre.incidents.handling import dossier
from nabij.centre.incidents.incident import OWN_BOOT
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.words import FLOOD, TWICE
from nabij.errors import UsageError
from tests.host.centre.deadline_world import START_MS, World


def test_something_odd_is_one_incident_until_it_is_closed(world: World) -> None:
    for seq in (1, 2):
        news = world.store.notice("anna", TWICE, world.clock.now(), "From two addresses.")
        assert news is not None
        world.tell(news)
        assert world.heard() == [What.OPENED]
        assert world.store.notice("anna", TWICE, world.clock.now(), "Again.") is None
        one = world.incident(OWN_BOOT, seq)
        assert one is not None
        assert (one.kind, one.state, one.test, one.age_ms) == (
            TWICE,
            wire.STATUS_RECEIVED,
            False,
            0,
        )
        assert not one.age_at_least
        assert one.raised_ms == one.received_ms == world.clock.now().wall_ms
        world.centre(one, wire.STATUS_CLOSED)
        world.clock.wait(60)


def test_one_kind_hides_no_other(world: World) -> None:
    assert world.store.notice("anna", TWICE, world.clock.now(), "One.") is not None
    assert world.store.notice("anna", FLOOD, world.clock.now(), "Two.") is not None


def test_of_a_badge_that_nobody_knows_there_is_none(world: World) -> None:
    assert world.store.notice("nobody", TWICE, world.clock.now(), "One.") is None
    assert world.store.incidents() == []


def test_what_was_odd_stands_with_the_incident(world: World) -> None:
    world.store.notice("anna", TWICE, world.clock.now(), "From two addresses.")
    found = world.store.read(lambda connection: dossier(connection, 1))
    assert found is not None
    [one] = found.actions
    assert (one.by, one.note, one.at_ms) == ("nabij", "From two addresses.", START_MS)
    # The badge is told nothing of it.
    assert world.store.owed() == []


def test_a_drill_is_marked_and_there_is_one_at_a_time(world: World) -> None:
    def practise() -> int:
        now = world.clock.now()
        found = world.store.write(lambda one: own_incident.practise(one, "anna", now, "J. Smit"))
        return found[0]

    assert practise() == 1
    one = world.incident(OWN_BOOT, 1)
    assert one is not None
    assert (one.kind, one.test, one.state) == (SOS, True, wire.STATUS_RECEIVED)
    assert "DRILL" in one.sentence()
    with pytest.raises(UsageError, match="A drill of badge anna is open"):
        practise()
    world.centre(one, wire.STATUS_CLOSED)
    assert practise() == 2
