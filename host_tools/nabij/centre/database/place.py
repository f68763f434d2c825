"""Where a receiver keeps its records: in a file of its state folder, or on a server by a URL.

The URL is remembered in the state folder, so that every command that is given the folder finds the
same database. It may hold a password, as the folder holds keys.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import postgresql
from nabij.errors import UsageError
from nabij.paths import PRIVATE, StatePaths, read_file, write_file

_SCHEMES: Final = {"postgresql", "postgres", "postgresql+psycopg"}


@dataclass(frozen=True)
class Place:
    """The database of a receiver: a file, or the URL of a server."""

    where: Path | sa.URL

    @property
    def is_file(self) -> bool:
        """On a disk of this machine."""
        return isinstance(self.where, Path)

    @property
    def name(self) -> str:
        """As people are told of it."""
        return str(self.where) if isinstance(self.where, Path) else postgresql.shown(self.where)

    def exists(self) -> bool:
        """Whether there may be a database; only asking a server would tell."""
        return not isinstance(self.where, Path) or self.where.exists()


def place_of(paths: StatePaths) -> Place:
    """Where the receiver of this state folder keeps its records."""
    if not paths.database_url.exists():
        return Place(paths.database)
    text = read_file(paths.database_url, "the database's URL", "give --database again")
    return Place(parsed(text.decode("utf-8", "replace").strip()))


def choose(paths: StatePaths, text: str) -> None:
    """Keep the records at that URL from now on.

    UsageError for what is no URL of PostgreSQL, or when the state folder has records already.
    """
    url = parsed(text)
    if paths.database.exists():
        raise UsageError(
            f"The receiver in {paths.root} keeps its records in {paths.database.name}, and "
            "--database would leave them behind: give a new --state folder, or leave it out."
        )
    rendered = url.render_as_string(hide_password=False)
    write_file(paths.database_url, f"{rendered}\n".encode(), PRIVATE)


def parsed(text: str) -> sa.URL:
    """The URL; UsageError when it is none of PostgreSQL."""
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise _not_understood() from error
    if url.drivername not in _SCHEMES:
        raise _not_understood()
    return url.set(drivername="postgresql+psycopg")


def _not_understood() -> UsageError:
    # What was given may hold a password, so it is not repeated.
    return UsageError(
        "The URL of --database is not understood: give postgresql://user@host/name; without "
        "--database the receiver keeps its records in a file of its state folder."
    )
