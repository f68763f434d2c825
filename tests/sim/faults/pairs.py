"""Two faults of the table on one day: of two groups, or two of one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any, Final

from sim.options.option import Option
from tests.sim.faults import day
from tests.sim.faults.day import GROUPS, Columns, Row

# The faults of another board are lived through one by one.
PAIRED: Final = tuple(group for group in GROUPS if group != "wlan")
# The better first.
_OUTCOMES: Final = ("yes", "late", "no")
_FILLS: Final = "flash is full"
_JOINED: Final = ("modem", "imu", "pmu", "settings")


def pairs(count: int, seed: int) -> Iterator[Row]:
    """So many days of two faults, each group with itself and the others as there is room.

    Faults with which no SOS arrives are left out: there is nothing more to lose.
    """
    draw = random.Random(seed)
    by_group = {
        group: [row for row in day.rows() if row.group == group and row.expected.sos == "yes"]
        for group in PAIRED
    }
    groups = list(itertools.combinations_with_replacement(PAIRED, 2))
    draw.shuffle(groups)
    for number in range(count):
        one, other = groups[number % len(groups)]
        first = draw.choice(by_group[one])
        others = [row for row in by_group[other] if row is not first]
        yield both(first, draw.choice(others))


def both(one: Row, other: Row) -> Row:
    """The day of two faults, on which each of the two columns is that of the worse."""
    given = {option.name: _merged(option, one, other) for option in day.ROW}
    expected = Columns(
        _worse(one.expected.fall, other.expected.fall),
        _worse(one.expected.sos, other.expected.sos),
        (),
        (),
    )
    return Row(f"{one.group}+{other.group}", f"{one.name} / {other.name}", given, expected)


def is_no_worse(found: Columns, expected: Columns) -> bool:
    """Whether the fall and the SOS came out as well as expected, or better."""
    return all(
        _OUTCOMES.index(one) <= _OUTCOMES.index(other)
        for one, other in ((found.fall, expected.fall), (found.sos, expected.sos))
    )


def _merged(option: Option, one: Row, other: Row) -> Any:
    a, b = one.given[option.name], other.given[option.name]
    if option.name == "when":
        return [*a, *b]
    if option.name in _JOINED:
        return {**a, **b}
    if option.name == "patch":
        # A file can be damaged before flash is full, and not after it.
        names = sorted((name for name in (a, b) if name), key=_FILLS.__eq__)
        return day.AND.join(names)
    if option.name == "lasts_s":
        return max(a, b)
    return b if a == option.default else a


def _worse(one: str, other: str) -> str:
    return max(one, other, key=_OUTCOMES.index)
