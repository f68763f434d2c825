"""What is said in SQLite's own words does and refuses what SQLAlchemy's would."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from nabij.centre.database import engines, schema
from nabij.centre.database.place import place_of
from nabij.centre.database.prepared import Prepared
from nabij.paths import StatePaths

FORGET = Prepared(schema.forgotten.insert().returning(schema.forgotten.c.seq))
OF_BOOT = Prepared(
    sa.select(schema.forgotten.c.badge, schema.forgotten.c.seq)
    .where(schema.forgotten.c.boot == sa.bindparam("of_boot"), schema.forgotten.c.seq > 2)
    .order_by(schema.forgotten.c.seq)
    .limit(1)
)
ENROL = Prepared(schema.badge.insert())
ANNA = {
    "badge": "anna",
    "hmac_key": b"\0\xff",
    "subject": "",
    "wearer": "Zoë",
    "enrolled_ms": 2**40,
}


@pytest.fixture
def connection(each_engine: str, tmp_path: Path) -> Iterator[sa.Connection]:
    engine = engines.owned(place_of(StatePaths(tmp_path)))
    with engine.connect() as connection:
        with connection.begin():
            schema.metadata.create_all(connection)
        with connection.begin():
            yield connection
    engine.dispose()


def test_values_go_in_and_come_out_as_they_are_whatever_their_order(
    connection: sa.Connection,
) -> None:
    assert ENROL.first(connection, ANNA) is None
    found = connection.execute(sa.select(schema.badge)).mappings().one()
    assert dict(found) == {**ANNA, "revoked_ms": None, "keepalive_s": None}
    assert FORGET.first(connection, {"badge": "anna", "boot": 1, "seq": 5})[0] == 5
    assert FORGET.first(connection, {"seq": 7, "boot": 2, "badge": "anna"})[0] == 7
    assert tuple(OF_BOOT.first(connection, {"of_boot": 2})) == ("anna", 7)
    assert OF_BOOT.first(connection, {"of_boot": 3}) is None


def test_it_belongs_to_the_transaction_of_its_caller(connection: sa.Connection) -> None:
    with connection.begin_nested() as inner:
        ENROL.first(connection, ANNA)
        inner.rollback()
    assert connection.execute(sa.select(schema.badge)).all() == []


def test_what_the_database_refuses_is_the_error_that_callers_know(
    connection: sa.Connection,
) -> None:
    with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
        FORGET.first(connection, {"badge": "nobody", "boot": 1, "seq": 5})
