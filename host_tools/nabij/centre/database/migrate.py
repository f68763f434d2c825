"""Makes the tables in an empty database, and brings those of older releases up to date.

Everything happens in the one transaction of the caller: a crash leaves the old version.
"""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import schema
from nabij.errors import NabijError

# Version 2 knew alarms only, each of them an incident, and no rev.
_ALARMS: Final = """
    INSERT INTO alarm (badge, boot, seq, kind, rev, alarm_rev, test, ended, false_alarm, duress,
                       set_ms, heard_ms, adopted, incident_id)
    SELECT badge, boot, seq, kind, 0, 0, test, 0, 0, 0, raised_ms,
           coalesce((SELECT max(m.received_ms) FROM message_2 m WHERE m.incident_id = incident.id),
                    received_ms), 0, id
    FROM incident ORDER BY id
"""
_MESSAGES: Final = """
    INSERT INTO message (id, alarm_id, received_ms, rev, attempt, frame)
    SELECT m.id, alarm.id, m.received_ms, 0, m.attempt, m.frame
    FROM message_2 m JOIN alarm ON alarm.incident_id = m.incident_id
"""
_NEWS: Final = """
    INSERT INTO news (alarm_id, what, at_ms)
    SELECT alarm.id, 'opened', incident.received_ms
    FROM unannounced JOIN incident ON incident.id = unannounced.incident_id
    JOIN alarm ON alarm.incident_id = incident.id ORDER BY incident.id
"""


def prepare(connection: sa.Connection, name: str) -> None:
    """Make or convert the tables; NabijError for a database that this release does not know."""
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        schema.metadata.create_all(connection)
        connection.execute(schema.schema_version.insert().values(version=schema.VERSION))
        return
    if schema.schema_version.name not in tables:
        raise NabijError(f"{name} is not a database of nabij: choose another --state folder.")
    versions = connection.execute(sa.select(schema.schema_version.c.version)).scalars().all()
    if len(versions) != 1 or not 1 <= versions[0] <= schema.VERSION:
        found = ", ".join(str(version) for version in versions) or "none"
        raise NabijError(
            f"{name} has schema version {found} and this nabij knows version {schema.VERSION}: "
            "use the release of nabij that wrote it, or a newer one that can convert it."
        )
    for version in range(versions[0], schema.VERSION):
        _STEPS[version](connection)
        connection.execute(schema.schema_version.update().values(version=version + 1))


def _add_revocation(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE badge ADD COLUMN revoked_ms BIGINT")


def _add_deadlines(connection: sa.Connection) -> None:
    for column in (
        "by_deadline BOOLEAN NOT NULL DEFAULT 0",
        "due_ms BIGINT",
        "heard_ms BIGINT",
        "duress BOOLEAN NOT NULL DEFAULT 0",
        "false_alarm BOOLEAN NOT NULL DEFAULT 0",
        "ended BOOLEAN NOT NULL DEFAULT 0",
        "battery_percent INTEGER",
    ):
        connection.exec_driver_sql(f"ALTER TABLE incident ADD COLUMN {column}")
    connection.exec_driver_sql("ALTER TABLE message RENAME TO message_2")
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_message_incident_id")
    added = (schema.alarm, schema.forgotten, schema.news, schema.message, schema.alive)
    schema.metadata.create_all(connection, tables=list(added))
    for statement in (_ALARMS, _MESSAGES, _NEWS):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("DROP TABLE message_2")
    connection.exec_driver_sql("DROP TABLE unannounced")


def _add_actions(connection: sa.Connection) -> None:
    schema.metadata.create_all(connection, tables=[schema.action])


def _add_watches(connection: sa.Connection) -> None:
    for column in ("shift_ms", "until_ms", "back_ms"):
        connection.exec_driver_sql(f"ALTER TABLE incident ADD COLUMN {column} BIGINT")
    schema.metadata.create_all(connection, tables=[schema.watch])


def _add_reasons(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE incident ADD COLUMN reason INTEGER")


def _add_numbers(connection: sa.Connection) -> None:
    schema.metadata.create_all(connection, tables=[schema.numbered])
    # The step from version 2 makes the table as it is now.
    if "number" not in {one["name"] for one in sa.inspect(connection).get_columns("alarm")}:
        connection.exec_driver_sql("ALTER TABLE alarm ADD COLUMN number BIGINT DEFAULT 0 NOT NULL")


_STEPS: Final[dict[int, Callable[[sa.Connection], None]]] = {
    1: _add_revocation,
    2: _add_deadlines,
    3: _add_actions,
    4: _add_watches,
    5: _add_reasons,
    6: _add_numbers,
}
