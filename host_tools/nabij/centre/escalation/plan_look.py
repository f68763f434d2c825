"""Whether plans changed since they were looked over, and what was found: for all receivers.

Each function works inside the transaction of its caller.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database.escalation_tables import plan_look
from nabij.centre.database.statements import upsert

_ONE: Final = {"id": 1}


@dataclass(frozen=True)
class Look:
    """`changes` counts them, `looked_at` is the count of the last look, at `looked_ms`."""

    changes: int = 0
    looked_at: int = -1
    looked_ms: int = 0
    found: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether nothing changed since the last look."""
        return self.looked_at == self.changes


def read(connection: sa.Connection) -> Look:
    """How it stands."""
    row = connection.execute(sa.select(plan_look)).mappings().one_or_none()
    if row is None:
        return Look()
    found = tuple(json.loads(row["found"]))
    return Look(row["changes"], row["looked_at"], row["looked_ms"], found)


def changed(connection: sa.Connection) -> None:
    """A plan, or somebody whom one calls, is another than before."""
    before = read(connection)
    _keep(connection, Look(before.changes + 1, before.looked_at, before.looked_ms, before.found))


def looked(connection: sa.Connection, at: int, now_ms: int, found: Sequence[str]) -> None:
    """What was found when there were so many changes."""
    _keep(connection, Look(read(connection).changes, at, now_ms, tuple(found)))


def _keep(connection: sa.Connection, look: Look) -> None:
    values = {
        "changes": look.changes,
        "looked_at": look.looked_at,
        "looked_ms": look.looked_ms,
        "found": json.dumps(look.found),
    }
    connection.execute(upsert(plan_look, _ONE, values))
