"""Where cells of mobile networks are: tables of their own, replaced as a whole or not at all.

On a server they lie beside the records. Where those are a file, they are a file beside it: so
millions of rows keep no alarm waiting. No migration knows them, for an import makes them anew.
"""

import contextlib
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final, NamedTuple, cast

import sqlalchemy as sa

from nabij.centre.database.statements import is_one_writers

FILE: Final = "cells.db"
# A name of its own: SQLAlchemy makes and drops these, Alembic never.
metadata = sa.MetaData()

# mcc, mnc, tac and ci are found by one index; a table may have a cell twice.
cell = sa.Table(
    "cell",
    metadata,
    sa.Column("mcc", sa.Integer, nullable=False),
    sa.Column("mnc", sa.Integer, nullable=False),
    sa.Column("tac", sa.Integer, nullable=False),
    sa.Column("ci", sa.Integer, nullable=False),
    sa.Column("lat_e7", sa.Integer, nullable=False),
    sa.Column("lon_e7", sa.Integer, nullable=False),
    sa.Column("range_m", sa.Integer, nullable=False),
    sa.Column("samples", sa.Integer, nullable=False),
)
KEY: Final = ("mcc", "mnc", "tac", "ci")

# One row: what the cells were read from.
cell_source = sa.Table(
    "cell_source",
    metadata,
    sa.Column("files", sa.Text, nullable=False),
    sa.Column("networks", sa.Text, nullable=False),
    sa.Column("cells", sa.Integer, nullable=False),
    # When the newest of them was seen, by the file; 0 where none says so.
    sa.Column("newest_s", sa.BigInteger, nullable=False),
    sa.Column("imported_ms", sa.BigInteger, nullable=False),
)

_FIND: Final = (
    sa.select(cell)
    .where(
        cell.c.mcc == sa.bindparam("mcc"),
        cell.c.mnc == sa.bindparam("mnc"),
        cell.c.tac == sa.bindparam("tac"),
        cell.c.ci == sa.bindparam("ci"),
    )
    .order_by(cell.c.samples.desc())
    .limit(1)
)
_THERE: Final = sa.text("SELECT to_regclass('cell_source') IS NOT NULL")


class Key(NamedTuple):
    """Which cell, over all networks."""

    mcc: int
    mnc: int
    tac: int
    ci: int


class Row(NamedTuple):
    """One cell as the table has it; `range_m` 0 where nobody knows."""

    mcc: int
    mnc: int
    tac: int
    ci: int
    lat_e7: int
    lon_e7: int
    range_m: int
    samples: int


class Source(NamedTuple):
    """What the cells that there are were read from."""

    files: str
    networks: str
    cells: int
    newest_s: int
    imported_ms: int


class NoCellsError(Exception):
    """There is a table, and it cannot be read."""


def find(connection: sa.Connection, keys: Collection[Key]) -> dict[Key, Row]:
    """Those of these cells that are in the table; NoCellsError when it is damaged."""
    if not keys:
        return {}
    with _opened(connection) as table:
        if table is None:
            return {}
        found = {}
        for key in keys:
            row = table.execute(_FIND, key._asdict()).one_or_none()
            if row is not None:
                found[key] = Row(*row)
        return found


def source(connection: sa.Connection) -> Source | None:
    """What the table was read from, None when there is none; NoCellsError as `find`."""
    with _opened(connection) as table:
        row = None if table is None else table.execute(sa.select(cell_source)).one_or_none()
    return None if row is None else Source(*row)


@contextlib.contextmanager
def _opened(connection: sa.Connection) -> Iterator[sa.Connection | None]:
    """Where the tables are; None when nobody has imported any."""
    if not is_one_writers(connection):
        yield connection if connection.execute(_THERE).scalar_one() else None
        return
    file = file_beside(connection)
    if not file.exists():
        yield None
        return
    # It is never written to once it has this name.
    uri = f"{file.as_uri()}?mode=ro&immutable=1"
    engine = sa.create_engine(
        "sqlite://", poolclass=sa.NullPool, creator=lambda: sqlite3.connect(uri, uri=True)
    )
    try:
        with engine.connect() as table:
            yield table
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise NoCellsError(
            f"The table of cells {file} cannot be read: import it again."
        ) from error


def file_beside(connection: sa.Connection) -> Path:
    """The file of the cells of a receiver whose records are a file."""
    held = cast("sqlite3.Connection", connection.connection.driver_connection)
    [name] = [row[2] for row in held.execute("PRAGMA database_list") if row[1] == "main"]
    return Path(name).with_name(FILE)
