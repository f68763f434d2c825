"""Anchors of the audit: its head of each day, signed, so that a cut tail shows too.

An anchor that was exported elsewhere proves what the audit was on that day. Each function works
inside the transaction of its caller.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from nabij.centre.database import events, kept_secrets
from nabij.centre.database.people_schema import audit, audit_anchor
from nabij.centre.people import audit_chain
from nabij.centre.people.audit_chain import BrokenChainError, Verdict
from nabij.errors import UsageError

_DOMAIN: Final = b"nabij/audit/1"


@dataclass(frozen=True)
class Anchor:
    """The head of the chain at the end of `day` (UTC, YYYY-MM-DD): the hash of line `last_id`."""

    day: str
    last_id: int
    head: bytes
    signature: bytes

    def fields(self) -> dict[str, Any]:
        """For JSON; bytes as hex digits."""
        return {
            "day": self.day,
            "last_id": self.last_id,
            "head": self.head.hex(),
            "signature": self.signature.hex(),
        }


def of_fields(fields: object) -> Anchor:
    """The anchor of what `fields` gave; UsageError for anything else."""
    given: Any = fields
    try:
        head, signature = bytes.fromhex(given["head"]), bytes.fromhex(given["signature"])
        day = dt.date.fromisoformat(given["day"])
        return Anchor(day.isoformat(), int(given["last_id"]), head, signature)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UsageError("This is no anchor of an audit: give what `export` wrote.") from error


def add(connection: sa.Connection, now_ms: int) -> Anchor | None:
    """The anchor of yesterday, when there is none yet and there is something to anchor."""
    events.take_turn(connection)
    midnight_ms = now_ms - now_ms % 86_400_000
    day = f"{dt.datetime.fromtimestamp(midnight_ms / 1000 - 1, dt.UTC):%Y-%m-%d}"
    if connection.execute(sa.select(audit_anchor).where(audit_anchor.c.day >= day)).first():
        return None
    columns = audit.c
    last = (
        sa.select(columns.id, columns.chain)
        .where(columns.at_ms < midnight_ms, columns.chain.is_not(None))
        .order_by(columns.id.desc())
        .limit(1)
    )
    found = connection.execute(last).first()
    if found is None:
        return None
    head = bytes(found.chain)
    key = _private(kept_secrets.get(connection, kept_secrets.AUDIT))
    anchor = Anchor(day, found.id, head, key.sign(_signed(day, found.id, head)))
    connection.execute(audit_anchor.insert().values(**anchor.__dict__))
    return anchor


def all_of(connection: sa.Connection) -> list[Anchor]:
    """All anchors, oldest first."""
    statement = sa.select(audit_anchor).order_by(audit_anchor.c.day)
    return [Anchor(**row) for row in connection.execute(statement).mappings()]


def public_key(connection: sa.Connection) -> bytes | None:
    """By which signatures are checked (Ed25519, 32 bytes); None before the first anchor."""
    seed = kept_secrets.find(connection, kept_secrets.AUDIT)
    return None if seed is None else _private(seed).public_key().public_bytes_raw()


def verify(
    connection: sa.Connection, given: Sequence[Anchor] = (), key: bytes | None = None
) -> Verdict:
    """Go through the audit; BrokenChainError when it, or an anchor, does not hold.

    `given` are anchors that were exported before, and `key` is the public one of then: who changed
    the audit could have made others here.
    """
    statement = sa.select(audit).order_by(audit.c.id)
    heads: dict[int, bytes] = {}

    def each(rows: Iterable[sa.RowMapping]) -> Iterator[dict[str, Any]]:
        for row in rows:
            heads[row["id"]] = row["chain"]
            yield dict(row)

    # Of this statement: as an option of the connection it would be one of all that follow.
    with connection.execute(statement, execution_options={"yield_per": 1000}) as found:
        verdict = audit_chain.verify(each(found.mappings()))
    known = key or public_key(connection)
    for anchor in [*all_of(connection), *given]:
        try:
            signed = _signed(anchor.day, anchor.last_id, anchor.head)
            Ed25519PublicKey.from_public_bytes(known or b"").verify(anchor.signature, signed)
        except (InvalidSignature, ValueError) as error:
            raise BrokenChainError(
                f"THE ANCHOR OF {anchor.day} HAS ANOTHER SIGNATURE: the key or the anchor is not "
                "that of then; compare with a backup of before."
            ) from error
        if heads.get(anchor.last_id) != anchor.head:
            raise BrokenChainError(
                f"THE AUDIT IS NOT THAT OF {anchor.day}: line {anchor.last_id} is gone or has "
                "another hash; compare with a backup of before."
            )
    return verdict


def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def _signed(day: str, last_id: int, head: bytes) -> bytes:
    return hashlib.sha256(_DOMAIN + f"{day} {last_id} ".encode() + head).digest()
