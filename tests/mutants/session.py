"""One module's changes, made by Cosmic Ray and tried one after the other."""

from __future__ import annotations

import difflib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cosmic_ray.plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

from tests.mutants import tree
from tests.mutants.asking import Asker
from tests.mutants.report import Change

# The mark before parameters that have names is no product.
_NAMES_FOLLOW: Final = "*,"
# Of small numbers and names `is` says the same as `==`.
_SAME: Final = ("_Eq_Is", "_NotEq_IsNot", "_Is_Eq", "_IsNot_NotEq")


@dataclass(frozen=True)
class Place:
    """The n-th place in a module that an operator of Cosmic Ray can change."""

    start: tuple[int, int]
    operator: str
    occurrence: int


def run(module: str, asker: Asker, *, sample: int, drawn: random.Random) -> list[Change]:
    """Make `sample` changes of a module (0: all), each tried by its tests."""
    file = tree.TREE / module
    code = file.read_text(encoding="utf-8")
    found = sorted(_places(code), key=lambda one: (one.start, one.operator, one.occurrence))
    chosen = _drawn(found, sample, drawn) if sample else found
    try:
        return [_try(file, code, place, asker) for place in chosen]
    finally:
        file.write_text(code, encoding="utf-8")


def _places(code: str) -> Iterator[Place]:
    parsed = get_ast(code)
    lines = code.splitlines(keepends=True)
    for name in cosmic_ray.plugins.operator_names():
        operator = cosmic_ray.plugins.get_operator(name)
        if operator.arguments() or name.endswith(_SAME):
            continue
        made = operator()
        starts = (
            start for node in ast_nodes(parsed) for start, _ in made.mutation_positions(node)
        )
        for occurrence, start in enumerate(starts):
            row, column = start
            if not lines[row - 1].startswith(_NAMES_FOLLOW, column):
                yield Place(start, name, occurrence)


def _drawn(found: Sequence[Place], sample: int, drawn: random.Random) -> list[Place]:
    """At most `sample`, and of each place in the code at most one kind of change."""
    shuffled = list(found)
    drawn.shuffle(shuffled)
    taken: dict[Any, Place] = {}
    for place in shuffled:
        if len(taken) < sample:
            taken.setdefault(place.start, place)
    return list(taken.values())


def _try(file: Path, code: str, place: Place, asker: Asker) -> Change:
    operator = cosmic_ray.plugins.get_operator(place.operator)()
    broken = mutate_code(code, operator, place.occurrence)
    file.write_text(broken, encoding="utf-8")
    diff = "\n".join(difflib.unified_diff(code.split("\n"), broken.split("\n"), lineterm="", n=0))
    return Change(place.operator.rpartition("/")[2], place.start[0], diff, asker.notices())
