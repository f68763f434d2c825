"""Brings a table of cells in: all of it takes the place of what was there, or nothing does."""

import contextlib
import fcntl
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from nabij.centre.database import postgresql
from nabij.centre.database.cell_table import FILE, KEY, Row, Source, cell, cell_source
from nabij.centre.database.engines import DATABASE_ERRORS, cause
from nabij.centre.database.place import Place
from nabij.errors import NabijError
from nabij.paths import disk_of

AT_ONCE: Final = 20_000
# Of the disk: a receiver is told that it fills long before this, and alarms need what is left.
LEAST_FREE_BYTES: Final = 256 << 20
# In kB, for sorting and for writing.
_CACHE_KB: Final = 16_384
_SORTED: Final = "cell_key"
_TURN: Final = sa.text("SELECT pg_try_advisory_xact_lock(hashtext(current_schema()), 2)")
_BUSY: Final = "Another import of cells is under way: wait for its end."
_STAYS: Final = "the cells that were there stay"

Told = Callable[[], Source]


def load(place: Place, root: Path, rows: Iterator[Row], told: Told) -> Source:
    """Have these cells instead of those that there are; `told` says what they are, at the end.

    NabijError when that cannot be, and whatever `rows` or `told` raise: then all is as before.
    `root` is the state folder. Nothing of it waits for a receiver, nor a receiver for it.
    """
    try:
        if isinstance(place.where, Path):
            return _into_file(root, rows, told)
        return _into_server(place.where, rows, told)
    except DATABASE_ERRORS as error:
        raise NabijError(
            f"The cells cannot be kept ({cause(error)}): {_STAYS}; free some space, or see that "
            f"the database {place.name} lets this user make tables, and import again."
        ) from error
    except OSError as error:
        raise NabijError(
            f"The cells cannot be kept ({error.strerror}): {_STAYS}; free some space, or see that "
            f"this user may write in {root}."
        ) from error


def _into_file(root: Path, rows: Iterator[Row], told: Told) -> Source:
    with _turn(root):
        for left in root.glob(f".{FILE}.*"):
            # Of an import that was killed.
            left.unlink()
        new = root / f".{FILE}.{os.getpid()}"
        try:
            os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            source = _write(new, rows, told)
            _to_disk(new)
            new.replace(root / FILE)
            _to_disk(root)
        finally:
            new.unlink(missing_ok=True)
    return source


def _write(file: Path, rows: Iterator[Row], told: Told) -> Source:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as database:
        # Nobody else has it, and of a half one nothing is worth saving.
        database.execute("PRAGMA journal_mode=OFF")
        database.execute("PRAGMA synchronous=OFF")
        database.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        database.execute("PRAGMA temp_store=FILE")
        for table in (cell, cell_source):
            database.execute(str(CreateTable(table)))
        for batch in _batches(rows):
            _check_room(file)
            database.execute("BEGIN")
            database.executemany(_insert(cell), batch)
            database.execute("COMMIT")
            # A little at a time: an alarm that is committed waits for the same disk.
            _to_disk(file)
        _check_room(file)
        database.execute(f"CREATE INDEX {_SORTED} ON cell ({', '.join(KEY)})")
        source = told()
        database.execute(_insert(cell_source), source)
    return source


def _into_server(url: sa.URL, rows: Iterator[Row], told: Told) -> Source:
    engine = postgresql.apart(url)
    with engine.begin() as connection:
        if not connection.execute(_TURN).scalar_one():
            raise NabijError(_BUSY)
        new = [_under_new_name(table) for table in (cell, cell_source)]
        for table in new:
            connection.execute(CreateTable(table))
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {new[0].name} FROM STDIN") as copy:
            line = "\t".join(["%d"] * len(Row._fields)) + "\n"
            for batch in _batches(rows):
                copy.write("".join([line % row for row in batch]))
        connection.exec_driver_sql(
            f"CREATE INDEX {new[0].name}_key ON {new[0].name} ({', '.join(KEY)})"
        )
        source = told()
        connection.execute(new[1].insert().values(source._asdict()))
        # From here to the end readers wait, and they wait for nothing that takes long.
        for old, table in zip((cell, cell_source), new, strict=True):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {old.name}")
            connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {old.name}")
        connection.exec_driver_sql(f"ALTER INDEX {new[0].name}_key RENAME TO {_SORTED}")
    return source


def _under_new_name(table: sa.Table) -> sa.Table:
    return table.to_metadata(sa.MetaData(), name=f"{table.name}_new")


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(itertools.islice(rows, AT_ONCE)):
        yield batch


def _insert(table: sa.Table) -> str:
    return f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})"  # noqa: S608


def _check_room(file: Path) -> None:
    disk = disk_of(file)
    if shutil.disk_usage(disk).free < LEAST_FREE_BYTES:
        raise NabijError(
            f"The disk at {disk} has less than {LEAST_FREE_BYTES >> 20} MB left, which alarms may "
            f"need: {_STAYS}; free some space and import again."
        )


@contextlib.contextmanager
def _turn(root: Path) -> Iterator[None]:
    """One import at a time."""
    with (root / f".{FILE}-lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NabijError(_BUSY) from error
        yield


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
