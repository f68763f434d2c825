"""Who asks for what: the record that each answer is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from nabij.centre.console.models import Asked
from nabij.centre.console.wearers import Sees, sees
from nabij.centre.people import accounts, sessions
from nabij.centre.people.accounts import Account
from nabij.centre.people.roles import May, may, sees_all
from nabij.errors import UsageError

Model = TypeVar("Model", bound=Asked)


class NotThereError(UsageError):
    """There is nothing there for whoever asks: because it is not, or because they may not know."""


@dataclass(frozen=True)
class Visitor:
    """Who is logged in; `token` is of their session, `sees` whom they may see."""

    account: Account
    token: str
    sees: Sees
    teams: frozenset[int] | None

    def may(self, what: May) -> bool:
        """Whether their role allows it."""
        return may(self.account.role, what)


@dataclass(frozen=True)
class Ask:
    """One request, inside the transaction of whoever answers it.

    `news` takes the ids of what happened, so that listeners are told after the commit.
    """

    connection: sa.Connection
    visitor: Visitor
    now_ms: int
    path: Mapping[str, str]
    body: Asked | None = None
    news: list[int] = field(default_factory=list)

    @property
    def by(self) -> str:
        """The name under which what they do is kept."""
        return self.visitor.account.name

    def of(self, model: type[Model]) -> Model:
        """The body, which was checked against the model of the route."""
        if not isinstance(self.body, model):
            raise TypeError(f"the route of this handler takes no {model.__name__}")
        return self.body

    def number(self, name: str) -> int:
        """A number of the path; NotThereError for one that no row has."""
        text = self.path[name]
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise NotThereError(f"There is nothing under '{text[:20]}': look at the list again.")
        return int(text)


Handle = Callable[[Ask], Any]


def visitor_of(connection: sa.Connection, token: str, now_ms: int) -> Visitor | None:
    """Who has that session; None for nobody, also when the account was disabled meanwhile."""
    session = sessions.find(connection, token, now_ms) if token else None
    account = None if session is None else accounts.by_id(connection, session.account_id)
    if account is None or not account.is_open:
        return None
    teams = _teams_of(connection, account)
    return Visitor(account, token, sees(teams), teams)


def sees_of(connection: sa.Connection, account: Account) -> Sees:
    """Whom an account may see."""
    return sees(_teams_of(connection, account))


def _teams_of(connection: sa.Connection, account: Account) -> frozenset[int] | None:
    return None if sees_all(account.role) else accounts.teams_of(connection, account.id)
