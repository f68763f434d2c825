"""Each engine as the receiver opens it: durable, of one owner, and read beside him."""

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from nabij.centre.database import engines, plain, schema
from nabij.centre.database.place import Place, place_of
from nabij.errors import NabijError
from nabij.paths import StatePaths

KEY = bytes(range(32))


@contextlib.contextmanager
def opened(place: Place) -> Iterator[sa.Connection]:
    """By its owner."""
    engine = engines.owned(place)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def filled(place: Place) -> Place:
    """A database with one badge."""
    with opened(place) as connection, connection.begin():
        schema.metadata.create_all(connection)
        connection.execute(
            schema.badge.insert().values(
                badge="anna", hmac_key=KEY, subject="CN=anna", wearer="", enrolled_ms=0
            )
        )
    return place


@pytest.fixture
def place(each_engine: str, tmp_path: Path) -> Place:
    """A database with one badge, on each engine."""
    return filled(place_of(StatePaths(tmp_path)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with one badge."""
    file = tmp_path / "nabij.db"
    filled(Place(file))
    return file


def test_a_commit_is_on_the_disk_and_the_file_is_its_owners_alone(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with opened(Place(file)) as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]
    full = 2
    assert found == ["wal", full, 1]


def test_whoever_reads_beside_the_receiver_cannot_write(place: Place) -> None:
    with opened(place), engines.beside(place).connect() as connection:
        assert connection.execute(sa.select(schema.badge.c.badge)).scalars().all() == ["anna"]
        with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
            connection.execute(schema.badge.delete())


def test_what_the_driver_says_is_one_line(place: Place) -> None:
    with opened(place) as connection:
        with pytest.raises(engines.DATABASE_ERRORS) as caught:
            connection.execute(sa.text("SELECT 1 FROM nowhere"))
        assert "nowhere" in engines.cause(caught.value)
        assert "\n" not in engines.cause(caught.value)


def test_a_key_is_read_without_sqlalchemy_while_the_database_is_in_use(file: Path) -> None:
    with opened(Place(file)) as connection, connection.begin():
        assert plain.stored_key(file, "anna") == KEY
        assert plain.stored_key(file, "bert") is None


def test_a_file_that_is_no_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "nabij.db").write_bytes(b"no database" * 100)
    with pytest.raises(NabijError, match=r"restore it from a backup\.$"):
        plain.stored_key(tmp_path / "nabij.db", "anna")
