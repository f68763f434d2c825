"""All that is held on one person, as plain values: what they may ask for (GDPR 15 and 20)."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.privacy import terms
from nabij.centre.privacy.held import HELD, NAMING, TEXTS, Held
from nabij.centre.privacy.subject import Subject

KEPT_BACK: Final = "kept back"


def build(connection: sa.Connection, subject: Subject, now_ms: int) -> dict[str, Any]:
    """Everything, table by table; columns that are secrets say so instead."""
    days = {name: term.days for name, term in terms.all_of(connection).items()}
    return {
        "person": subject.name,
        "number": subject.person_id,
        "made": f"{dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC):%Y-%m-%d %H:%M} UTC",
        "held": [
            {
                "table": one.table.name,
                "what": list(one.what),
                "kept_days": days[one.term],
                "rows": _rows(connection, one, subject),
            }
            for one in HELD
        ],
        "named_in": [
            {"table": column.table.name, "column": column.name, "rows": count}
            for column in (*NAMING, *TEXTS)
            if (count := _named(connection, column, subject))
        ],
    }


def _rows(connection: sa.Connection, one: Held, subject: Subject) -> list[dict[str, Any]]:
    statement = sa.select(one.table).where(one.of(subject)).order_by(*one.table.primary_key)
    return [
        {
            name: KEPT_BACK if name in one.hidden and value else _plain(value)
            for name, value in row.items()
        }
        for row in connection.execute(statement).mappings()
    ]


def _named(connection: sa.Connection, column: sa.Column[Any], subject: Subject) -> int:
    tells = [column.contains(name, autoescape=True) for name in subject.names]
    if not tells:
        return 0
    count = sa.select(sa.func.count()).select_from(column.table).where(sa.or_(*tells))
    return int(connection.execute(count).scalar_one())


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
