"""Statements that are done with every alarm, in SQLite's own words from the second time on.

SQLAlchemy takes some 75 us over each execution, whatever it says, and SQLite 15: a thousand alarms
at once are seven thousand of them.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement

from nabij.centre.database.statements import is_one_writers


class Prepared:
    """A statement whose values, and what it returns, are numbers, texts and bytes."""

    def __init__(self, statement: sa.Executable) -> None:
        self._statement = statement
        # By the names of the values that are given.
        self._said: dict[tuple[str, ...], tuple[str, dict[str, Any]]] = {}

    def first(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any:
        """Do it in the caller's transaction; the first row that it returns, or None."""
        if is_one_writers(connection):
            text, fixed = self._said_of(tuple(values))
            try:
                return self._raw(connection).execute(text, {**fixed, **values}).fetchone()
            except sqlite3.Error as error:
                # Never said again: a full disk has ended the transaction, and the next statement
                # would be kept without the ones before it.
                raise sa.exc.DBAPIError.instance(text, None, error, sqlite3.Error) from error
        result = connection.execute(self._statement, values)
        return result.first() if result.returns_rows else None

    def _raw(self, connection: sa.Connection) -> sqlite3.Connection:
        return cast("sqlite3.Connection", connection.connection.driver_connection)

    def _said_of(self, names: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
        if names not in self._said:
            # Names, so that the order of the values does not matter.
            dialect = sqlite.dialect(paramstyle="named")
            statement = cast("ClauseElement", self._statement)
            said = statement.compile(dialect=dialect, column_keys=list(names))
            self._said[names] = str(said), dict(said.params)
        return self._said[names]
