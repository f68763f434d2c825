"""A verifier's table for people: as objects, and as TOML."""

from __future__ import annotations

import struct
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import tomlkit
from numpy.typing import NDArray

from badge.core.detector import evidence
from badge.core.detector import verifier as packed
from nabij.detector.points import in_words, tree_counts
from nabij.errors import NabijError

POINTS_A_LOGIT: Final = 50
_TESTS: Final = 3
Ints = NDArray[np.int64]


class VerifierError(NabijError):
    """A verifier that cannot be used; one sentence that says what is wrong with it."""


@dataclass(frozen=True)
class Tree:
    """Three tests (evidence number, limit) and the points of the 8 ways that they can go."""

    tests: tuple[int, ...]
    limits: tuple[int, ...]
    points: tuple[int, ...]


@dataclass(frozen=True)
class Verifier:
    """The trees that judge an impact and those that judge the rest after it, and their bases."""

    fall_trees: tuple[Tree, ...]
    down_trees: tuple[Tree, ...]
    fall_base: int
    down_base: int

    def pack(self) -> bytes:
        """Return the badge's form (badge.core.detector); VerifierError if it holds no such."""
        try:
            table = bytearray(packed.MAGIC)
            table += bytes([len(self.fall_trees), len(self.down_trees)])
            table += struct.pack("<2h", self.fall_base, self.down_base)
            for tree in (*self.fall_trees, *self.down_trees):
                for test, limit in zip(tree.tests, tree.limits, strict=True):
                    table += bytes([test, limit])
                table += bytes(128 + points for points in tree.points)
            packed.check(bytes(table))
        except (ValueError, struct.error) as error:
            told = str(error).rstrip(".")
            raise VerifierError(f"The verifier does not fit the badge: {told}.") from error
        return bytes(table)

    def text(self) -> str:
        """Return the value of the setting `verifier`."""
        return b2a_base64(self.pack(), newline=False).decode()

    def points(self, rows: NDArray[np.uint8]) -> tuple[Ints, Ints]:
        """Return the points of fall and of rest of each row of evidence, bases included."""
        return (
            _sum(self.fall_trees, rows) + self.fall_base,
            _sum(self.down_trees, rows) + self.down_base,
        )


def unpack(table: bytes) -> Verifier:
    """Return the verifier that the badge's form holds; VerifierError says what is wrong."""
    try:
        packed.check(table)
    except packed.TableError as error:
        raise VerifierError(str(error)) from None
    trees = [
        Tree(
            tuple(table[at : at + 6 : 2]),
            tuple(table[at + 1 : at + 6 : 2]),
            tuple(value - 128 for value in table[at + 6 : at + packed.TREE_BYTES]),
        )
        for at in range(packed.HEAD_BYTES, len(table), packed.TREE_BYTES)
    ]
    fall_base, down_base = packed.bases(table)
    fall, _ = tree_counts(table)
    return Verifier(tuple(trees[:fall]), tuple(trees[fall:]), fall_base, down_base)


def from_toml(given: Mapping[str, Any]) -> Verifier:
    """Return the verifier of a TOML table as to_toml writes it."""
    for key in given:
        if key not in _TABLE_KEYS:
            raise VerifierError(f"[verifier] has '{key}', which it does not know: remove it.")
    try:
        return Verifier(
            tuple(_tree(line) for line in given["fall_trees"]),
            tuple(_tree(line) for line in given["down_trees"]),
            _whole(given["fall_base"]),
            _whole(given["down_base"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerifierError(
            f"The table [verifier] is not one ({error}): let `nabij tune` write it."
        ) from None


def to_toml(verifier: Verifier) -> str:
    """Return the verifier as a TOML table that a person can read."""
    table = tomlkit.table()
    for line in (
        "An impact is a fall, later the wearer down, if base and trees give 0 points or more",
        "(the settings fall_points and down_points ask for more or less). A tree is three tests",
        "and eight numbers of points, for: no test met, the first, the second, these two, the",
        f"third, ... A log odd is {POINTS_A_LOGIT} points. What a limit means stands behind it.",
    ):
        table.add(tomlkit.comment(line))
    table.add("fall_base", verifier.fall_base)
    table.add("down_base", verifier.down_base)
    for name, trees in (
        ("fall_trees", verifier.fall_trees),
        ("down_trees", verifier.down_trees),
    ):
        array = tomlkit.array()
        for tree in trees:
            text, meant = _line(tree)
            array.add_line(text, comment=meant)
        array.add_line(indent="")
        table.add(name, array)
    return tomlkit.dumps({"verifier": table})


_KEYS: Final = tuple(
    name.removeprefix("E_").lower()
    for name, _ in sorted(
        (item for item in vars(evidence).items() if item[0].startswith("E_")),
        key=lambda item: item[1],
    )
)
_TABLE_KEYS: Final = ("fall_base", "down_base", "fall_trees", "down_trees")
_NUMBER: Final = {key: number for number, key in enumerate(_KEYS)}


def _line(tree: Tree) -> tuple[str, str]:
    """The text of a tree, and what its limits mean."""
    tests = list(zip(tree.tests, tree.limits, strict=True))
    told = ", ".join(f"{_KEYS[test]} > {limit}" for test, limit in tests)
    meant = ", ".join(in_words(test, limit)[1] for test, limit in tests)
    return f"{told}: {' '.join(map(str, tree.points))}", meant


def _tree(line: str) -> Tree:
    tests, told = line.split(":")
    parts = [part.split(">") for part in tests.split(",")]
    points = tuple(int(one) for one in told.split())
    if len(parts) != _TESTS or len(points) != 1 << _TESTS:
        raise ValueError(f"'{line}' is not three tests and eight numbers")
    return Tree(
        tuple(_NUMBER[key.strip()] for key, _ in parts),
        tuple(int(limit) for _, limit in parts),
        points,
    )


def _whole(number: Any) -> int:
    if type(number) is not int:
        raise ValueError(f"{number} is no whole number")
    return number


def _sum(trees: Sequence[Tree], rows: NDArray[np.uint8]) -> Ints:
    total = np.zeros(len(rows), np.int64)
    for tree in trees:
        leaf = np.zeros(len(rows), np.int64)
        for bit, (test, limit) in enumerate(zip(tree.tests, tree.limits, strict=True)):
            leaf += (rows[:, test] > limit).astype(np.int64) << bit
        total += np.array(tree.points, np.int64)[leaf]
    return total
