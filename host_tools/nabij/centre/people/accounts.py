"""Accounts: who may log in, in which role, and who is invited to.

Each function works inside the transaction of its caller. Nothing here knows a password: only its
hash, and of links and cookies the hash of their token.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.database import people_schema as tables
from nabij.centre.people import passkeys, sessions, tokens
from nabij.centre.people.roles import Role
from nabij.errors import UsageError

INVITED_MS: Final = 24 * 3_600_000
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
LONGEST_NAME: Final = 100


@dataclass(frozen=True)
class Account:
    """`person_id` is the person that it belongs to, None for one who is no wearer of ours.

    `password_hash` is empty until the invitation was used, `totp_secret` without a second factor.
    """

    id: int
    login: str
    name: str
    role: Role
    person_id: int | None
    password_hash: str
    totp_secret: str
    totp_step: int
    disabled: bool
    created_ms: int

    @property
    def is_open(self) -> bool:
        """Whether a password may open it."""
        return bool(self.password_hash) and not self.disabled


def add(
    connection: sa.Connection,
    login: str,
    role: Role,
    now_ms: int,
    *,
    name: str = "",
    person_id: int | None = None,
) -> Account:
    """A new account that nobody can log in to before its invitation; UsageError for a bad one."""
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise UsageError(
            f"'{login[:64]}' cannot be a login: use 1 to 64 small letters, digits and . _ - @, "
            "beginning with a letter or digit."
        )
    if find(connection, login) is not None:
        raise UsageError(f"There is an account {login} already: choose another login.")
    shown = " ".join(name.split()) or login
    if len(shown) > LONGEST_NAME:
        raise UsageError(f"A name has at most {LONGEST_NAME} characters: shorten it.")
    if _one(connection, tables.account.c.name == shown) is not None:
        # What somebody does is kept under the name.
        raise UsageError(f"There is an account of {shown} already: add something to the name.")
    values = {
        "login": login,
        "name": shown,
        "role": str(role),
        "person_id": person_id,
        "created_ms": now_ms,
    }
    insert = tables.account.insert().values(values).returning(tables.account)
    return _account(connection.execute(insert).mappings().one())


def find(connection: sa.Connection, login: str) -> Account | None:
    """The account of that login, in large or small letters."""
    return _one(connection, tables.account.c.login == login.strip().lower())


def by_id(connection: sa.Connection, account_id: int) -> Account | None:
    """The account of that id."""
    return _one(connection, tables.account.c.id == account_id)


def all_of(connection: sa.Connection) -> list[Account]:
    """All accounts, by login."""
    statement = sa.select(tables.account).order_by(tables.account.c.login)
    return [_account(row) for row in connection.execute(statement).mappings()]


def has_administrator(connection: sa.Connection) -> bool:
    """Whether there is an administrator who can log in."""
    columns = tables.account.c
    statement = sa.select(columns.id).where(
        columns.role == str(Role.ADMINISTRATOR),
        columns.password_hash != "",
        columns.disabled.is_(sa.false()),
    )
    return connection.execute(statement).first() is not None


def invite(connection: sa.Connection, account_id: int, now_ms: int) -> str:
    """The token of a link that sets the password, once and within a day; earlier ones end."""
    columns = tables.invitation.c
    connection.execute(tables.invitation.delete().where(columns.account_id == account_id))
    token = tokens.new(tokens.secret_of(connection))
    values = {
        "token_hash": tokens.digest(token),
        "account_id": account_id,
        "until_ms": now_ms + INVITED_MS,
    }
    connection.execute(tables.invitation.insert().values(values))
    return token


def invited(connection: sa.Connection, token: str, now_ms: int) -> Account | None:
    """Whose password the link may set; None when it was used, ran out or never was."""
    columns = tables.invitation.c
    statement = sa.select(columns.account_id).where(
        columns.token_hash == tokens.digest(token), columns.until_ms > now_ms
    )
    account_id = connection.execute(statement).scalar_one_or_none()
    account = None if account_id is None else by_id(connection, account_id)
    return None if account is None or account.disabled else account


def accept(
    connection: sa.Connection, token: str, password_hash: str, now_ms: int
) -> Account | None:
    """Set the password by the link, which ends with it, and so do all sessions of before."""
    account = invited(connection, token, now_ms)
    if account is None:
        return None
    used = tables.invitation.delete().where(tables.invitation.c.account_id == account.id)
    connection.execute(used)
    # Who forgot the password may have lost the telephone with it.
    _set(connection, account.id, password_hash=password_hash, totp_secret="", totp_step=0)
    passkeys.remove_all(connection, account.id)
    sessions.end_all(connection, account.id)
    return by_id(connection, account.id)


def rehash(connection: sa.Connection, account_id: int, password_hash: str) -> None:
    """The same password under a newer hash."""
    _set(connection, account_id, password_hash=password_hash)


def set_second_factor(connection: sa.Connection, account_id: int, secret: str) -> None:
    """Ask for codes of that secret (base32) from now on; empty for none."""
    _set(connection, account_id, totp_secret=secret, totp_step=0)


def use_code(connection: sa.Connection, account_id: int, step: int) -> bool:
    """Take the code of that time step; False when it, or a later one, was taken before."""
    columns = tables.account.c
    mine = sa.and_(columns.id == account_id, columns.totp_step < step)
    return (
        connection.execute(tables.account.update().where(mine).values(totp_step=step)).rowcount > 0
    )


def change(
    connection: sa.Connection, account_id: int, *, role: Role | None = None, **flags: bool
) -> Account:
    """Another role, or disabled or not; either ends all sessions of the account.

    UsageError for the last administrator: nobody could give the role back.
    """
    account = by_id(connection, account_id)
    if account is None:
        raise UsageError(f"There is no account {account_id}: look at the list again.")
    values: dict[str, Any] = {key: value for key, value in flags.items() if key == "disabled"}
    if role is not None:
        values["role"] = str(role)
    _set(connection, account_id, **values)
    was_one = account.role is Role.ADMINISTRATOR and account.is_open
    if was_one and not has_administrator(connection):
        raise UsageError(
            f"{account.login} is the last administrator who can log in: "
            "make another account one first."
        )
    sessions.end_all(connection, account_id)
    return replace(account, **{**values, "role": account.role if role is None else role})


def teams_of(connection: sa.Connection, account_id: int) -> frozenset[int]:
    """Whose people a supervisor sees."""
    columns = tables.supervision.c
    statement = sa.select(columns.team_id).where(columns.account_id == account_id)
    return frozenset(connection.execute(statement).scalars())


def set_teams(connection: sa.Connection, account_id: int, teams: Collection[int]) -> None:
    """A supervisor sees the people of these teams and no others."""
    mine = tables.supervision.c.account_id == account_id
    connection.execute(tables.supervision.delete().where(mine))
    rows = [{"account_id": account_id, "team_id": team_id} for team_id in sorted(set(teams))]
    if rows:
        connection.execute(tables.supervision.insert(), rows)


def _one(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Account | None:
    row = connection.execute(sa.select(tables.account).where(which)).mappings().one_or_none()
    return None if row is None else _account(row)


def _account(row: sa.RowMapping) -> Account:
    return Account(**{**row, "role": Role(row["role"])})


def _set(connection: sa.Connection, account_id: int, **values: Any) -> None:
    mine = tables.account.c.id == account_id
    if values:
        connection.execute(tables.account.update().where(mine).values(values))
