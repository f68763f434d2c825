"""Rules for any file, whatever it is about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from tests.house.sources import BREACHES, FOLDERS, Source, Sources

_MAX_LINES: Final = 400
_MAX_POSITIONAL: Final = 6
# As many arguments as there are columns, or types, and each like the others.
_LISTS: Final = ("Table", "create_table", "select", "add_row", "TypeVar")
_PLACES: Final = ("host_tools/nabij/places.py", "tests/places.py")
# It exists on one machine only, and is of no use to anybody else.
_MACHINE_PATH: Final = re.compile(rb"(?<![\w.$~/-])/(work|tmp|root|home|Users)/[\w.-]+")

_SCRIPT_IMPORT: Final = re.compile(
    r"^[ \t]*(?:from|import)[ \t]+([a-z]\w*(?:\.\w+)+)(?:[ \t]+import[ \t]+([\w ,]+))?",
    re.MULTILINE,
)


def files_stay_short(sources: Sources) -> list[str]:
    """One concern a file."""
    return [
        f"{file.path} has {lines} lines, more than {_MAX_LINES}"
        for file in sources.below(*FOLDERS)
        if (lines := len(file.text.splitlines())) > _MAX_LINES
    ]


def calls_name_what_they_give(sources: Sources) -> list[str]:
    """Nobody counts to the seventh argument; records are built by the names of their fields."""
    return [
        f"{file.path}:{node.lineno} gives {name} {given} arguments by position"
        for file in sources.below("firmware", "host_tools", "sim")
        for node in file.nodes
        if isinstance(node, ast.Call)
        if (given := len(node.args)) > _MAX_POSITIONAL
        if (name := ast.unparse(node.func).rpartition(".")[2]) not in _LISTS
    ]


def only_places_count_folders(sources: Sources) -> list[str]:
    """`parents[n]` breaks when a file moves; `places` alone knows where the project lies."""
    return [
        f"{file.path}:{node.lineno} counts folders; take the place from {' or '.join(_PLACES)}"
        for file in sources.below("host_tools", "tests")
        if file.path not in _PLACES
        for node in file.nodes
        if isinstance(node, ast.expr) and _counts_folders(node)
    ]


def texts_are_printed_as_they_are(sources: Sources) -> list[str]:
    """To rich a heading `t:x:y` has an emoji in it."""
    return [
        f"{file.path}:{node.lineno} makes a console that reads emoji codes; give emoji=False"
        for file in sources.below("host_tools")
        if "from rich.console import" in file.text
        for node in file.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Console"
        if "emoji=False" not in map(ast.unparse, node.keywords)
    ]


def _counts_folders(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return (
            isinstance(node.value, ast.Attribute)
            and node.value.attr == "parents"
            and isinstance(node.slice, ast.Constant)
        )
    above = isinstance(node, ast.Attribute) and node.attr == "parent" and node.value
    return (
        isinstance(above, ast.Attribute)
        and above.attr == "parent"
        and any(isinstance(part, ast.Name) and part.id == "__file__" for part in ast.walk(above))
    )


def names_no_machine(files: Iterable[tuple[str, bytes]]) -> list[str]:
    """No file names a place on somebody's machine; `files` are pairs of path and content."""
    return [
        f"{path} has {found.group().decode()}"
        for path, content in files
        if path != "LICENSE"
        if (found := _MACHINE_PATH.search(content))
    ]


# The board that is in use, by the build and by the simulator.
_MADE: Final = frozenset({"badge.boards.active"})


def imports_exist(sources: Sources) -> list[str]:
    """What is imported of the project exists, also in the scripts that tests hand to MicroPython.

    No type checker looks at a script in a text.
    """
    packages = {name.rpartition(".")[0] for name in sources.modules}
    packages |= {name.rpartition(".")[0] for name in packages}
    known = packages | sources.modules.keys() | _MADE
    own = {name.split(".")[0] for name in known if name}
    # What a module defines is the business of the type checker.
    modules = (sources.modules.keys() | _MADE) - packages
    return [
        f"{file.path} imports {name}, which does not exist"
        for file in sources
        for name in _imported(file)
        if name.split(".")[0] in own
        if name not in known and name.rpartition(".")[0] not in modules
    ]


def _imported(file: Source) -> Iterator[str]:
    yield from file.imports
    for node in file.nodes if file.path not in BREACHES else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for module, names in _SCRIPT_IMPORT.findall(node.value):
                yield module
                for name in names.split(","):
                    if words := name.split():
                        yield f"{module}.{words[0]}"


def imports_are_absolute(sources: Sources) -> list[str]:
    """A reader sees from the import where a name lives."""
    return [
        f"{file.path}:{node.lineno} imports from a relative place"
        for file in sources
        for node in file.nodes
        if isinstance(node, ast.ImportFrom) and node.level
    ]
