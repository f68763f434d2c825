"""Where somebody noted a wearer to be, and how they moved: the newest counts, and all is kept."""

from dataclasses import replace

import pytest

from badge.core.alarm.kinds import SOS
from nabij.centre.incidents import places
from nabij.centre.incidents.places import Motion, Position
from nabij.centre.people import audit
from tests.host.centre.deadline_world import START_MS, World, message

WHERE = Position(START_MS, 523_700_000, 48_900_000, 15, START_MS + 5, "J. Smit")
HOW = Motion(START_MS, 10, "[1000]", "[]", "fall", START_MS + 9, "J. Smit")


@pytest.fixture(autouse=True)
def incidents(world: World) -> None:
    for seq in (1, 2):
        world.take(message(1, seq, kind=SOS))


def note(world: World, incident_id: int, where: Position) -> None:
    world.store.write(lambda connection: places.note_position(connection, incident_id, where))


def test_where_a_wearer_is_is_what_was_true_last_whenever_it_was_noted(world: World) -> None:
    later = replace(WHERE, at_ms=START_MS + 60_000, lat_e7=523_800_000)
    corrected = replace(later, accuracy_m=5, noted_ms=START_MS + 70_000)
    elsewhere = replace(WHERE, lon_e7=0)
    assert world.store.read(lambda connection: places.newest(connection, 1)) is None
    for incident_id, where in ((1, later), (1, WHERE), (2, elsewhere), (1, corrected)):
        note(world, incident_id, where)
    assert world.store.read(lambda connection: places.newest(connection, 1)) == corrected
    found = world.store.read(lambda connection: places.of(connection, [2, 1]))
    assert found == {1: [WHERE, later, corrected], 2: [elsewhere]}
    newest, *_ = world.store.read(audit.newest)
    assert (newest.what, newest.by, newest.at_ms) == (
        "noted a position",
        "J. Smit",
        START_MS + 70_000,
    )


def test_of_motion_the_last_that_was_noted_stands(world: World) -> None:
    def motion(incident_id: int) -> Motion | None:
        return world.store.read(lambda connection: places.motion_of(connection, incident_id))

    assert motion(1) is None
    for how in (HOW, replace(HOW, why="no motion", by="K. Bos")):
        world.store.write(lambda connection, how=how: places.note_motion(connection, 1, how))  # type: ignore[misc]
        assert motion(1) == how
    assert motion(2) is None
    newest, *_ = world.store.read(audit.newest)
    assert (newest.what, newest.by) == ("noted the motion", "K. Bos")
