"""The tests have the rooms of what they test: a module's test is found by its name."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from tests.house.sources import Source, Sources

TABLE: Final = "tests/house/mirrors.toml"
# Where the tests of a folder lie; the first that fits.
_ROOMS: Final = (
    ("firmware/badge/core/", "tests/core/"),
    ("firmware/badge/", "tests/firmware/"),
    ("host_tools/nabij/", "tests/host/"),
    ("sim/", "tests/sim/"),
)
# Tests of the whole badge, of the installed package, of the sources themselves.
_WHOLE: Final = (
    *(
        "tests/cut/",
        "tests/emulated/",
        "tests/fuzz/",
        "tests/house/",
        "tests/host/installed/",
        "tests/mutants/",
    ),
    *("tests/sim/scenarios/", "tests/sim/test_", "tests/test_"),
)


def read_table() -> tuple[dict[str, str], list[str]]:
    """(module: the test that covers it from above, test modules that mirror no module)."""
    table = tomllib.loads(Path(__file__).with_name("mirrors.toml").read_text(encoding="utf-8"))
    return table["covered"], table["across"]


def not_mirrored(
    sources: Sources, covered: Mapping[str, str], across: Collection[str]
) -> list[str]:
    """Each module has its test module or a line in the table, and each test module its module.

    `test_x.py` and `test_x_more.py` in the room of the same name are the tests of x.py.
    """
    tests = {file.path for file in sources.below("tests") if "/test_" in file.path}
    modules = {file.path: _mirror(file) for file in sources if _needs_a_test(file)}
    mirrored: set[str] = set()
    wrong = []
    for path, mirror in modules.items():
        own = {test for test in tests if mirror and _is_of(test, mirror)}
        mirrored |= own
        if path in covered and own:
            wrong.append(f"{path} has {min(own)}: take its line out of {TABLE}")
        elif path not in covered and not own:
            wrong.append(
                f"{path} has no test: write {mirror}.py, or name in {TABLE} the one that covers it"
            )
    wrong += [f"{TABLE}: there is no {path}" for path in covered if path not in modules]
    wrong += [f"{TABLE}: there is no {test}" for test in {*covered.values(), *across} - tests]
    wrong += [f"{TABLE}: {test} mirrors a module" for test in mirrored.intersection(across)]
    wrong += [
        f"{test} mirrors no module: move it, or list it in {TABLE}"
        for test in tests - mirrored - set(across)
        if not test.startswith(_WHOLE)
    ]
    return wrong


def tests_of(sources: Sources, module: str) -> list[str]:
    """The test modules of one module, found by their names."""
    mirror = _mirror(sources.at(module))
    return sorted(file.path for file in sources.below("tests") if _is_of(file.path, mirror))


def _needs_a_test(file: Source) -> bool:
    is_source = file.below("firmware", "host_tools", "sim")
    return is_source and not file.path.endswith("/__init__.py")


def _mirror(file: Source) -> str:
    """The path of its test module, without the ending; "" where no room is meant for it."""
    for folder, room in _ROOMS:
        if file.path.startswith(folder):
            inside, _, name = file.path.removeprefix(folder).rpartition("/")
            return f"{room}{inside}{'/' if inside else ''}test_{name.removesuffix('.py')}"
    return ""


def _is_of(test: str, mirror: str) -> bool:
    return test == f"{mirror}.py" or test.startswith(f"{mirror}_")
