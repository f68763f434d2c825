"""docs/requirements.md: every requirement, what is not met and why, and the tests that show it."""

from collections.abc import Iterable
from typing import Final

from nabij.documents.requirements.model import Row

_WORDS: Final = {"yes": "yes", "part": "in part", "no": "no"}
_HEAD: Final = """\
# Requirements

Made by `nabij trace --write docs/requirements.md` from [requirements.toml](requirements.toml)
and the marks on the tests. `make trace` runs the tests that carry an id and prints the results.

The figures are those of freely readable sources; the standards themselves were not at hand. What
is met here is met by firmware on models of chips and network, not by a certified device.

| id | requirement | limit | software can | met | what is not met, and why |
|---|---|---|---|---|---|
"""


def page(rows: Iterable[Row]) -> str:
    """The whole page as Markdown."""
    rows = list(rows)
    lines = [_line(row) for row in rows]
    lines += ["", "## Tests", ""]
    for row in rows:
        if not row.tests and row.requirement.met == "no":
            continue
        lines += [f"**{row.requirement.id}** {row.requirement.text}", ""]
        lines += [_test(test.place) for test in row.tests] or ["* none yet"]
        lines.append("")
    lines += ["## Sources", ""]
    lines += [f"* {row.requirement.id}: {row.requirement.source}" for row in rows]
    return _HEAD + "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    requirement = row.requirement
    cells = (
        requirement.id,
        requirement.text,
        requirement.limit,
        _WORDS[requirement.software],
        _WORDS[requirement.met],
        requirement.why,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _test(place: str) -> str:
    file, _, name = place.partition("::")
    return f"* [{file.removeprefix('tests/')}](../{file}): `{name}`"
