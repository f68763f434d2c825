"""The requirements (docs/requirements.toml), and what the tests that carry their ids show."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

from nabij.errors import EXIT_USAGE, NabijError
from nabij.paths import read_file

Grade = Literal["yes", "part", "no"]
# In order of what it weighs when the cases of one test, or the tests of one requirement, differ.
Result = Literal["failed", "passed", "skipped", "not run"]
Verdict = Literal["shown", "shown in part", "not met", "no test", "failed", "skipped", "not run"]

_WEIGHT: Final[tuple[Result, ...]] = ("failed", "passed", "skipped", "not run")
_GRADES: Final = ("yes", "part", "no")
_TEXTS: Final = ("text", "limit", "source", "software", "met")
# What a claim must not rest on. "not run" is one only where results are given.
GAPS: Final[tuple[Verdict, ...]] = ("no test", "failed", "skipped")


@dataclass(frozen=True)
class Requirement:
    """One requirement. `software`: can software meet it; `met`: is it; `why`: what is not met."""

    id: str
    text: str
    limit: str
    source: str
    software: Grade
    met: Grade
    why: str = ""


@dataclass(frozen=True)
class TestResult:
    """A test function that carries an id: its place, how many cases it has, and the outcome."""

    place: str
    cases: int
    result: Result


@dataclass(frozen=True)
class Row:
    """A requirement with all tests that carry its id."""

    requirement: Requirement
    tests: tuple[TestResult, ...]

    @property
    def verdict(self) -> Verdict:
        """What stands in the last column."""
        if self.requirement.met == "no":
            return "not met"
        if not self.tests:
            return "no test"
        result = weightiest(test.result for test in self.tests)
        if result == "passed":
            return "shown" if self.requirement.met == "yes" else "shown in part"
        return result


def load(path: Path) -> list[Requirement]:
    """The requirements in a file, by id; NabijError in one sentence about the first mistake."""
    text = read_file(
        path, "the requirements", "name a clone of the repository with --root", EXIT_USAGE
    )
    try:
        tables = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NabijError(f"{path} is not TOML ({error}): correct that line.") from error
    return [_requirement(path, name, table) for name, table in sorted(tables.items())]


def rows(
    requirements: Iterable[Requirement],
    marked: Mapping[str, Iterable[str]],
    results: Mapping[str, Result],
) -> list[Row]:
    """Put tests and requirements together; NabijError when a test carries an unknown id.

    `marked` is node id -> the ids it carries, `results` is node id -> outcome.
    """
    known = list(requirements)
    ids = {requirement.id for requirement in known}
    by_id: dict[str, dict[str, list[Result]]] = {name: {} for name in ids}
    for node, names in marked.items():
        for name in names:
            if name not in ids:
                raise NabijError(
                    f"{node} carries requirement {name!r}, which is not in "
                    "docs/requirements.toml: correct the mark or add the requirement."
                )
            place = node.partition("[")[0]
            by_id[name].setdefault(place, []).append(results.get(node, "not run"))
    return [
        Row(
            requirement,
            tuple(
                TestResult(place, len(found), weightiest(found))
                for place, found in sorted(by_id[requirement.id].items())
            ),
        )
        for requirement in known
    ]


def weightiest(results: Iterable[Result]) -> Result:
    """The one that stands for all: any failure counts, then any pass."""
    return min(results, key=_WEIGHT.index, default="not run")


def gaps(found: Iterable[Row], *, ran: bool) -> list[str]:
    """Ids of what is claimed and not shown; `ran` when the results of a run are in the rows."""
    return [
        row.requirement.id
        for row in found
        if row.verdict in GAPS or (ran and row.verdict == "not run")
    ]


def _requirement(path: Path, name: str, table: object) -> Requirement:
    if not isinstance(table, dict):
        raise NabijError(f"{path} has {name} outside of a table: put it under its [R..] heading.")
    unknown = table.keys() - {*_TEXTS, "why"}
    missing = set(_TEXTS) - table.keys()
    if unknown or missing or not all(isinstance(value, str) for value in table.values()):
        wrong = sorted(unknown or missing or table)
        raise NabijError(
            f"[{name}] in {path} needs the texts {', '.join(_TEXTS)} and perhaps why, "
            f"nothing else: see to {', '.join(wrong)}."
        )
    if table["software"] not in _GRADES or table["met"] not in _GRADES:
        raise NabijError(f"[{name}] in {path}: software and met are each one of yes, part, no.")
    if _GRADES.index(table["met"]) < _GRADES.index(table["software"]):
        raise NabijError(f"[{name}] in {path} claims more than software can meet: lower met.")
    if table["met"] != "yes" and not table.get("why"):
        raise NabijError(f"[{name}] in {path} is not met in full: say what is missing in why.")
    return Requirement(id=name, **cast("dict[str, str]", table))  # type: ignore[arg-type]
