"""A cell is a circle: never a point, and never smaller than what is known of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.cells import circles, importing
from nabij.centre.cells.table_file import networks_of
from nabij.centre.database.cell_table import FILE, Key, Row
from nabij.paths import StatePaths
from tests.host.centre.cells.opencellid import line
from tests.host.centre.deadline_world import World


def row(range_m: int, samples: int) -> Row:
    return Row(204, 8, 4101, 77, 520066700, 43555600, range_m, samples)


@pytest.mark.parametrize(
    ("range_m", "samples", "radius_m"),
    [
        *((0, 0, 3000), (100, 1, 3000), (2000, 9, 4000), (300, 10, 1000), (2000, 49, 3000)),
        *((0, 50, 500), (1200, 80, 1200), (100_000, 500, 100_000), (90_000, 3, 100_000)),
    ],
)
def test_few_samples_make_a_larger_circle(range_m: int, samples: int, radius_m: int) -> None:
    assert circles.circle(row(range_m, samples)) == circles.Circle(520066700, 43555600, radius_m)


@given(st.integers(0, 100_000), st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_circle_is_smaller_than_its_range_nor_grows_by_more_samples(
    range_m: int, some: int, others: int
) -> None:
    few, many = sorted((some, others))
    assert (
        circles.circle(row(range_m, few)).radius_m
        >= circles.circle(row(range_m, many)).radius_m
        >= max(range_m, 500)
    )


def test_a_damaged_table_is_said_and_hides_nothing_else(world: World) -> None:
    file = world.folder / "204.csv"
    file.write_text(line())
    importing.import_files(StatePaths(world.folder), [file], networks_of(["204"]))
    key = Key(204, 8, 4101, 77)
    found = world.store.read(lambda one: circles.of(one, [key, Key(204, 8, 4101, 78)]))
    assert found == circles.Found({key: circles.Circle(520066700, 43555600, 1200)})
    table = world.folder / FILE
    table.write_bytes(b"no table" * 1000)
    found = world.store.read(lambda one: circles.of(one, [key]))
    assert found.circles == {}
    assert "cannot be read: import it again" in found.trouble


def test_a_cell_has_a_name_as_people_write_it() -> None:
    assert circles.name(Key(204, 8, 4101, 77)) == "204-08 tac 4101 ci 77"
    assert circles.name(Key(310, 410, 1, 2)) == "310-410 tac 1 ci 2"
