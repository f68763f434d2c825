"""Two faults at once: each column is that of the worse one, and an SOS arrives all the same."""

from __future__ import annotations

from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from tests.sim.faults import day
from tests.sim.faults.day import Row
from tests.sim.faults.pairs import PAIRED, both, is_no_worse, pairs
from tests.worlds import Site

BY_ID = {row.id: row for row in day.rows()}
# Drawn once: another seed tries others (`python -m tests.sim.faults --pairs 45 --seed 8`).
DRAWN = list(pairs(20, seed=7))
# Found to restart the badge for ever; and what most likely hides one another.
KNOWN = [
    both(BY_ID[one], BY_ID[other])
    for one, other in (
        ("flash: record of the starts damaged", "tasks: buttons keeps dying"),
        ("sensor: no answer for 4 s around the impact", "flash: no write works"),
        ("usb: a terminal that holds the port and does not read", "tasks: usb keeps dying"),
        ("modem: noise on its serial line", "tasks: modem dies once"),
    )
]


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("row", [*KNOWN, *DRAWN], ids=lambda row: row.id)
def test_two_faults_cost_no_more_than_the_worse_of_them(
    site: Site, tmp_path: Path, row: Row
) -> None:
    found, _ = day.live(row, site, tmp_path)
    assert is_no_worse(found, row.expected), found
    assert found.sos == "yes"


def test_each_group_is_drawn_with_itself_and_every_other_and_the_same_each_time() -> None:
    many = list(pairs(110, seed=1))
    assert [row.id for row in many] == [row.id for row in pairs(110, seed=1)]
    groups = {tuple(row.group.split("+")) for row in many}
    assert groups == set(combinations_with_replacement(PAIRED, 2))
    for row in many:
        one, other = row.name.split(" / ")
        assert one != other
