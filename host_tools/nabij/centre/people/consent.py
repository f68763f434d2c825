"""The works council's consent: without it a banner says so, and nothing is followed routinely.

Dutch law asks for it (WOR, article 27, 1 k and l). Each function works inside the transaction of
its caller.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from nabij.centre.database.people_schema import consent
from nabij.centre.people.persons import LONGEST_NAME
from nabij.errors import UsageError


@dataclass(frozen=True)
class Consent:
    """On which day, under which reference, and who noted that."""

    on_date: dt.date
    reference: str
    noted_ms: int
    noted_by: str


def note(
    connection: sa.Connection, on_date: dt.date, reference: str, now_ms: int, by: str
) -> Consent:
    """Keep the consent, in place of an earlier one; UsageError without a reference."""
    reference = " ".join(reference.split())
    if not reference or len(reference) > LONGEST_NAME:
        raise UsageError(
            f"Give the consent's reference in 1 to {LONGEST_NAME} characters, as in the minutes."
        )
    if on_date > dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC).date() + dt.timedelta(days=1):
        raise UsageError(f"{on_date} is yet to come: give the day on which consent was given.")
    found = Consent(on_date, reference, now_ms, by)
    values = {
        "on_date": on_date.isoformat(),
        "reference": reference,
        "noted_ms": now_ms,
        "noted_by": by,
    }
    connection.execute(consent.insert().values(values))
    return found


def newest(connection: sa.Connection) -> Consent | None:
    """The consent that counts; None when there is none."""
    statement = sa.select(consent).order_by(consent.c.id.desc()).limit(1)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    day = dt.date.fromisoformat(row["on_date"])
    return Consent(day, row["reference"], row["noted_ms"], row["noted_by"])
