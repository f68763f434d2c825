"""Where the words of one database may stand, so that another can take its place."""

from __future__ import annotations

import ast
import re
from typing import Final

from tests.house.sources import Source, Sources, reaches

_ROOM: Final = "host_tools/nabij/centre/database"
_DRIVERS: Final = ("sqlalchemy.dialects", "sqlite3", "psycopg")
_OWN_WORDS: Final = re.compile(r"PRAGMA|BEGIN IMMEDIATE|ON CONFLICT|\bsqlite:|\bpostgresql:")
# Of a statement or a table: what other engines call otherwise.
_OWN_NAMES: Final = {"on_conflict_do_update", "on_conflict_do_nothing", "excluded"}
_OWN_OPTIONS: Final = {"sqlite_where", "postgresql_where"}
# Of two values SQLite takes the lower by min and the higher by max; others have least, greatest.
_OF_TWO: Final = {"min", "max"}


def dialects_stay_in_the_database(sources: Sources) -> list[str]:
    """Nobody outside centre/database knows which database it is."""
    return [
        f"{file.path}:{line} knows the database; put it into {_ROOM}"
        for file in sources.below("host_tools")
        if not file.below(_ROOM)
        for line in sorted(_lines(file))
    ]


def _lines(file: Source) -> set[int]:
    return {
        node.lineno
        for node in file.nodes
        if (isinstance(node, ast.Import | ast.ImportFrom) and _reaches_a_driver(node))
        or (isinstance(node, ast.expr) and _is_own(node))
    }


def _reaches_a_driver(node: ast.Import | ast.ImportFrom) -> bool:
    names = [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom):
        names = [node.module or "", *(f"{node.module}.{name}" for name in names)]
    return any(reaches(name, *_DRIVERS) for name in names)


def _is_own(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _OWN_WORDS.search(node.value) is not None
    if isinstance(node, ast.Attribute):
        return node.attr in _OWN_NAMES
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    is_of_two = (
        isinstance(called, ast.Attribute)
        and called.attr in _OF_TWO
        and isinstance(called.value, ast.Attribute)
        and called.value.attr == "func"
        and len(node.args) > 1
    )
    return is_of_two or any(word.arg in _OWN_OPTIONS for word in node.keywords)
