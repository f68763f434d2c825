"""Words that a test can ask about: what the firmware logs, by its own sources."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.places import FIRMWARE


@cache
def events() -> frozenset[str]:
    """The names that some call of the firmware has first among its arguments.

    Where that is `"motion." + name`, with each string of the same file.
    """
    found: set[str] = set()
    for tree in _trees():
        named = {
            text
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and node.args
            for text in _texts(node.args[0])
        }
        begun = [text for text in named if text.endswith(".")]
        found |= named | {first + rest for first in begun for rest in _texts(tree)}
    return frozenset(found)


@cache
def fields() -> frozenset[str]:
    """The names that a field of an event can have: keywords of a call, keys of a record."""
    keywords = (node.arg for node in _nodes() if isinstance(node, ast.keyword) and node.arg)
    keys = (
        key.value
        for node in _nodes()
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )
    return frozenset({*keywords, *keys, "alarm"})


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def _trees() -> tuple[ast.AST, ...]:
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in FIRMWARE.rglob("*.py"))


def _nodes() -> Iterator[ast.AST]:
    for tree in _trees():
        yield from ast.walk(tree)
