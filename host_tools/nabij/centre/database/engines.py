"""What is SQLite's own: how it is opened, and what other databases say in other words."""

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

# What a database that refuses raises, the driver's own included.
DATABASE_ERRORS: Final = (sa.exc.SQLAlchemyError, sqlite3.Error)


def durable_engine(file: Path) -> sa.Engine:
    """The database for its one owner: each transaction is on the disk when it is committed."""
    _make_private(file)
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(file)),
        poolclass=sa.StaticPool,
        connect_args={"check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _make_durable)
    sa.event.listen(engine, "begin", _begin)
    return engine


def reading_engine(file: Path) -> sa.Engine:
    """The database for another process beside its owner: it can only be read."""
    uri = file.absolute().as_uri() + "?mode=ro"
    return sa.create_engine(
        "sqlite://", poolclass=sa.NullPool, creator=lambda: sqlite3.connect(uri, uri=True)
    )


def upsert(table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> sa.Executable:
    """Insert the row, or give the one of that key these values."""
    statement = insert(table).values(**key, **values)
    return statement.on_conflict_do_update(index_elements=list(key), set_=dict(values))


def upsert_highest(
    table: sa.Table, key: Mapping[str, Any], column: str, value: int
) -> sa.Executable:
    """Insert the row, or raise its column to `value` unless it is higher already."""
    statement = insert(table).values(**key, **{column: value})
    highest = greatest(table.c[column], statement.excluded[column])
    return statement.on_conflict_do_update(index_elements=list(key), set_={column: highest})


def upsert_next(table: sa.Table, key: Mapping[str, Any], column: str, above: Any) -> sa.Executable:
    """Insert the row, or raise its column by one, to more than `above`; returns the column."""
    statement = insert(table).values(**key, **{column: above + 1})
    higher = greatest(table.c[column], above) + 1
    updated = statement.on_conflict_do_update(index_elements=list(key), set_={column: higher})
    return updated.returning(table.c[column])


def least(one: Any, other: Any) -> sa.ColumnElement[int]:
    """The lower of two values of a row."""
    lower: sa.ColumnElement[int] = sa.func.min(one, other)
    return lower


def greatest(one: Any, other: Any) -> sa.ColumnElement[int]:
    """The higher of two values of a row."""
    higher: sa.ColumnElement[int] = sa.func.max(one, other)
    return higher


def _make_private(file: Path) -> None:
    # The database holds the badges' keys, and SQLite would make it by the umask.
    with contextlib.suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def _make_durable(connection: Any, _record: object) -> None:
    # Python's sqlite3 begins a transaction at the first INSERT only: a conversion of the tables
    # that is cut short would leave half of them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
