"""The chain of the audit: each line has a hash of all before it, so none can go or change unseen.

What is personal in a line is hashed apart, with a salt of its own: both can be erased, and the
chain still holds. Lines of before the chain began have no hash.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from nabij.errors import NabijError

SALT_BYTES: Final = 16
# Of a line that nobody came before.
BEGINNING: Final = bytes(32)
# What names or tells of a person.
PERSONAL: Final = ("by", "person_id", "detail")
_OPEN: Final = ("at_ms", "what", "incident_id")


class BrokenChainError(NabijError):
    """The audit is not what it was when its lines were written."""


@dataclass(frozen=True)
class Link:
    """What the chain keeps of a line; `salt` is None once what is personal was erased."""

    salt: bytes | None
    personal: bytes
    chain: bytes


@dataclass(frozen=True)
class Verdict:
    """How many lines the chain holds, how many are erased, and how many are older than it."""

    lines: int
    erased: int
    before: int
    head: bytes


def link(before: bytes, values: dict[str, Any], salt: bytes) -> Link:
    """The link of a new line, after the one whose `chain` is given."""
    personal = _hashed(salt, [values[name] for name in PERSONAL])
    return Link(salt, personal, _chained(before, values, personal))


def verify(rows: Iterable[dict[str, Any]]) -> Verdict:
    """Go through all lines in order; BrokenChainError says at which one it does not hold."""
    head, lines, erased, before = BEGINNING, 0, 0, 0
    for row in rows:
        if row["chain"] is None:
            if lines:
                raise _broken(row["id"], "it has no hash, and a line before it has")
            before += 1
            continue
        if row["salt"] is None:
            erased += 1
            if any(row[name] not in {None, ""} for name in PERSONAL):
                raise _broken(row["id"], "it was erased, and tells of a person")
        elif _hashed(row["salt"], [row[name] for name in PERSONAL]) != row["personal"]:
            raise _broken(row["id"], "who or what it names was changed")
        if _chained(head, row, row["personal"]) != row["chain"]:
            raise _broken(row["id"], "it was changed, or a line before it is gone or was added")
        head, lines = bytes(row["chain"]), lines + 1
    return Verdict(lines, erased, before, head)


def _chained(before: bytes, values: dict[str, Any], personal: bytes) -> bytes:
    return _hashed(before, [*(values[name] for name in _OPEN), personal.hex()])


def _hashed(first: bytes, values: list[Any]) -> bytes:
    # JSON keeps ("ab", "c") apart from ("a", "bc").
    return hashlib.sha256(first + json.dumps(values).encode()).digest()


def _broken(line: int, why: str) -> BrokenChainError:
    return BrokenChainError(
        f"THE AUDIT DOES NOT HOLD at line {line}: {why}; compare with a backup of before."
    )
