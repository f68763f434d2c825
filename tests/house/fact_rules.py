"""Facts that stand in one table, and nowhere else."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Final

from badge.core.alarm import kinds
from tests.house.sources import FOLDERS, Source, Sources

_KINDS: Final = "firmware/badge/core/alarm/kinds.py"
_NUMBERS: Final = frozenset(kind.number for kind in kinds.TABLE)


def kinds_are_numbered_once(sources: Sources) -> list[str]:
    """What is called a kind is never compared with, found by or given a number, but a name."""
    return [
        f"{file.path}:{line} numbers kinds of alarm; take them from {_KINDS}"
        for file in sources.below(*FOLDERS)
        if file.path != _KINDS
        for line in sorted(_lines_that_number_kinds(file))
    ]


def _lines_that_number_kinds(file: Source) -> set[int]:
    numbered = set(_names_of_numbers(file))
    return {
        node.lineno
        for node in file.nodes
        if isinstance(node, ast.expr)
        for kind, value in _kind_and_value(node)
        if _is_kind(kind) and _has_number(value, numbered)
    }


def _kind_and_value(node: ast.expr) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """What may be a kind, and what it is compared with, found in or made of."""
    if isinstance(node, ast.Compare):
        for one, other in itertools.pairwise([node.left, *node.comparators]):
            yield from _each(one, other)
            yield from _each(other, one)
    elif isinstance(node, ast.Subscript):
        yield node.slice, node.value
    elif isinstance(node, ast.Call):
        yield from ((ast.Name(word.arg), word.value) for word in node.keywords if word.arg)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            yield node.args[0], node.func.value
    elif isinstance(node, ast.Dict):
        yield from zip(node.keys, node.values, strict=True)


def _each(one: ast.expr, other: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The two, or of two tuples each with its counterpart."""
    if isinstance(one, ast.Tuple) and isinstance(other, ast.Tuple):
        yield from zip(one.elts, other.elts, strict=False)
    else:
        yield one, other


def _is_kind(node: ast.expr | None) -> bool:
    """`kind`, `x.kind`, `x["kind"]`, the key "kind", or a list of what is one."""
    if isinstance(node, ast.ListComp):
        return _is_kind(node.elt)
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == "kind"
    if isinstance(node, ast.Constant):
        return bool(node.value == "kind")
    return getattr(node, "attr", getattr(node, "id", None)) == "kind"


def _has_number(node: ast.expr, numbered: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in numbered
    if isinstance(node, ast.Constant):
        return type(node.value) is int and node.value in _NUMBERS
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return any(_has_number(one, numbered) for one in node.elts)
    if isinstance(node, ast.Dict):
        return any(_has_number(one, numbered) for one in node.keys if one is not None)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "frozenset"
        and any(_has_number(one, numbered) for one in node.args)
    )


def _names_of_numbers(file: Source) -> Iterator[str]:
    """Names of the module that stand for such numbers."""
    for node in file.nodes:
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            pairs: list[tuple[ast.expr, ast.expr]] = [(node.target, node.value)]
        elif isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        else:
            continue
        for target, value in pairs:
            for name, one in _each(target, value):
                if isinstance(name, ast.Name) and _has_number(one, set()):
                    yield name.id
