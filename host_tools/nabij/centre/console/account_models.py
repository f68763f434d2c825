"""What the JSON API takes and gives about accounts: as models.py says."""

from typing import Annotated

from msgspec import Meta, Struct, field

from nabij.centre.console.models import Asked, Id


class AccountAsked(Asked, frozen=True):
    """A new account; it is opened by its invitation."""

    login: Annotated[str, Meta(min_length=1, max_length=64)]
    role: Annotated[str, Meta(pattern="^(operator|supervisor|worker|administrator)$")]
    name: Annotated[str, Meta(max_length=100)] = ""
    person_id: Id | None = None
    teams: Annotated[list[Id], Meta(max_length=200)] = field(default_factory=list)


class AccountChanged(Asked, frozen=True):
    """Another role, teams, or whether it is disabled; null leaves it as it is."""

    role: Annotated[str, Meta(pattern="^(operator|supervisor|worker|administrator)$")] | None = (
        None
    )
    disabled: bool | None = None
    teams: Annotated[list[Id], Meta(max_length=200)] | None = None


class Invitation(Struct, frozen=True):
    """The path of a link that sets a password, once and within a day."""

    account_id: int
    path: str


class AccountItem(Struct, frozen=True):
    """An account, without its secrets."""

    id: int
    login: str
    name: str
    role: str
    person_id: int | None
    is_open: bool
    has_second_factor: bool
    disabled: bool
    teams: list[int]


class Accounts(Struct, frozen=True):
    """All accounts."""

    accounts: list[AccountItem]


class OwnLocation(Struct, frozen=True):
    """Where one is outside alarms: when the sealed position that is held was so, null for none.

    And the works council's consent that covers one: empty without any.
    """

    at_ms: int | None
    council: str = ""
    reference: str = ""
    until: str = ""


class Me(Struct, frozen=True):
    """Who is logged in, and what they may."""

    login: str
    name: str
    role: str
    may: list[str]
    has_second_factor: bool
