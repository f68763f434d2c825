"""Where a wearer is, of all that is known: the best, hints as hints, age and accuracy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm.kinds import SOS
from badge.core.codec.place import CELL, SATELLITES, Cell, Position, Tag
from nabij.centre.cells import importing, table_file
from nabij.centre.incidents import places, whereabouts
from nabij.centre.incidents.whereabouts import NOWHERE, Source, Spot, Whereabouts
from nabij.centre.people import persons, room_tags
from nabij.centre.workforce import rows, sheets
from nabij.paths import StatePaths
from tests.host.centre.cells.opencellid import line
from tests.host.centre.deadline_world import START_MS, World, message

FIX = Position(520066700, 43555600, 40, 180, SATELLITES)
HEARD = Cell(204, 8, 4101, 77, -101)
MINUTE_MS = 60_000
OWN = "a1b2c3d4"


def fix(at_ms: int = 0, accuracy_m: int = 40, **other: Any) -> Spot:
    given = {"lat_e7": 520066700, "lon_e7": 43555600, "accuracy_m": accuracy_m, **other}
    return Spot(Source.SATELLITES, at_ms, at_ms, **given)


def hint(at_ms: int, accuracy_m: int, source: Source = Source.CELL) -> Spot:
    return replace(fix(at_ms, accuracy_m, name="x"), source=source)


def known(world: World) -> Whereabouts:
    return world.store.read(lambda one: whereabouts.one_of(one, 1))


def with_tables(world: World) -> None:
    file = world.folder / "204.csv"
    file.write_text(line())
    wanted = table_file.networks_of(["204-08"])
    importing.import_files(StatePaths(world.folder), [file], wanted)
    sheet = (
        f"locatie;ruimte;soort;kenmerk;breedtegraad;lengtegraad\nYard;cold store 2;own;{OWN};;\n"
    )
    world.store.write(lambda one: persons.add_site(one, "Yard"))
    world.store.write(lambda one: rows.keep(one, "tags", sheets.read("tags", sheet.encode())))


@pytest.mark.usefixtures("each_engine")
def test_the_newest_and_best_is_said_in_words_with_the_hints_beside_it(world: World) -> None:
    with_tables(world)
    tag = Tag(room_tags.id_of("own", OWN), -70)
    world.take(message(kind=SOS, position=FIX, cell=HEARD, tag=tag, speed_cm_s=1000, zone=7))
    found = known(world)
    fixed, in_room, in_cell = found.sentences(START_MS)
    assert fixed == (
        "within 40 m of 52.00667, 4.35556, 3 min 0 s ago, by satellite, moving at 36 km/h, "
        "in zone 7 of the site"
    )
    assert in_room == "hint, 0.0 s ago, by the room tag of cold store 2 (Yard), -70 dBm"
    assert in_cell == (
        "hint, within 1200 m of 52.00667, 4.35556, 0.0 s ago, "
        "by cell 204-08 tac 4101 ci 77, -101 dBm"
    )
    assert found.shows_cells()
    assert found.fields(START_MS)["cells_by"] == "Cells: OpenCelliD, CC BY-SA 4.0"
    [opened] = world.told
    assert "by satellite" in opened.sentence(START_MS)


@pytest.mark.usefixtures("each_engine")
def test_what_no_table_knows_is_shown_as_that_and_has_no_position(world: World) -> None:
    world.take(message(kind=SOS, cell=HEARD, tag=Tag(b"12345678", -70)))
    found = known(world)
    assert found.best(START_MS) is None
    assert found.sentences(START_MS + 12_000) == [
        "hint, 12.0 s ago, by tag 3132333435363738, which is not in the register, -70 dBm",
        "hint, 12.0 s ago, by cell 204-08 tac 4101 ci 77, which is not in the table, -101 dBm",
    ]
    assert not found.shows_cells()
    # A table that comes later helps what happened before.
    with_tables(world)
    assert known(world).best(START_MS) is not None


def test_a_position_of_a_cell_that_the_badge_has_is_a_hint_without_a_name(world: World) -> None:
    world.take(message(kind=SOS, position=FIX._replace(source=CELL, accuracy_m=0)))
    [spot] = known(world).spots
    assert (spot.hint, spot.accuracy_m) == (True, whereabouts.LEAST_ACCURACY_M)
    assert spot.words(START_MS).endswith("ago, by its cell")
    assert not known(world).shows_cells()


def test_nobody_knows_anything_of_an_incident_without_any(world: World) -> None:
    world.take(message(kind=SOS))
    assert known(world) == NOWHERE
    assert NOWHERE.sentences(0) == []
    assert NOWHERE.fields(0)["best"] is None


def test_what_was_noted_and_what_was_sent_are_one_track(world: World) -> None:
    world.take(message(kind=SOS, position=FIX))
    seen = places.Position(START_MS + MINUTE_MS, 520000000, 43000000, 10, START_MS, "J. Smit")
    world.store.write(lambda one: places.note_position(one, 1, seen))
    found = known(world)
    assert [one.source for one in found.spots] == [Source.SATELLITES, Source.NOTED]
    best = found.best(START_MS + MINUTE_MS)
    assert best is not None
    assert best.lasting_words() == "within 10 m of 52.00000, 4.30000, noted by J. Smit"


def test_what_a_badge_says_again_is_one_spot_that_is_as_old_as_it_said_last(world: World) -> None:
    world.take(message(kind=SOS, position=FIX, cell=HEARD))
    for rev in (2, 3):
        world.wait(60)
        later = FIX._replace(age_s=120 + 60 * rev)
        world.take(
            message(kind=SOS, rev=rev, position=later, cell=HEARD, age_ms=(rev - 1) * 60_000)
        )
    found = {one.source: one for one in known(world).spots}
    assert len(known(world).spots) == 2
    assert found[Source.SATELLITES].until_ms == START_MS - 180_000
    assert (found[Source.CELL].at_ms, found[Source.CELL].until_ms) == (
        START_MS,
        START_MS + 120_000,
    )


@pytest.mark.parametrize(
    ("spots", "best"),
    [
        # The newer of two that are as good; the better of two that are as old.
        ((fix(0), fix(MINUTE_MS)), 1),
        ((fix(0, 10), fix(0, 80)), 0),
        # On foot one gets 90 m in a minute: a fine old fix is worth less than a coarse new one.
        ((fix(0, 5), fix(10 * MINUTE_MS, 300)), 1),
        ((fix(9 * MINUTE_MS, 5), fix(10 * MINUTE_MS, 300)), 0),
        # A hint counts as twice as wide as it is.
        ((fix(0, 40), hint(0, 30)), 0),
        ((fix(0, 40), hint(0, 15, Source.TAG)), 1),
        ((fix(0, 40), hint(60 * MINUTE_MS, 1200)), 1),
        ((fix(58 * MINUTE_MS, 40), hint(60 * MINUTE_MS, 1200)), 0),
        # One without a position is never a circle.
        ((Spot(Source.TAG, 9, 9, name="x"), fix(0)), 1),
    ],
)
def test_the_best_is_the_smallest_circle_that_holds_the_wearer_still(
    spots: tuple[Spot, ...], best: int
) -> None:
    found = Whereabouts(spots)
    assert found.best(60 * MINUTE_MS) is spots[best]


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(5, 10**5)), min_size=1, max_size=6),
    st.integers(0, 10**7),
)
def test_no_fix_that_is_newer_and_better_is_ever_passed_over(
    spots: list[tuple[int, int]], now_ms: int
) -> None:
    found = Whereabouts(tuple(fix(*one) for one in spots))
    best = found.best_fix(now_ms)
    assert best is not None
    assert not any(
        one.at_ms > best.at_ms and (one.accuracy_m or 0) < (best.accuracy_m or 0)
        for one in found.spots
        if one.at_ms <= now_ms
    )


def test_a_time_to_come_is_said_as_now() -> None:
    assert fix(at_ms=10**9).short_words(0) == "within 40 m, 0.0 s ago, by satellite"


def test_only_a_fix_is_best_among_fixes() -> None:
    assert Whereabouts((hint(0, 5),)).best_fix(0) is None
