"""Which modules are broken on purpose, and which tests ought to notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from tests.house.mirrors import read_table, tests_of
from tests.house.sources import Source, Sources

# Where a change that nobody notices could cost somebody the alarm.
FOLDERS: Final = ("firmware/badge/core", "firmware/badge/storage", "host_tools/nabij/centre")
# What the tests of a module do not notice, those of another module of its room may.
_ROOMS: Final = ("tests/core", "tests/firmware", "tests/host/centre", "tests/host", "tests")
# Data, not code: each number is an own choice, and a test that repeats it shows nothing.
_NO_CODE: Final = (
    *("verifier_table.py", "portable.py", "settings/fields.py"),
    *("schema.py", "escalation_tables.py", "fleet_tables.py"),
)
# What the tables were once: a test compares their end with the schema.
_FROZEN: Final = "/migrations/versions/"


@dataclass(frozen=True)
class Tests:
    """Which tests ought to notice a change of a module: nearest first."""

    own: list[str]
    beside: list[str]
    room: str


def modules(sources: Sources, wanted: list[str]) -> list[str]:
    """The modules of FOLDERS that lie in one of the wanted places; all of them without one."""
    found = [file.path for file in sources.below(*FOLDERS) if _is_code(file)]
    if not wanted:
        return found
    return [path for path in found if any(path.startswith(place.rstrip("/")) for place in wanted)]


def tests(sources: Sources, module: str) -> Tests:
    """The tests of a module, those of its neighbours, and the room that holds them all."""
    covered, _ = read_table()
    own = tests_of(sources, module) or [covered[module]]
    room = next(room for room in _ROOMS if own[0].startswith(f"{room}/"))
    folder = PurePath(own[0]).parent
    # What lies directly in a room tests all of it, and takes minutes.
    is_beside = folder.name == PurePath(module).parent.name and str(folder) != room
    beside = [
        file.path
        for file in sources.below(str(folder))
        if PurePath(file.path).match(f"{folder}/test_*.py") and file.path not in own
    ]
    return Tests(own, beside if is_beside else [], room)


def _is_code(file: Source) -> bool:
    left_out = file.path.endswith(("/__init__.py", *_NO_CODE)) or _FROZEN in file.path
    return bool(file.text.strip()) and not left_out
