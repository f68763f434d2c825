"""PostgreSQL as the receiver opens it: no wait without an end, nothing lost."""

import uuid
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa

from nabij import extras
from nabij.centre.database.lock import LockedError

# Alarms wait behind whatever the database waits for.
_CONNECT_S: Final = 5
_SESSION: Final = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    # The server must see soon that we are gone: until then it keeps our locks.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
# A reader beside the owner takes no longer, and keeps no old rows alive.
_BESIDE: Final = {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "120s"}
# Of this side, by libpq.
_LINE: Final = {
    "connect_timeout": _CONNECT_S,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# The first half of our advisory locks; the second is the schema, of which each has its owner.
OURS: Final = 0x6E61626A
_TAKE: Final = "SELECT pg_try_advisory_lock(%s, hashtext(current_schema()))"
_SHARE: Final = "SELECT pg_try_advisory_lock_shared(%s, hashtext(current_schema()))"
# A receiver among several that is frozen keeps its duties from the others for no longer.
_FROZEN: Final = "20s"
# Amid a transaction it has a badge's row and the turn of all events, and so has one whose machine
# died: others go on before their own wait for a lock (lock_timeout) is over.
_FROZEN_AMID: Final = "4s"
# A connection of ours that died keeps the lock until the server notices: it is told.
_END_OLD: Final = """
    SELECT pg_terminate_backend(held.pid, 5000) FROM pg_locks held
    JOIN pg_stat_activity USING (pid)
    WHERE held.locktype = 'advisory' AND held.classid = %s AND application_name = %s
"""


class Use(Enum):
    """Who else may have the database open, where the engine can do more than one."""

    SOLE = 1  # nobody
    SEVERAL = 2  # other receivers like this one, and commands
    PASSING = 3  # the same, for a command


def owned(url: sa.URL, use: Use = Use.SOLE) -> sa.Engine:
    """The database to write in: what is committed is on the server's disk.

    LockedError at the first connection when somebody else has it who does not share it, or shares
    it and this one does not.
    """
    name = f"nabij {uuid.uuid4().hex[:12]}"
    engine = _create(url, name, poolclass=sa.StaticPool)

    def take(connection: Any, _record: object) -> None:
        try:
            _set_up(connection, use)
            taken = _taken(connection, name, _TAKE if use is Use.SOLE else _SHARE)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.OperationalError("connect", None, error) from error
        if not taken:
            connection.close()
            raise LockedError(
                f"Another nabij receiver uses the database {shown(url)}: stop it first, or give "
                "another --database."
            )

    sa.event.listen(engine, "connect", take)
    return engine


def beside(url: sa.URL) -> sa.Engine:
    """The database for another process beside its owner: it can only be read, and not for long."""
    engine = _create(url, "nabij reader", poolclass=sa.NullPool)

    def set_up(connection: Any, _record: object) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for setting, value in _BESIDE.items():
                cursor.execute(f"SET {setting} = '{value}'")
        connection.autocommit = False
        connection.read_only = True

    sa.event.listen(engine, "connect", set_up)
    return engine


def apart(url: sa.URL) -> sa.Engine:
    """The database for tables that are no records, beside whoever has those.

    What it does may take long; it waits for no lock longer than a receiver would.
    """
    engine = _create(url, "nabij import", poolclass=sa.NullPool)

    def set_up(connection: Any, _record: object) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{_SESSION['lock_timeout']}'")
            # Frozen as it exchanges tables it would keep whoever reads them.
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{_FROZEN_AMID}'")
        connection.autocommit = False

    sa.event.listen(engine, "connect", set_up)
    return engine


def shown(url: sa.URL) -> str:
    """The URL for people: without password, and without what only the driver reads."""
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def _create(url: sa.URL, name: str, **options: Any) -> sa.Engine:
    line = {**_LINE, "application_name": name}
    try:
        return sa.create_engine(url, connect_args=line, **options)
    except ModuleNotFoundError as error:
        raise extras.lacking(error) from error


def _set_up(connection: Any, use: Use) -> None:
    # By itself, or the first rollback would undo it.
    connection.autocommit = True
    with connection.cursor() as cursor:
        for setting, value in _SESSION.items():
            cursor.execute(f"SET {setting} = '{value}'")
        if use is not Use.SOLE:
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{_FROZEN_AMID}'")
        if use is Use.SEVERAL:
            cursor.execute(f"SET idle_session_timeout = '{_FROZEN}'")
        # A receipt must not go out for what a power cut may take back.
        cursor.execute("SHOW synchronous_commit")
        if cursor.fetchone() == ("off",):
            cursor.execute("SET synchronous_commit = on")
    connection.autocommit = False


def _taken(connection: Any, name: str, take: str) -> bool:
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(take, (OURS,))
            [taken] = cursor.fetchone()
            if not taken:
                cursor.execute(_END_OLD, (OURS, name))
                cursor.execute(take, (OURS,))
                [taken] = cursor.fetchone()
    finally:
        connection.autocommit = False
    return bool(taken)
