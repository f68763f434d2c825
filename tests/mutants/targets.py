"""Which modules are broken on purpose, and which tests ought to notice."""

from __future__ import annotations

from typing import Final

from tests.house.mirrors import read_table, tests_of
from tests.house.sources import Source, Sources

# Where a change that nobody notices could cost somebody the alarm.
FOLDERS: Final = ("firmware/badge/core", "firmware/badge/storage", "host_tools/nabij/centre")
# What the tests of a module do not notice, those of another module of its room may.
_ROOMS: Final = ("tests/core", "tests/firmware", "tests/host/centre", "tests/host", "tests")
# Data, not code: each number is an own choice, and a test that repeats it shows nothing.
_NO_CODE: Final = ("verifier_table.py", "schema.py", "portable.py", "settings/fields.py")


def modules(sources: Sources, wanted: list[str]) -> list[str]:
    """The modules of FOLDERS that lie in one of the wanted places; all of them without one."""
    found = [file.path for file in sources.below(*FOLDERS) if _is_code(file)]
    if not wanted:
        return found
    return [path for path in found if any(path.startswith(place.rstrip("/")) for place in wanted)]


def tests(sources: Sources, module: str) -> tuple[list[str], str]:
    """(the tests of a module, the room of tests that holds them)."""
    covered, _ = read_table()
    own = tests_of(sources, module) or [covered[module]]
    return own, next(room for room in _ROOMS if own[0].startswith(f"{room}/"))


def _is_code(file: Source) -> bool:
    return bool(file.text.strip()) and not file.path.endswith(("/__init__.py", *_NO_CODE))
