"""What was done about an incident is kept for who wore the badge when it was raised."""

from badge.core.alarm.kinds import SOS
from nabij.centre.incidents import traces
from nabij.centre.people import assignments, audit, persons
from nabij.centre.people.persons import Wanted
from tests.host.centre.deadline_world import START_MS, World, message


def give(world: World, name: str, had_by: int | None = None) -> int:
    """Hand the badge to a new person; their id."""
    now_ms = world.clock.now().wall_ms
    person = world.store.write(lambda one: persons.add(one, Wanted(name=name)))
    world.store.write(
        lambda one: assignments.hand_out(one, "anna", person.id, now_ms, "K. Bos", had_by=had_by)
    )
    return person.id


def keep(world: World, incident_id: int) -> audit.Entry:
    world.store.write(
        lambda one: traces.keep(one, incident_id, START_MS + 99, "J. Smit", "did", "so")
    )
    return world.store.read(audit.newest)[0]


def test_it_is_about_who_wore_the_badge_then_and_nobody_since(world: World) -> None:
    world.take(message(1, 1, kind=SOS))
    world.clock.wait(10)
    first = give(world, "A. de Vries")
    world.clock.wait(10)
    world.take(message(1, 2, kind=SOS))
    world.clock.wait(10)
    give(world, "B. Mulder", had_by=first)
    one = keep(world, 2)
    assert (one.person_id, one.incident_id, one.at_ms) == (first, 2, START_MS + 99)
    assert (one.by, one.what, one.detail) == ("J. Smit", "did", "so")
    # Nobody wore it yet.
    assert keep(world, 1).person_id is None
