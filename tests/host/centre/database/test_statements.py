"""Words of ours that both engines must take for the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from nabij.centre.database import engines, schema, statements
from nabij.centre.database.place import place_of
from nabij.paths import StatePaths


@pytest.fixture
def connection(each_engine: str, tmp_path: Path) -> Iterator[sa.Connection]:
    """A transaction on a database with two badges."""
    engine = engines.owned(place_of(StatePaths(tmp_path)))
    with engine.connect() as connection:
        with connection.begin():
            schema.metadata.create_all(connection)
            for badge in ("anna", "bert"):
                values = {"hmac_key": b"", "subject": "", "wearer": "", "enrolled_ms": 0}
                connection.execute(schema.badge.insert().values(badge=badge, **values))
        with connection.begin():
            yield connection
    engine.dispose()


def test_upsert_inserts_once_and_then_gives_the_row_its_new_values(
    connection: sa.Connection,
) -> None:
    table = schema.forgotten
    key = {"badge": "anna", "boot": 3}
    for seq in (5, 2):
        connection.execute(statements.upsert(table, key, {"seq": seq}))
    assert connection.execute(sa.select(table.c.seq)).scalars().all() == [2]
    for seq, highest in ((9, 9), (4, 9)):
        connection.execute(statements.upsert_highest(table, key, "seq", seq))
        assert connection.execute(sa.select(table.c.seq)).scalars().all() == [highest]


def test_upsert_next_gives_a_number_above_all_before(connection: sa.Connection) -> None:
    key = {"badge": "anna"}
    for above, number in ((0, 1), (0, 2), (40, 41), (7, 42), (2**40, 2**40 + 1)):
        statement = statements.upsert_next(schema.numbered, key, "number", above)
        assert connection.execute(statement).scalar_one() == number


@pytest.mark.parametrize(("one", "other"), [(3, 7), (7, 3), (-1, 0), (5, 5)])
def test_of_two_values_the_lower_and_the_higher(
    connection: sa.Connection, one: int, other: int
) -> None:
    statement = sa.select(
        statements.least(sa.literal(one), other), statements.greatest(sa.literal(one), other)
    )
    assert connection.execute(statement).one() == (min(one, other), max(one, other))


def test_who_has_locked_a_badge_has_it_alone_until_the_end(
    connection: sa.Connection, each_engine: str, tmp_path: Path
) -> None:
    """On SQLite the whole file is his, and nothing else is asked for."""
    statements.lock_badges(connection, ["anna", "nobody"])
    statements.lock_badges(connection, [])
    if each_engine == "sqlite":
        return
    other = sa.create_engine(connection.engine.url, poolclass=sa.NullPool)
    badge = schema.badge.c.badge
    with other.connect() as second:
        free = sa.select(badge).order_by(badge).with_for_update(skip_locked=True)
        assert second.execute(free).scalars().all() == ["bert"]
        # What refers to the badge is not held up.
        second.execute(schema.forgotten.insert().values(badge="anna", boot=1, seq=1))
