"""Passkeys of accounts, and the challenges that they sign.

What touches the database works inside the transaction of its caller.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database.people_schema import passkey
from nabij.errors import UsageError

MOST: Final = 10
LASTS_S: Final = 120
_LONGEST_NAME: Final = 100
_LONGEST: Final = 200


@dataclass(frozen=True)
class Passkey:
    """A key that opens an account, at consoles of that host alone."""

    id: int
    account_id: int
    credential: bytes
    public_key: bytes
    sign_count: int
    host: str
    name: str
    made_ms: int


def challenge(secret: bytes, what: str, now_s: int) -> str:
    """What a key is to sign, for that purpose and for two minutes."""
    plain = f"{what}.{now_s + LASTS_S:x}.{secrets.token_urlsafe(16)}"
    return f"{plain}.{_signature(secret, plain)}"


def is_challenge(secret: bytes, what: str, text: str, now_s: int) -> bool:
    """Whether we made it for that purpose, and it has not run out."""
    plain, _, signature = text[:_LONGEST].rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, plain).encode()):
        return False
    meant, until, _ = plain.split(".")
    return meant == what and now_s < int(until, 16)


def of_account(connection: sa.Connection, account_id: int) -> list[Passkey]:
    """The passkeys of an account, in the order in which they were made."""
    mine = sa.select(passkey).where(passkey.c.account_id == account_id).order_by(passkey.c.id)
    return [Passkey(**row) for row in connection.execute(mine).mappings()]


def by_credential(connection: sa.Connection, credential: bytes) -> Passkey | None:
    """The passkey of that credential."""
    mine = sa.select(passkey).where(passkey.c.credential == credential)
    row = connection.execute(mine).mappings().one_or_none()
    return None if row is None else Passkey(**row)


def add(connection: sa.Connection, wanted: Passkey) -> None:
    """Keep one (its id is given here); UsageError when it is known or there are too many."""
    there = of_account(connection, wanted.account_id)
    if len(there) >= MOST:
        raise UsageError(f"You have {MOST} passkeys, which is the most: remove one first.")
    if by_credential(connection, wanted.credential) is not None:
        raise UsageError("This passkey is known already: nothing was changed.")
    values = {key: value for key, value in wanted.__dict__.items() if key != "id"}
    name = " ".join(wanted.name.split())[:_LONGEST_NAME] or f"{len(there) + 1}"
    connection.execute(passkey.insert().values(values | {"name": name}))


def used(connection: sa.Connection, passkey_id: int, before: int, sign_count: int) -> bool:
    """It was used when it had counted to `before`; False when it was used meanwhile."""
    columns = passkey.c
    mine = sa.and_(columns.id == passkey_id, columns.sign_count == before)
    update = passkey.update().where(mine).values(sign_count=sign_count)
    return bool(connection.execute(update).rowcount)


def remove(connection: sa.Connection, account_id: int, passkey_id: int) -> None:
    """It opens the account no more; UsageError when it is none of that account."""
    columns = passkey.c
    mine = sa.and_(columns.id == passkey_id, columns.account_id == account_id)
    if not connection.execute(passkey.delete().where(mine)).rowcount:
        raise UsageError("There is no such passkey of yours: look at the list again.")


def remove_all(connection: sa.Connection, account_id: int) -> None:
    """No passkey opens the account any more."""
    connection.execute(passkey.delete().where(passkey.c.account_id == account_id))


def _signature(secret: bytes, plain: str) -> str:
    mac = hmac.new(secret, f"passkey {plain}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
