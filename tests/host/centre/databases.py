"""What tests do to the database under a store: end its disk, or its promises."""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import cast

import pytest

from nabij.centre.store import Store

# For what only a file can be brought to do.
on_sqlite = pytest.mark.parametrize("each_engine", ["sqlite"], indirect=True)
_ROOM_PAGES = 100_000


def database_of(store: Store) -> sqlite3.Connection:
    """The store's one connection, as SQLite has it."""
    held = store.read(lambda connection: connection.connection.dbapi_connection)
    return cast("sqlite3.Connection", held)


def sync_nothing(store: Store) -> None:
    """For thousands of commits, of which none is about the disk."""
    database_of(store).execute("PRAGMA synchronous=OFF")


@contextlib.contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """The disk ends where the database ends now: SQLite's own "database or disk is full"."""
    database = database_of(store)
    [pages] = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count={pages}")
    try:
        yield
    finally:
        database.execute(f"PRAGMA max_page_count={_ROOM_PAGES}")
