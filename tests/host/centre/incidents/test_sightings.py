"""What alarms say of where their badge is, late, twice and in any order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm.kinds import AMBER, SOS
from badge.core.codec import wire
from badge.core.codec.place import SATELLITES, Cell, Position, Tag
from nabij.centre.database import retention, schema
from nabij.centre.incidents import sightings
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.sightings import Sighting
from tests.host.centre.databases import on_sqlite, sync_nothing
from tests.host.centre.deadline_world import START_MS, World, message

pytestmark = pytest.mark.usefixtures("each_engine")
HERE = Position(520066700, 43555600, 40, 180, SATELLITES)
CELL = Cell(204, 8, 4101, 77, -101)
TAG = Tag(b"12345678", -70)
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("shared"))
    sync_nothing(world.store)
    yield world
    world.close()


def squeeze(rev: int = 1, **fields: Any) -> wire.AlarmMessage:
    return message(kind=SOS, rev=rev, **fields)


def said(world: World) -> list[Sighting]:
    found = world.store.read(lambda one: sightings.of(one, range(1, 10)))
    return [one for those in found.values() for one in those]


def frames(world: World) -> list[bytes]:
    return world.store.read(
        lambda one: [
            bytes(row) for row in one.execute(sa.select(schema.message.c.frame)).scalars()
        ]
    )


def test_position_cell_and_tag_are_kept_each_with_its_time(world: World) -> None:
    world.take(squeeze(position=HERE, cell=CELL, tag=TAG, speed_cm_s=120, zone=7, age_ms=9000))
    [found] = said(world)
    assert (found.lat_e7, found.lon_e7, found.accuracy_m) == (520066700, 43555600, 40)
    assert (found.at_ms, found.told_ms) == (START_MS - 180_000, START_MS)
    assert (found.mcc, found.mnc, found.tac, found.ci, found.rsrp_dbm) == (*CELL,)
    assert (found.tag, found.rssi_dbm, found.speed_cm_s, found.zone) == (*TAG, 120, 7)


def test_an_alarm_that_says_nothing_of_it_has_none(world: World) -> None:
    world.take(squeeze())
    assert said(world) == []


def test_a_position_of_nobody_is_none(world: World) -> None:
    world.take(squeeze(position=HERE._replace(lat_e7=0, lon_e7=0), cell=CELL))
    [found] = said(world)
    assert (found.at_ms, found.lat_e7, found.ci) == (None, None, 77)


def test_a_late_copy_makes_no_new_place_of_an_old_one(world: World) -> None:
    world.take(squeeze(position=HERE, age_ms=1000))
    world.wait(3600)
    # The very same frame, by a way that took an hour.
    world.take(squeeze(position=HERE, age_ms=1000, attempt=2))
    [found] = said(world)
    assert (found.at_ms, found.told_ms) == (START_MS - 180_000, START_MS)
    # And a rev that took as long.
    world.take(squeeze(rev=2, position=HERE._replace(lat_e7=530000000, age_s=5), age_ms=31_000))
    assert said(world)[-1].at_ms == START_MS + 30_000 - 5000


def test_of_an_age_that_is_only_a_lower_bound_the_arrival_counts(world: World) -> None:
    world.take(squeeze(age_ms=1000))
    world.wait(600)
    late = {"age_ms": 5, "flags": wire.FLAG_AGE_AT_LEAST}
    world.take(squeeze(rev=2, position=HERE, **late))
    assert said(world)[0].told_ms == START_MS + 600_000


def test_a_copy_adds_what_the_first_had_no_room_for(world: World) -> None:
    world.take(squeeze(cell=CELL))
    world.take(squeeze(cell=CELL, position=HERE, tag=TAG, attempt=2))
    [found] = said(world)
    assert (found.lat_e7, found.tag, found.at_ms) == (520066700, TAG.id, START_MS - 180_000)
    # Of one rev there is one position.
    world.take(squeeze(position=HERE._replace(lat_e7=1), attempt=3))
    assert said(world) == [found]


def test_a_badge_that_moved_is_news_and_one_that_did_not_is_none(world: World) -> None:
    world.take(squeeze(position=HERE, cell=CELL))
    world.take(squeeze(rev=2, position=HERE, cell=CELL._replace(rsrp_dbm=-90), speed_cm_s=3))
    assert world.heard() == [What.OPENED]
    world.take(squeeze(rev=4, position=HERE._replace(lat_e7=520066800), cell=CELL))
    world.take(squeeze(rev=3, position=HERE._replace(lat_e7=1), cell=CELL))
    assert world.heard() == [What.PLACED]
    assert [one.rev for one in said(world)] == [1, 2, 3, 4]
    world.take(squeeze(rev=5, tag=TAG))
    [news] = world.told[-1:]
    assert news.what is What.PLACED
    assert b"12345678".hex() in news.sentence()


def test_a_badge_that_moves_without_end_has_its_newest_thousand(world: World) -> None:
    for rev in (1, 2, 1000, 1001, 1003, 2, 1):
        world.take(squeeze(rev=rev, position=HERE._replace(lat_e7=520000000 + rev)))
    assert [one.rev for one in said(world)] == [1000, 1001, 1003]


def test_what_is_said_first_of_a_place_after_the_alarm_is_news(world: World) -> None:
    world.take(squeeze())
    world.take(squeeze(rev=2, position=HERE))
    assert world.heard() == [What.OPENED, What.PLACED]


def test_a_deadline_that_the_receiver_opens_has_its_last_place(world: World) -> None:
    world.take(message(due_s=60, position=HERE))
    assert said(world) == []
    world.wait(61)
    world.tick()
    assert [one.lat_e7 for one in said(world)] == [520066700]


def test_of_what_came_to_nothing_no_place_is_kept_nor_in_its_messages(world: World) -> None:
    world.take(message(due_s=60, position=HERE))
    world.take(message(rev=2, due_s=0, flags=wire.FLAG_CANCELLED, position=HERE))
    assert frames(world) == [b"", b""]
    with_place = sa.select(sa.func.count()).select_from(schema.metadata.tables["sighting"])
    assert world.store.read(lambda one: one.execute(with_place).scalar_one()) == 0


def test_a_forced_cancel_has_its_place(world: World) -> None:
    world.take(message(due_s=60, position=HERE))
    forced = wire.FLAG_CANCELLED | wire.FLAG_DURESS
    world.take(message(rev=2, due_s=0, flags=forced, position=HERE))
    assert [one.rev for one in said(world)] == [1, 2]


def test_where_a_shift_begins_and_ends_is_not_kept(world: World) -> None:
    for seq, watch_s in ((1, 3600), (2, 0)):
        world.take(
            message(seq=seq, kind=SOS, flags=wire.FLAG_TEST, watch_s=watch_s, position=HERE)
        )
    assert said(world) == []
    # As badges of before told it.
    assert frames(world) == [b"", b""]


def test_what_no_incident_came_of_goes_with_its_alarm(world: World) -> None:
    world.take(message(kind=AMBER, due_s=3000, position=HERE))
    world.store.write(
        lambda one: one.execute(schema.alarm.update().values(due_steady_ms=None, heard_ms=1))
    )
    world.store.write(lambda one: one.execute(schema.event.delete()))
    assert world.store.write(lambda one: retention.purge(one, START_MS)) == 1


# Its world is shared, and on SQLite.
@on_sqlite
@given(
    st.permutations([(1, 0), (2, 10), (3, 20), (4, 30)]),
    st.lists(st.integers(0, 3), max_size=4),
)
def test_in_any_order_and_however_often_the_same_is_known(
    shared: World, order: list[tuple[int, int]], again: list[int]
) -> None:
    seq = next(_numbers)
    start_ms = shared.clock.now().wall_ms
    shared.take(squeeze(rev=1, age_ms=0, seq=seq))
    for rev, after_s in [*order, *(order[index] for index in again)]:
        where = HERE._replace(lat_e7=520000000 + rev, age_s=0)
        shared.take(squeeze(rev=rev, age_ms=after_s * 1000, position=where, seq=seq), lag_ms=0)
    incident = shared.incident(seq=seq)
    assert incident is not None
    found = shared.store.read(lambda one: sightings.of(one, [incident.id]))[incident.id]
    assert [one.rev for one in found] == [1, 2, 3, 4]
    assert [one.lat_e7 for one in found] == [520000001, 520000002, 520000003, 520000004]
    assert all(one.at_ms is not None and one.at_ms <= start_ms for one in found)


_numbers = iter(range(100, 10_000))
