"""Whom an incident or a badge is about, and whether somebody may see them.

Each function works inside the transaction of its caller.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import people_schema as tables
from nabij.centre.people import assignments


@dataclass(frozen=True)
class Wearer:
    """A person with team and site; nobody in particular for a badge that was handed to none."""

    person_id: int | None = None
    name: str = ""
    team_id: int | None = None
    team: str = ""
    site: str = ""
    address: str = ""
    site_id: int | None = None


NOBODY: Final = Wearer()
Sees = Callable[[Wearer], bool]


def sees(teams: Collection[int] | None) -> Sees:
    """Whether one may see a wearer: those of `teams`, or all with None."""
    return lambda wearer: teams is None or wearer.team_id in teams


def by_person(connection: sa.Connection) -> dict[int, Wearer]:
    """All people by their id, those who left included."""
    person, team, site = tables.person.c, tables.team.c, tables.site.c
    statement = (
        sa.select(
            person.id.label("person_id"),
            person.name,
            person.team_id,
            sa.func.coalesce(team.name, "").label("team"),
            sa.func.coalesce(site.name, "").label("site"),
            sa.func.coalesce(site.address, "").label("address"),
            site.id.label("site_id"),
        )
        .select_from(tables.person)
        .outerjoin(tables.team, team.id == person.team_id)
        .outerjoin(tables.site, site.id == team.site_id)
    )
    rows = connection.execute(statement).mappings()
    return {row["person_id"]: Wearer(**row) for row in rows}


def of_badge(
    connection: sa.Connection, badge: str, at_ms: int, people: dict[int, Wearer]
) -> Wearer:
    """Who had the badge then."""
    found = assignments.at(connection, badge, at_ms)
    return NOBODY if found is None else people.get(found.person_id, NOBODY)
