"""What a statement of ours says to both engines, where SQL itself has no words for it."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import sqlalchemy as sa

# SQLite took these words over from PostgreSQL: its compiler reads them as they are.
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from nabij.centre.database import schema


class _Least(FunctionElement[int]):
    name = "least"
    type = sa.BigInteger()
    inherit_cache = True


class _Greatest(FunctionElement[int]):
    name = "greatest"
    type = sa.BigInteger()
    inherit_cache = True


_IN_SQLITE: Final = {"least": "min", "greatest": "max"}


@compiles(_Least)
@compiles(_Greatest)
def _by_name(element: _Least | _Greatest, compiler: SQLCompiler, **options: Any) -> str:
    return f"{element.name}({compiler.process(element.clauses, **options)})"


@compiles(_Least, "sqlite")
@compiles(_Greatest, "sqlite")
def _by_sqlites_name(element: _Least | _Greatest, compiler: SQLCompiler, **options: Any) -> str:
    return f"{_IN_SQLITE[element.name]}({compiler.process(element.clauses, **options)})"


def least(one: Any, other: Any) -> sa.ColumnElement[int]:
    """The lower of two values of a row."""
    return _Least(one, other)


def greatest(one: Any, other: Any) -> sa.ColumnElement[int]:
    """The higher of two values of a row."""
    return _Greatest(one, other)


def upsert(table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> sa.Executable:
    """Insert the row, or give the one of that key these values."""
    statement = insert(table).values(**key, **values)
    return statement.on_conflict_do_update(index_elements=list(key), set_=dict(values))


def insert_new(
    table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> sa.Executable:
    """Insert the row, unless there is one of that key, which stays as it is."""
    statement = insert(table).values(**key, **values)
    return statement.on_conflict_do_nothing(index_elements=list(key))


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


_LOCK: Final = (
    sa.select(schema.badge.c.badge)
    .where(schema.badge.c.badge.in_(sa.bindparam("badges", expanding=True)))
    .order_by(schema.badge.c.badge)
    # Weaker than what a foreign key asks of the row: others may go on referring to it.
    .with_for_update(key_share=True)
)


def lock_badges(connection: sa.Connection, badges: Collection[str]) -> None:
    """Let nobody else work on what is kept of these badges, until the transaction ends.

    All in one order, so that two who each want several never wait for one another. SQLite has one
    writer, who has all of it.
    """
    if badges and not is_one_writers(connection):
        connection.execute(_LOCK, {"badges": sorted(set(badges))})


def is_one_writers(connection: sa.Connection) -> bool:
    """Whether the engine lets only one connection write at a time."""
    return connection.dialect.name == "sqlite"
