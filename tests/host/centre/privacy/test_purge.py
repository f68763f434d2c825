"""What was kept for its term goes by itself, each kind at its own time, and nothing before."""

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import people_schema, schema
from nabij.centre.people import anchors, persons
from nabij.centre.privacy import terms
from nabij.centre.privacy.purge import Purge
from tests.host.centre.deadline_world import START_MS, World
from tests.host.centre.privacy.employer import DAY_MS, NAME, filled, whole


def after(world: World, days: int, purge: Purge | None = None) -> str:
    """What is left once the job has run so much later."""
    purge = purge or Purge()
    now_ms = START_MS + days * DAY_MS
    for _ in range(3):
        world.store.write(lambda one: purge.look(one, now_ms))
    return world.store.read(whole)


def counts(world: World) -> dict[str, int]:
    names = (
        *("position", "motion", "carried", "incident_link"),
        *("planned_shift", "permit", "assignment", "incident"),
    )
    count = sa.select(sa.func.count())
    return world.store.read(
        lambda one: {
            name: one.execute(count.select_from(schema.metadata.tables[name])).scalar_one()
            for name in names
        }
    )


def test_nothing_goes_before_its_time(world: World) -> None:
    filled(world)
    before = world.store.read(whole)
    assert after(world, 300) == before


def test_each_kind_goes_at_its_own_time(each_engine: str, world: World) -> None:
    who = filled(world)
    after(world, 370)
    # A year: who was called, and the access log, whose chain holds.
    assert world.store.read(anchors.verify).erased == 4
    assert "'mail', ''" in world.store.read(whole)
    assert counts(world)["position"] == 1
    after(world, 740)
    assert counts(world) == {
        **dict.fromkeys(("position", "motion", "carried", "incident_link"), 0),
        **dict.fromkeys(("planned_shift", "assignment"), 0),
        "permit": 2,
        "incident": 1,
    }
    [kept] = world.store.incidents("anna")
    assert (kept.kind_name, kept.wearer) == ("sos", "")
    assert NAME in world.store.read(whole)
    world.store.write(lambda one: persons.leave(one, who.person_id, START_MS))
    assert NAME not in after(world, 740)
    after(world, 1000)
    assert counts(world)["permit"] == 0


def test_the_employers_own_term_counts(world: World) -> None:
    filled(world)
    world.store.write(
        lambda one: terms.keep(one, "incident", 1825, "claims", by="root", now_ms=START_MS)
    )
    after(world, 740)
    assert counts(world)["position"] == 1
    after(world, 1830)
    assert counts(world)["position"] == 0


def test_an_open_incident_keeps_its_wearer(world: World) -> None:
    filled(world)
    is_open = schema.incident.update().values(state=wire.STATUS_TAKEN)
    world.store.write(lambda one: one.execute(is_open))
    purge = Purge()
    after(world, 2000, purge)
    [kept] = world.store.incidents("anna")
    assert kept.wearer == NAME


def test_one_whom_nobody_may_erase_yet_stops_nothing_else(world: World) -> None:
    who = filled(world)
    world.store.write(lambda one: persons.leave(one, who.person_id, START_MS))
    is_open = schema.incident.update().values(state=wire.STATUS_TAKEN)
    world.store.write(lambda one: one.execute(is_open))
    assert NAME in after(world, 740)
    person = people_schema.person.c
    told = sa.select(person.phone).where(person.id == who.person_id)
    assert world.store.read(lambda one: one.execute(told).scalar_one()) == "+31 6 1"
    assert counts(world)["planned_shift"] == 0
