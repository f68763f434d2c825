"""An erasure: the name is nowhere any more, the incident and the audit's chain still hold."""

import pytest
import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import people_schema, schema
from nabij.centre.handover import rows
from nabij.centre.people import anchors, assignments
from nabij.centre.people.audit_chain import BrokenChainError
from nabij.centre.privacy import erase, subject
from nabij.errors import UsageError
from tests.host.centre.deadline_world import START_MS, World
from tests.host.centre.privacy.employer import DAY_MS, NAME, filled, whole


def gone(world: World) -> str:
    who = filled(world)
    world.store.write(lambda one: anchors.add(one, START_MS + DAY_MS))
    world.store.write(
        lambda one: erase.erase(one, who.person_id, by="root", now_ms=START_MS + DAY_MS)
    )
    return who.mark


def test_nothing_tells_of_them_and_the_audit_holds(each_engine: str, world: World) -> None:
    mark = gone(world)
    left = world.store.read(whole)
    for told in (NAME, "sees badly", "her leg", "+31 6", "1990-05-01", "Mother", "520000000"):
        assert told not in left, told
    frames = sa.select(schema.message.c.frame)
    assert set(world.store.read(lambda one: one.execute(frames).scalars().all())) == {b""}
    # `nabij handover show` still reads that there was a message.
    assert [row.message.data for row in world.store.read(lambda one: rows.newest(one, 9))] == [""]
    verdict = world.store.read(anchors.verify)
    # What they did, what was done about them, and what named them.
    assert (verdict.erased, verdict.lines) == (3, 5)
    [line] = world.store.read(
        lambda one: one.execute(
            sa.select(people_schema.audit).where(people_schema.audit.c.what == erase.ERASED)
        ).all()
    )
    assert (line.by, line.detail, line.person_id) == ("root", mark, None)


def test_the_incident_keeps_what_the_law_wants_and_what_the_assessment_counts(
    world: World,
) -> None:
    gone(world)
    [found] = world.store.incidents("anna")
    assert (found.kind_name, found.wearer, found.state) == ("sos", "", wire.STATUS_CLOSED)
    shift, given = "planned_shift", people_schema.assignment
    count = sa.select(sa.func.count())
    tables = schema.metadata.tables
    # The shift that was worked counts, the one to come is nobody's.
    counted = world.store.read(
        lambda one: [
            one.execute(count.select_from(table)).scalar_one() for table in (tables[shift], given)
        ]
    )
    assert counted == [1, 1]


def test_a_line_that_tells_of_them_again_after_the_erasure_breaks_the_chain(world: World) -> None:
    gone(world)
    line = people_schema.audit
    first = sa.select(sa.func.min(line.c.id)).scalar_subquery()
    world.store.write(
        lambda one: one.execute(line.update().where(line.c.id == first).values(by="anna"))
    )
    with pytest.raises(BrokenChainError):
        world.store.read(anchors.verify)


def test_who_is_at_work_or_has_an_open_incident_is_not_erased(world: World) -> None:
    who = filled(world)

    def attempt() -> None:
        world.store.write(lambda one: erase.erase(one, who.person_id, by="x", now_ms=START_MS))

    world.store.write(
        lambda one: one.execute(schema.incident.update().values(state=wire.STATUS_TAKEN))
    )
    with pytest.raises(UsageError, match="Incident 1 of theirs is open"):
        attempt()
    world.store.write(
        lambda one: assignments.hand_out(one, "anna", who.person_id, START_MS + 2 * DAY_MS, "x")
    )
    with pytest.raises(UsageError, match="Badge anna is still theirs"):
        attempt()
    assert NAME in world.store.read(whole)


def test_of_two_of_one_name_only_one_goes(world: World) -> None:
    who = filled(world)
    person = people_schema.person
    world.store.write(
        lambda one: one.execute(
            person.update().where(person.c.id != who.person_id).values(name=NAME)
        )
    )
    with pytest.raises(UsageError, match="2 people are called"):
        world.store.read(lambda one: subject.find(one, NAME))
    world.store.write(lambda one: erase.erase(one, who.person_id, by="x", now_ms=START_MS))
    names = world.store.read(lambda one: one.execute(sa.select(person.c.name)).scalars().all())
    assert sorted(names) == [who.mark, NAME]


def test_a_name_that_is_a_part_of_another_stays(world: World) -> None:
    who = filled(world)
    person, team = people_schema.person, people_schema.team
    ann = person.c.id == who.person_id
    world.store.write(lambda one: one.execute(person.update().where(ann).values(name="Visser")))
    note = "Visserman calls Visser."
    world.store.write(lambda one: one.execute(team.update().values(action_plan=note)))
    world.store.write(lambda one: erase.erase(one, who.person_id, by="x", now_ms=START_MS))
    told = world.store.read(lambda one: one.execute(sa.select(team.c.action_plan)).scalar_one())
    assert told == f"Visserman calls {who.mark}."


def test_twice_is_said(world: World) -> None:
    mark = gone(world)
    with pytest.raises(UsageError, match="erased already"):
        world.store.write(lambda one: erase.erase(one, int(mark[1:]), by="x", now_ms=START_MS))
