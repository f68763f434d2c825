"""Tables with a vector in one cell, as `[0.1, 0.2, 0.9]`: its numbers as cells of their own."""

import re
from collections.abc import Sequence
from typing import Final

from nabij.data.own.cells import SEPARATORS, cells_of
from nabij.data.own.labelled import Labelled

# Bounded throughout: a line may have megabytes.
_NUMBER: Final = r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?"
_GAP: Final = r"(?:[ \t]{0,9}[,;|][ \t]{0,9}|[ \t]{1,9})"
_NUMBERS: Final = _GAP.join(f"({_NUMBER})" for _ in range(3))
_POINTED: Final = ",[ ]*".join(r"([+-]?\d{0,20}\.\d{1,20})" for _ in range(3))
_FORMS: Final = (
    # NumPy prints array([...]), others tuples and sets of three.
    re.compile(rf'"?(?:\w{{1,10}}\()?[\[({{][ \t]{{0,9}}{_NUMBERS}[ \t]{{0,9}}[\])}}]\)?"?'),
    # Without points these could be thousands.
    re.compile(rf'"{_POINTED}"'),
    re.compile(rf"(?<=[;\t|]){_POINTED}(?=[;\t|]|$)", re.MULTILINE),
)
# Stands for a vector where cells are counted.
_MARK: Final = "\1"
_AXES: Final = ("x", "y", "z")
_LINES: Final = 200
_RULE: Final = 0.5


def vectors(head: str) -> Labelled | None:
    """How the lines of a text hold a vector each; None where they do not."""
    lines = [line for line in head.split("\n")[:_LINES] if line.strip()]
    for form in _FORMS:
        found = [len(form.findall(line)) for line in lines]
        most = max(found, default=0)
        if most and found.count(most) >= _RULE * len(lines):
            return _named(form, lines, found.index(most))
    return None


def _named(form: re.Pattern[str], lines: Sequence[str], first: int) -> Labelled:
    """The form with the names in the line above the first vector."""
    rest = form.sub(_MARK, lines[first])
    separator = next(
        (sign for sign in SEPARATORS if sign + _MARK in rest or _MARK + sign in rest), ","
    )
    (cells,) = cells_of([rest], separator)
    (above,) = cells_of([lines[first - 1]], separator) if first else ([],)
    names: list[str] = []
    if len(above) == len(cells):
        for name, cell in zip(above, cells, strict=True):
            names += [f"{name} {axis}" for axis in _AXES] if cell == _MARK else [name]
    return Labelled(tuple(names), form, separator, "a vector in one cell")
