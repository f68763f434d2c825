"""The works council's consent to location outside alarms: who gave it, for whom, until when.

Without one that holds nothing is kept. Each function works inside the transaction of its caller.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import people_schema as people
from nabij.centre.database.location_tables import location_consent as table
from nabij.centre.database.location_tables import sealed_position
from nabij.centre.database.privacy_tables import LOCATION, retention_term
from nabij.centre.people import audit
from nabij.centre.people.persons import LONGEST_NAME
from nabij.errors import UsageError

NOTED: Final = "noted the consent to location outside alarms"
WITHDREW: Final = "withdrew the consent to location outside alarms"
# A consent without an end would be forgotten: after this it is asked for anew.
LONGEST_DAYS: Final = 731


@dataclass(frozen=True)
class Wanted:
    """A consent as somebody notes it: names of teams and sites, none for all of them."""

    council: str
    reference: str
    on: dt.date
    until: dt.date
    teams: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Consent:
    """What counts, from one day to another, both included. Neither teams nor sites: for all."""

    council: str
    reference: str
    on: dt.date
    until: dt.date
    teams: frozenset[int]
    sites: frozenset[int]
    noted_ms: int
    noted_by: str

    def holds(self, day: dt.date) -> bool:
        """Whether it does on that day."""
        return self.on <= day <= self.until

    def covers(self, team_id: int | None, site_id: int | None) -> bool:
        """Whether it is about those of that team, which is of that site."""
        if not self.teams and not self.sites:
            return True
        return team_id in self.teams or (site_id is not None and site_id in self.sites)


@dataclass(frozen=True)
class Switch:
    """Whether anything is kept at all: for so many days, and under which consent."""

    days: int
    consent: Consent | None

    def is_on(self, now_ms: int) -> bool:
        """Both have to be there."""
        return self.days > 0 and self.consent is not None and self.consent.holds(day_of(now_ms))


def day_of(now_ms: int) -> dt.date:
    """The day it is, UTC."""
    return dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC).date()


def check(connection: sa.Connection, wanted: Wanted, now_ms: int) -> None:
    """UsageError for what cannot be noted; changes nothing."""
    for what, text in (("council", wanted.council), ("reference", wanted.reference)):
        if not text.strip() or len(text) > LONGEST_NAME:
            raise UsageError(
                f"Give the {what} in 1 to {LONGEST_NAME} characters, as in the document."
            )
    today = day_of(now_ms)
    if wanted.on > today + dt.timedelta(days=1):
        raise UsageError(f"{wanted.on} is yet to come: give the day on which consent was given.")
    if wanted.until < today or wanted.until < wanted.on:
        raise UsageError(f"{wanted.until} is over: give the day until which it holds.")
    if (wanted.until - wanted.on).days > LONGEST_DAYS:
        raise UsageError(
            f"{wanted.until} is more than two years after {wanted.on}: have it given for less, "
            "and ask the works council again."
        )
    _ids(connection, people.team, wanted.teams, "team")
    _ids(connection, people.site, wanted.sites, "site")


def note(connection: sa.Connection, wanted: Wanted, now_ms: int, by: str) -> None:
    """Keep it in place of an earlier one; UsageError as of `check`."""
    check(connection, wanted, now_ms)
    teams = _ids(connection, people.team, wanted.teams, "team")
    sites = _ids(connection, people.site, wanted.sites, "site")
    values = {
        "council": " ".join(wanted.council.split()),
        "reference": " ".join(wanted.reference.split()),
        "on_date": wanted.on.isoformat(),
        "until_date": wanted.until.isoformat(),
        "teams": json.dumps(teams),
        "sites": json.dumps(sites),
        "noted_ms": now_ms,
        "noted_by": by,
    }
    connection.execute(table.insert().values(values))
    whom = ", ".join((*wanted.teams, *wanted.sites)) or "all"
    words = f"{values['council']}, {values['reference']}, {wanted.on} to {wanted.until}: {whom}"
    audit.add(connection, now_ms, by, NOTED, detail=words)


def withdraw(connection: sa.Connection, now_ms: int, by: str) -> None:
    """It holds no more, and nothing that is sealed is kept; UsageError when there is none."""
    newest = _newest(connection)
    if newest is None or newest["withdrawn_ms"] is not None:
        raise UsageError("There is no consent to withdraw: `nabij location show` says what holds.")
    mine = table.c.id == newest["id"]
    gone = {"withdrawn_ms": now_ms, "withdrawn_by": by}
    connection.execute(table.update().where(mine).values(gone))
    connection.execute(sealed_position.delete())
    audit.add(connection, now_ms, by, WITHDREW, detail=newest["reference"])


def newest(connection: sa.Connection) -> Consent | None:
    """The one that counts, whether or not its days have come; None when it was withdrawn."""
    row = _newest(connection)
    if row is None or row["withdrawn_ms"] is not None:
        return None
    return Consent(
        council=row["council"],
        reference=row["reference"],
        on=dt.date.fromisoformat(row["on_date"]),
        until=dt.date.fromisoformat(row["until_date"]),
        teams=frozenset(json.loads(row["teams"])),
        sites=frozenset(json.loads(row["sites"])),
        noted_ms=row["noted_ms"],
        noted_by=row["noted_by"],
    )


def switch(connection: sa.Connection) -> Switch:
    """What is set now."""
    days = sa.select(retention_term.c.days).where(retention_term.c.kind == LOCATION)
    return Switch(connection.execute(days).scalar_one_or_none() or 0, newest(connection))


def _newest(connection: sa.Connection) -> sa.RowMapping | None:
    statement = sa.select(table).order_by(table.c.id.desc()).limit(1)
    return connection.execute(statement).mappings().one_or_none()


def _ids(connection: sa.Connection, of: sa.Table, names: Sequence[str], what: str) -> list[int]:
    found = []
    for name in names:
        row = connection.execute(sa.select(of.c.id).where(of.c.name == name)).scalar_one_or_none()
        if row is None:
            raise UsageError(f"There is no {what} '{name[:60]}': give it as the console has it.")
        found.append(int(row))
    return sorted(found)
