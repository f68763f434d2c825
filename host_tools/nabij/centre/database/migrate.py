"""Makes the tables in an empty database, and brings those of older releases up to date.

Everything happens in the one transaction of the caller: a crash leaves the old version.
"""

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

# The others add their tables to those of schema.
from nabij.centre.database import (
    carried_table,  # noqa: F401
    escalation_tables,  # noqa: F401
    events,
    fleet_tables,  # noqa: F401
    handover_tables,  # noqa: F401
    kept_secrets,  # noqa: F401
    link_tables,  # noqa: F401
    location_tables,  # noqa: F401
    motion_tables,  # noqa: F401
    people_schema,  # noqa: F401
    place_tables,  # noqa: F401
    privacy_tables,  # noqa: F401
    schema,
    sms_tables,  # noqa: F401
    webhook_table,  # noqa: F401
    workforce_tables,  # noqa: F401
)
from nabij.errors import NabijError

if TYPE_CHECKING:
    from alembic.config import Config

# Kept the version until revision 0008, as a number that is the revision's.
_EARLIER: Final = sa.table("schema_version", sa.column("version", sa.Integer))
_LAST_EARLIER: Final = 7


def prepare(connection: sa.Connection, name: str) -> None:
    """Make or convert the tables; NabijError for a database that this release does not know."""
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        # It is empty: no table of the seventy needs to be looked for.
        schema.metadata.create_all(connection, checkfirst=False)
        connection.execute(schema.revision.insert().values(version_num=schema.REVISION))
        terminal = {"name": events.TERMINAL, "told_id": 0, "seen_ms": 0}
        connection.execute(schema.listener.insert().values(terminal))
        return
    found = _revisions(connection, tables)
    if found is None:
        raise NabijError(f"{name} is not a database of nabij: choose another one.")
    # Asked first: to load Alembic takes longer than all else that a start does here.
    if found == [schema.REVISION]:
        return
    if len(found) != 1 or found[0] not in _known():
        raise NabijError(
            f"{name} has schema version {', '.join(found) or 'none'} and this nabij knows version "
            f"{schema.REVISION}: use the release of nabij that wrote it, or a newer one that can "
            "convert it."
        )
    if schema.revision.name not in tables:
        schema.revision.create(connection)
        connection.execute(schema.revision.insert().values(version_num=found[0]))
    _upgrade(connection)


def _revisions(connection: sa.Connection, tables: list[str]) -> list[str] | None:
    """The revisions that the database says it has, in any number; None if it says nothing."""
    if schema.revision.name in tables:
        return list(connection.execute(sa.select(schema.revision.c.version_num)).scalars())
    if _EARLIER.name in tables:
        versions = connection.execute(sa.select(_EARLIER.c.version)).scalars()
        # None of them is beyond those that a revision carries on from.
        return [f"{one:04}" if one <= _LAST_EARLIER else str(one) for one in versions]
    return None


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - only when there is something to convert

    config = Config()
    config.set_main_option("script_location", "nabij.centre.database:migrations")
    return config


def _known() -> set[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, schema.REVISION)
