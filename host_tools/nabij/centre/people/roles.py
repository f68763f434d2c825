"""Who may do what: one table."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an account is for."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    WORKER = "worker"
    ADMINISTRATOR = "administrator"


class May(StrEnum):
    """What somebody may be allowed to do. All but the first ask for a log-in."""

    LOG_IN = "log in"
    BE_HERE = "be here"  # whoever is logged in: their own account, the health of the receiver
    SEE_INCIDENTS = "see incidents"
    HANDLE_INCIDENTS = "handle incidents"
    SEE_BADGES = "see badges and shifts"
    HAND_OUT = "hand out badges"
    SEE_PEOPLE = "see people"
    CHANGE_PEOPLE = "change people"
    SEE_PLANS = "see plans and drills"
    CHANGE_PLANS = "change plans"
    DRILL = "begin a drill"
    SEE_REGISTER = "see the register"
    SEE_ACCOUNTS = "see accounts"
    CHANGE_ACCOUNTS = "change accounts"
    SEE_OWN_AUDIT = "see who looked at oneself"
    SEE_AUDIT = "see the audit"


_SEES: Final = {
    May.BE_HERE,
    May.SEE_INCIDENTS,
    May.SEE_BADGES,
    May.SEE_PEOPLE,
    May.SEE_PLANS,
    May.SEE_OWN_AUDIT,
}
_RIGHTS: Final[dict[Role, frozenset[May]]] = {
    Role.WORKER: frozenset({May.BE_HERE, May.SEE_OWN_AUDIT}),
    Role.OPERATOR: frozenset({*_SEES, May.HANDLE_INCIDENTS, May.HAND_OUT}),
    Role.SUPERVISOR: frozenset(
        {
            *_SEES,
            *(May.HANDLE_INCIDENTS, May.HAND_OUT, May.CHANGE_PEOPLE, May.DRILL),
            May.SEE_REGISTER,
        }
    ),
    Role.ADMINISTRATOR: frozenset(set(May) - {May.LOG_IN, May.HANDLE_INCIDENTS}),
}
# These see the people of all teams; a supervisor sees those of their own teams.
_SEES_ALL: Final = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


def may(role: Role | None, what: May) -> bool:
    """Whether somebody in that role may; None is somebody who has not logged in."""
    return what is May.LOG_IN or (role is not None and what in _RIGHTS[role])


def sees_all(role: Role) -> bool:
    """Whether the role is not bound to teams."""
    return role in _SEES_ALL


def rights(role: Role) -> frozenset[May]:
    """All that the role may."""
    return _RIGHTS[role]
