"""Rules for the tests themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.house.sources import BREACHES, Source, Sources

# Names that begin with an underscore and are public all the same, and whose they are.
_PUBLIC: Final = {
    *("_asdict", "_fields", "_replace"),  # namedtuple
    "_exit",  # os
    "_io_queue",  # MicroPython's asyncio: what a stream of one's own waits on
    "_mpy",  # MicroPython's sys.implementation
}
# Of an instance or a class they are its own business.
_ONESELF: Final = ("self", "cls")
# In the scripts that tests hand to MicroPython, or patch by name.
_IN_TEXT: Final = re.compile(r"(?<![\w.])(?!(?:self|cls)\.)[A-Za-z_][\w.()\[\]]*\.(_[A-Za-z]\w*)")
_TAKES_A_NAME: Final = {"setattr", "getattr", "delattr", "hasattr", "object"}


def no_test_imports_a_test(sources: Sources) -> list[str]:
    """What two test modules need is in a helper module beside them."""
    return [
        f"{file.path} imports {name}"
        for file in sources.below("tests")
        for name in sorted(sources.imported_by(file) | set(file.imports))
        if name.split(".")[-1].startswith("test_") and name.startswith("tests.")
        if name in sources.modules
    ]


def tests_keep_out_of_private_names(sources: Sources) -> list[str]:
    """A test stands where a user of the module stands."""
    return [
        f"{file.path}:{line} reaches into {name}"
        for file in sources.below("tests")
        if file.path not in BREACHES
        for line, name in _private_names(file)
        if name not in _PUBLIC and not name.startswith("__")
    ]


def _private_names(file: Source) -> Iterator[tuple[int, str]]:
    for node in file.nodes:
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            if not (isinstance(node.value, ast.Name) and node.value.id in _ONESELF):
                yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name.startswith("_") and node.module != "__future__":
                    yield node.lineno, alias.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for found in _IN_TEXT.finditer(node.value):
                yield node.lineno, found[1]
        elif isinstance(node, ast.Call) and _called(node) in _TAKES_A_NAME:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and _is_private(argument.value):
                    yield node.lineno, str(argument.value)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_private(value: object) -> bool:
    return isinstance(value, str) and value.startswith("_") and value.isidentifier()
