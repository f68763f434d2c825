"""SQLite as the receiver opens it: one file, one connection that writes, nothing lost."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

# 1 MB: some milliseconds in which nobody else has the connection.
_STEP_PAGES: Final = 256
_STEP_PAUSE_S: Final = 0.01


def owned(file: Path) -> sa.Engine:
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


def beside(file: Path) -> sa.Engine:
    """The database for another process beside its owner: it can only be read."""
    uri = file.absolute().as_uri() + "?mode=ro"
    return sa.create_engine(
        "sqlite://", poolclass=sa.NullPool, creator=lambda: sqlite3.connect(uri, uri=True)
    )


def copy(source: sqlite3.Connection, file: Path) -> None:
    """Write the records as they are at the end to a new file, while other threads use `source`.

    On the disk when it returns. It goes in small steps, between which they have their turn.
    """
    _make_private(file)
    with contextlib.closing(sqlite3.connect(file)) as target:
        source.backup(target, pages=_STEP_PAGES, sleep=_STEP_PAUSE_S)
    with file.open("rb") as written:
        os.fsync(written.fileno())


def copy_file(source: Path, file: Path) -> None:
    """The same of a database that nobody else has."""
    with contextlib.closing(sqlite3.connect(source)) as connection:
        copy(connection, file)


def check(file: Path) -> str:
    """What is wrong with the file, empty when nothing is."""
    try:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            has_badges = connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'badge'"
            ).fetchone()
    except sqlite3.Error as error:
        return str(error)
    if found != "ok":
        return str(found)
    return "" if has_badges else "it holds no records of nabij"


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
