"""The data protection impact assessment (GDPR 35), made from what this receiver really does.

What is set, who may see what, who receives what, and what is still open: read from the records,
so that it is never about another configuration. What only people can judge is asked of them.
"""

import datetime as dt
import json
from collections import Counter
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa

from nabij.centre.database import (
    handover_tables,
    location_tables,
    people_schema,
    schema,
    webhook_table,
)
from nabij.centre.database import workforce_tables as workforce
from nabij.centre.location import consent as location
from nabij.centre.people import consent
from nabij.centre.people.roles import Role, rights, sees_all
from nabij.centre.privacy import terms
from nabij.centre.privacy.held import HELD

Words = tuple[str, str]
_NO_CONSENT: Final = (
    "Instemming van de ondernemingsraad is niet vastgelegd (WOR 27 lid 1 k en l).",
    "No consent of the works council is on record (WOR 27, 1 k and l).",
)
# What no record can tell.
QUESTIONS: Final[tuple[Words, ...]] = (
    (
        "Is er een lichter middel dat dezelfde bescherming geeft?",
        "Is there a lighter means that protects as well?",
    ),
    (
        "Zijn de dragers ingelicht, en wat vonden zij?",
        "Were the wearers told, and what did they say?",
    ),
    (
        "Wat adviseerde de functionaris gegevensbescherming?",
        "What did the data protection officer advise?",
    ),
    (
        "Welke verwerkersovereenkomsten zijn er met de ontvangers hierboven?",
        "Which processing agreements are there with the recipients above?",
    ),
)


def build(connection: sa.Connection, now_ms: int, *, kept_in: str) -> dict[str, Any]:
    """The document, as plain values; `kept_in` says where the records are."""
    known = terms.all_of(connection)
    noted = consent.newest(connection)
    recipients = _recipients(connection)
    return {
        "made": f"{dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC):%Y-%m-%d}",
        "kept_in": kept_in,
        "consent": None
        if noted is None
        else {"on": noted.on_date.isoformat(), "reference": noted.reference},
        "location": _location(connection, now_ms),
        "people": _people(connection),
        "terms": [
            {
                "kind": one.kind.name,
                "what": list(one.kind.what),
                "days": one.days,
                "reason": list(one.kind.reason) if not one.reason else [one.reason] * 2,
                "is_default": one.is_default,
            }
            for one in known.values()
        ],
        "held": [
            {"table": one.table.name, "what": list(one.what), "term": one.term} for one in HELD
        ],
        "roles": [
            {
                "role": str(role),
                "accounts": _accounts(connection, role),
                "sees_all": sees_all(role),
                "may": sorted(str(one) for one in rights(role)),
            }
            for role in Role
        ],
        "recipients": recipients,
        "open": [list(one) for one in _open(connection, known, consented=noted is not None)],
        "questions": [list(one) for one in QUESTIONS],
    }


def _location(connection: sa.Connection, now_ms: int) -> dict[str, Any]:
    """Whether anything is kept outside alarms, under which consent, and how much."""
    switch = location.switch(connection)
    given = switch.consent
    return {
        "on": switch.is_on(now_ms),
        "sealed": _count(connection, location_tables.sealed_position),
        "consent": None
        if given is None
        else {
            "council": given.council,
            "reference": given.reference,
            "on": given.on.isoformat(),
            "until": given.until.isoformat(),
            "teams": len(given.teams),
            "sites": len(given.sites),
        },
    }


def _people(connection: sa.Connection) -> dict[str, int]:
    person = people_schema.person.c
    numbers = {
        "wearers": sa.and_(person.left_ms.is_(None), person.wears),
        "others": sa.and_(person.left_ms.is_(None), ~person.wears),
        "left": person.left_ms.is_not(None),
    }
    found = {
        name: _count(connection, people_schema.person, which) for name, which in numbers.items()
    }
    found["in_the_register"] = _count(connection, workforce.worker)
    found["badges"] = _count(
        connection, schema.badge, schema.badge.c.revoked_ms.is_(None), schema.IS_BADGE
    )
    found["incidents"] = _count(connection, schema.incident)
    return found


def _accounts(connection: sa.Connection, role: Role) -> int:
    account = people_schema.account
    return _count(connection, account, account.c.role == str(role), ~account.c.disabled)


def _recipients(connection: sa.Connection) -> list[dict[str, Any]]:
    """Who is sent anything, without addresses that hold secrets."""
    channels = Counter(
        urlsplit(url).scheme
        for url in connection.execute(sa.select(people_schema.person_channel.c.url)).scalars()
    )
    found = [
        {"sort": "channel", "name": scheme, "count": count}
        for scheme, count in sorted(channels.items())
    ]
    arc = handover_tables.arc.c
    for row in connection.execute(sa.select(arc.name, arc.settings).order_by(arc.place)):
        addresses = json.loads(row.settings)["addresses"]
        badges = handover_tables.arc_badge
        count = _count(connection, badges, badges.c.arc == row.name)
        found.append(
            {
                "sort": "alarm centre",
                "name": row.name,
                "count": count,
                "at": ", ".join(addresses),
            }
        )
    hook = webhook_table.webhook.c
    for row in connection.execute(sa.select(hook.name, hook.url).where(~hook.disabled)):
        host = urlsplit(row.url).hostname or ""
        found.append({"sort": "webhook", "name": row.name, "count": 1, "at": host})
    return found


def _open(
    connection: sa.Connection, known: dict[str, terms.Term], *, consented: bool
) -> list[Words]:
    """What is not in order now, by the records."""
    found: list[Words] = []
    if not consented:
        found.append(_NO_CONSENT)
    found += [
        (
            f"{one.kind.what[0]}: {one.days} dagen, langer dan {one.kind.days}: {one.reason}",
            f"{one.kind.what[1]}: {one.days} days, longer than {one.kind.days}: {one.reason}",
        )
        for one in known.values()
        if one.days > one.kind.days
    ]
    account = people_schema.account
    weak = _count(connection, account, ~account.c.disabled, account.c.totp_secret == "")
    keys = _count(connection, people_schema.passkey)
    if weak:
        found.append(
            (
                f"{weak} accounts zonder code als tweede factor ({keys} passkeys).",
                f"{weak} accounts without a code as second factor ({keys} passkeys).",
            )
        )
    if not _count(connection, people_schema.audit_anchor):
        found.append(
            (
                "Het logboek is nog op geen dag verankerd.",
                "The audit has been anchored on no day yet.",
            )
        )
    return found


def _count(connection: sa.Connection, table: sa.Table, *which: sa.ColumnElement[bool]) -> int:
    statement = sa.select(sa.func.count()).select_from(table).where(*which)
    return int(connection.execute(statement).scalar_one())
