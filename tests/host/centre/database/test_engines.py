"""SQLite as the receiver opens it: durable, private, one writer; and its own words for others'."""

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from nabij.centre.database import engines, plain, schema
from nabij.errors import NabijError

KEY = bytes(range(32))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with one badge."""
    file = tmp_path / "nabij.db"
    with engines.durable_engine(file).connect() as connection, connection.begin():
        schema.metadata.create_all(connection)
        connection.execute(
            schema.badge.insert().values(
                badge="anna", hmac_key=KEY, subject="CN=anna", wearer="", enrolled_ms=0
            )
        )
    return file


def test_a_commit_is_on_the_disk_and_the_file_is_its_owners_alone(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with engines.durable_engine(file).connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]
    full = 2
    assert found == ["wal", full, 1]


def test_whoever_reads_beside_the_receiver_cannot_write(file: Path) -> None:
    with engines.reading_engine(file).connect() as connection:
        assert connection.execute(sa.select(schema.badge.c.badge)).scalars().all() == ["anna"]
        with pytest.raises(sa.exc.OperationalError, match="readonly"):
            connection.execute(schema.badge.delete())


def test_upsert_inserts_once_and_then_gives_the_row_its_new_values(file: Path) -> None:
    table = schema.forgotten
    key = {"badge": "anna", "boot": 3}
    with engines.durable_engine(file).connect() as connection, connection.begin():
        for seq in (5, 2):
            connection.execute(engines.upsert(table, key, {"seq": seq}))
        assert connection.execute(sa.select(table.c.seq)).scalars().all() == [2]
        for seq, highest in ((9, 9), (4, 9)):
            connection.execute(engines.upsert_highest(table, key, "seq", seq))
            assert connection.execute(sa.select(table.c.seq)).scalars().all() == [highest]


@pytest.mark.parametrize(("one", "other"), [(3, 7), (7, 3), (-1, 0), (5, 5)])
def test_of_two_values_the_lower_and_the_higher(file: Path, one: int, other: int) -> None:
    statement = sa.select(
        engines.least(sa.literal(one), other), engines.greatest(sa.literal(one), other)
    )
    with engines.durable_engine(file).connect() as connection:
        assert connection.execute(statement).one() == (min(one, other), max(one, other))


def test_a_key_is_read_without_sqlalchemy_while_the_database_is_in_use(file: Path) -> None:
    with engines.durable_engine(file).connect() as connection, connection.begin():
        assert plain.stored_key(file, "anna") == KEY
        assert plain.stored_key(file, "bert") is None


def test_a_file_that_is_no_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "nabij.db").write_bytes(b"no database" * 100)
    with pytest.raises(NabijError, match=r"restore it from a backup\.$"):
        plain.stored_key(tmp_path / "nabij.db", "anna")
