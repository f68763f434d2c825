"""What a process reads of the database while another one has the Store open."""

from collections.abc import Callable
from typing import Final, TypeVar

import sqlalchemy as sa

from nabij.centre.database import engines, schema
from nabij.centre.database.engines import DATABASE_ERRORS
from nabij.centre.database.place import place_of
from nabij.centre.store import cannot_open
from nabij.errors import NabijError
from nabij.paths import StatePaths

Result = TypeVar("Result")

_REVISION: Final = sa.select(schema.revision.c.version_num)


class OtherReleaseError(NabijError):
    """The tables are not those of this release."""


def read_these(paths: StatePaths, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads in tables of this release; OtherReleaseError when there are none."""

    def check(connection: sa.Connection) -> Result:
        try:
            found = connection.execute(_REVISION).scalars().all()
        except sa.exc.ProgrammingError:
            found = []
        if found != [schema.REVISION]:
            raise OtherReleaseError("The tables are of another release of nabij.")
        return work(connection)

    return read(paths, check)


def read(paths: StatePaths, work: Callable[[sa.Connection], Result]) -> Result:
    """What `work` reads."""
    try:
        with engines.beside(place_of(paths)).connect() as connection:
            return work(connection)
    except DATABASE_ERRORS as error:
        raise cannot_open(paths, place_of(paths), error, to="read") from error


def badge_ids(paths: StatePaths) -> list[str]:
    """Ids of the badges in use."""
    in_use = sa.select(schema.badge.c.badge).where(schema.badge.c.revoked_ms.is_(None))
    return read(paths, lambda connection: list(connection.execute(in_use).scalars()))


def key_of(paths: StatePaths, badge: str) -> bytes | None:
    """The HMAC key of a badge, None if unknown."""
    key = sa.select(schema.badge.c.hmac_key).where(schema.badge.c.badge == badge)
    return read(paths, lambda connection: connection.execute(key).scalar_one_or_none())
