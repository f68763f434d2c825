"""Opens the database of a receiver, whichever engine it is on."""

import sqlite3
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import postgresql, sqlite
from nabij.centre.database.place import Place
from nabij.centre.database.postgresql import Use

# What a database that refuses raises, the driver's own included.
DATABASE_ERRORS: Final = (sa.exc.SQLAlchemyError, sqlite3.Error)


def owned(place: Place, use: Use = Use.SOLE) -> sa.Engine:
    """The database to write in: what is committed is on the disk. A file has one owner.

    With PostgreSQL LockedError at the first connection when somebody else has it and `use`, or
    theirs, does not allow that.
    """
    if isinstance(place.where, Path):
        return sqlite.owned(place.where)
    return postgresql.owned(place.where, use)


def beside(place: Place) -> sa.Engine:
    """The database for another process beside its owner: it can only be read."""
    if isinstance(place.where, Path):
        return sqlite.beside(place.where)
    return postgresql.beside(place.where)


def cause(error: Exception) -> str:
    """What the driver says, on one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split())
