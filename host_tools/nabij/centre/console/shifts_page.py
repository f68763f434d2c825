"""The badges: who wears them, who is on shift, and whether the wearer is protected.

Works inside the transaction of its caller.
"""

from collections import Counter

import sqlalchemy as sa

from nabij.centre.console.models import BadgeItem, Badges
from nabij.centre.console.wearers import NOBODY, Sees, Wearer, by_person
from nabij.centre.database import schema
from nabij.centre.incidents import outages
from nabij.centre.incidents.shifts import Shift
from nabij.centre.incidents.words import QUIET, local_time
from nabij.centre.people import assignments, consent


def build(connection: sa.Connection, sees: Sees, now_ms: int) -> Badges:
    """All badges of those whom one may see, the unprotected ones first."""
    people, held = by_person(connection), assignments.all_now(connection)
    rows = connection.execute(sa.select(schema.watch)).mappings().all()
    shifts = {row["badge"]: Shift(**row) for row in rows}
    out = {row["badge"]: outages.of_row(row) for row in rows}
    open_, quiet = _open(connection)
    given = consent.newest(connection)
    items = []
    badges = sa.select(schema.badge).where(schema.IS_BADGE)
    for row in connection.execute(badges).mappings():
        badge = row["badge"]
        holder = held.get(badge)
        wearer = NOBODY if holder is None else people.get(holder.person_id, NOBODY)
        if not sees(wearer):
            continue
        protection, why = protection_of(shifts.get(badge), badge in quiet, now_ms)
        outage = out.get(badge)
        if outage is not None and now_ms - (outage.until_ms or now_ms) < outages.SHOWN_MS:
            why = f"{why} {outage.sentence()}".strip()
        shift = shifts.get(badge)
        is_on = shift is not None and shift.due_steady_ms is not None
        items.append(
            BadgeItem(
                badge=badge,
                wearer=_name(wearer, row["wearer"]),
                person_id=wearer.person_id,
                team=wearer.team,
                since_ms=None if holder is None else holder.from_ms,
                protection="revoked" if row["revoked_ms"] is not None else protection,
                why=why,
                shift_since_ms=shift.since_ms if is_on and shift is not None else None,
                shift_until_ms=shift.due_ms if is_on and shift is not None else None,
                battery_percent=_battery(connection, badge),
                open_incidents=open_[badge],
                revoked=row["revoked_ms"] is not None,
            )
        )
    order = ("quiet", "overdue", "unknown", "protected", "off shift", "revoked")
    items.sort(key=lambda one: (order.index(one.protection), one.wearer, one.badge))
    return Badges(now_ms, "" if given is None else given.on_date.isoformat(), items)


def protection_of(shift: Shift | None, is_quiet: bool, now_ms: int) -> tuple[str, str]:  # noqa: FBT001
    """Whether the wearer is protected, in a word, and why not in a sentence."""
    if is_quiet:
        return "quiet", "The badge is not heard: see its incident."
    if shift is None or shift.due_steady_ms is None:
        return "off shift", ""
    if shift.due_ms < now_ms:
        return "overdue", f"The shift was to end at {local_time(shift.due_ms)}."
    if shift.lost_ms is not None:
        return "unknown", f"Not connected since {local_time(shift.lost_ms)}."
    return "protected", ""


def _name(wearer: Wearer, enrolled: str) -> str:
    return wearer.name or enrolled


def _open(connection: sa.Connection) -> tuple[Counter[str], set[str]]:
    columns = schema.incident.c
    statement = sa.select(columns.badge, columns.kind).where(schema.IS_OPEN)
    rows = connection.execute(statement).all()
    return Counter(row.badge for row in rows), {row.badge for row in rows if row.kind == QUIET}


def _battery(connection: sa.Connection, badge: str) -> int | None:
    """What it last said of its battery, in an alarm or a test."""
    columns = schema.incident.c
    statement = (
        sa.select(columns.battery_percent)
        .where(columns.badge == badge, columns.battery_percent.is_not(None))
        .order_by(columns.received_ms.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar_one_or_none()
