"""What is odd about a badge is refused, said once, told and kept as an incident."""

from nabij.centre.incidents.words import FLOOD, TWICE
from nabij.centre.link.oddities import Oddities
from nabij.errors import NabijError
from tests.host.centre.deadline_world import World


class Desk:
    """Takes down what is said and told."""

    def __init__(self, world: World) -> None:
        self.said: list[str] = []
        self.told: list[int] = []
        self.held_back = 0
        self.oddities = Oddities(
            world.store, world.clock, tell=self.told.extend, say=self.said.append
        )

    def hold_back(self) -> None:
        self.held_back += 1


def test_a_flood_is_held_back_each_time_and_said_once_while_its_incident_is_open(
    world: World,
) -> None:
    desk = Desk(world)
    for count in (1, 2):
        desk.oddities.flood("anna", desk.hold_back)
        assert (desk.held_back, len(desk.said), len(desk.told)) == (count, 1, 1)
    assert desk.said[0].startswith("BADGE anna: It sends more than a badge has reason to")
    [incident] = world.store.incidents("anna")
    assert (incident.kind, incident.boot) == (FLOOD, 0)
    [news] = world.store.news(tuple(desk.told))
    assert news.incident == incident


def test_a_client_id_used_twice_names_both_places(world: World) -> None:
    desk = Desk(world)
    desk.oddities.twice("anna", ["10.0.0.1", "10.0.0.2"])
    [incident] = world.store.incidents("anna")
    assert incident.kind == TWICE
    [sentence] = desk.said
    assert "from 10.0.0.1 and 10.0.0.2." in sentence


def test_a_flood_that_cannot_be_kept_is_said_all_the_same(world: World) -> None:
    def fails() -> None:
        raise NabijError("The disk is full: make room.")

    desk = Desk(world)
    desk.oddities.flood("anna", fails)
    assert desk.said == [
        "BADGE anna FLOODS, and that cannot be kept. The disk is full: make room."
    ]
    assert desk.told == []
    assert list(world.store.incidents("anna")) == []
