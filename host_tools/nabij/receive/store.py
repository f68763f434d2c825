"""The receiver's database: badges, incidents, and every transmission that was received."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from badge.core import wire
from nabij.errors import NabijError
from nabij.paths import StatePaths, make_folder
from nabij.receive import schema
from nabij.receive.incidents import Incident, raised_ms
from nabij.receive.lock import FolderLock

Result = TypeVar("Result")


class StoreError(NabijError):
    """The database refused (disk full, damaged); nothing of the transaction was kept."""


@dataclass(frozen=True)
class BadgeRecord:
    """What the receiver keeps of a badge: its key (32 bytes) and its certificate's subject.

    `revoked_ms` is when its certificate and messages began to be refused, None for one in use.
    """

    badge: str
    hmac_key: bytes
    subject: str
    wearer: str
    enrolled_ms: int
    revoked_ms: int | None = None


class Store:
    """SQLite by one connection of one process, each transaction on the disk when it returns.

    One connection only: SQLite before 3.51.3 can damage a WAL database that two connections write
    or checkpoint at once. Safe to use from several threads.
    """

    def __init__(self, paths: StatePaths) -> None:
        """Open or make the database; LockedError when another process has the state folder."""
        make_folder(paths.root)
        self._lock = FolderLock(paths.lock)
        self._mutex = threading.Lock()
        self._name = str(paths.database)
        _make_private(paths.database)
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=self._name),
            poolclass=sa.StaticPool,
            connect_args={"check_same_thread": False},
        )
        sa.event.listen(engine, "connect", _make_durable)
        self._engine = engine
        try:
            self._connection = engine.connect()
            with self._connection.begin():
                schema.prepare(self._connection, self._name)
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            self._release()
            raise StoreError(
                f"Cannot use the database {self._name} ({_cause(error)}): "
                "restore it from a backup or choose another --state folder."
            ) from error
        except NabijError:
            self._release()
            raise

    def close(self) -> None:
        """Close the database and give up the state folder; safe to call twice."""
        with self._mutex:
            self._connection.close()
            self._release()

    def enrol(self, record: BadgeRecord) -> None:
        """Keep the badge, in place of an earlier record of the same id."""
        values = {
            "badge": record.badge,
            "hmac_key": record.hmac_key,
            "subject": record.subject,
            "wearer": record.wearer,
            "enrolled_ms": record.enrolled_ms,
            "revoked_ms": record.revoked_ms,
        }
        statement = insert(schema.badge).values(values)
        self._run(
            lambda: self._connection.execute(
                statement.on_conflict_do_update(index_elements=["badge"], set_=values)
            )
        )

    def revoke(self, badge: str, revoked_ms: int) -> bool:
        """Refuse the badge from now on; False when there is no badge of that id in use."""
        columns = schema.badge.c
        statement = (
            schema.badge.update()
            .where(columns.badge == badge, columns.revoked_ms.is_(None))
            .values(revoked_ms=revoked_ms)
        )
        return self._run(lambda: self._connection.execute(statement).rowcount) > 0

    def badges(self) -> list[BadgeRecord]:
        """All badges ever enrolled, by id; also the revoked ones."""
        statement = sa.select(schema.badge).order_by(schema.badge.c.badge)
        rows = self._run(lambda: self._connection.execute(statement).mappings().all())
        return [BadgeRecord(**row) for row in rows]

    def badge_ids(self) -> list[str]:
        """Ids of all badges in use."""
        return [record.badge for record in self.badges() if record.revoked_ms is None]

    def take_alarm(
        self, alarm: wire.AlarmMessage, frame: bytes, now_ms: int
    ) -> tuple[Incident, bool]:
        """Keep a transmission and the incident it belongs to; True when the incident is new.

        On the disk when it returns. StoreError when nothing could be kept.
        """
        return self._run(lambda: self._take_alarm(alarm, frame, now_ms))

    def incidents(self, badge: str | None = None) -> list[Incident]:
        """The incidents in order of arrival, of one badge or of all."""
        statement = sa.select(schema.incident).order_by(schema.incident.c.id)
        if badge is not None:
            statement = statement.where(schema.incident.c.badge == badge)
        rows = self._run(lambda: self._connection.execute(statement).mappings().all())
        return [Incident(**row) for row in rows]

    def unannounced(self) -> list[Incident]:
        """Incidents whose announcement was not completed, in order of arrival."""
        statement = (
            sa.select(schema.incident)
            .join(schema.unannounced, schema.unannounced.c.incident_id == schema.incident.c.id)
            .order_by(schema.incident.c.id)
        )
        rows = self._run(lambda: self._connection.execute(statement).mappings().all())
        return [Incident(**row) for row in rows]

    def announced(self, incident_id: int) -> None:
        """The listeners have heard of the incident."""
        column = schema.unannounced.c.incident_id
        statement = schema.unannounced.delete().where(column == incident_id)
        self._run(lambda: self._connection.execute(statement))

    def transmissions(self, incident_id: int) -> list[tuple[int, int, bytes]]:
        """(received_ms, attempt, frame) of every transmission of the incident, in order."""
        columns = schema.message.c
        statement = (
            sa.select(columns.received_ms, columns.attempt, columns.frame)
            .where(columns.incident_id == incident_id)
            .order_by(columns.id)
        )
        rows = self._run(lambda: self._connection.execute(statement).all())
        return [(row.received_ms, row.attempt, row.frame) for row in rows]

    def _take_alarm(
        self, alarm: wire.AlarmMessage, frame: bytes, now_ms: int
    ) -> tuple[Incident, bool]:
        table = schema.incident
        wearer = sa.select(schema.badge.c.wearer).where(schema.badge.c.badge == alarm.badge)
        statement = (
            insert(table)
            .values(
                badge=alarm.badge,
                wearer=wearer.scalar_subquery(),
                boot=alarm.boot,
                seq=alarm.seq,
                kind=alarm.kind,
                state=wire.STATUS_RECEIVED,
                test=bool(alarm.flags & wire.FLAG_TEST),
                raised_ms=raised_ms(alarm, now_ms),
                received_ms=now_ms,
                age_ms=alarm.age_ms,
                age_at_least=bool(alarm.flags & wire.FLAG_AGE_AT_LEAST),
                attempt=alarm.attempt,
                peak_mg=alarm.peak_mg,
                tilt_deg=alarm.tilt_deg,
            )
            .on_conflict_do_nothing(index_elements=["badge", "boot", "seq"])
            .returning(table)
        )
        row = self._connection.execute(statement).mappings().one_or_none()
        created = row is not None
        if row is None:
            key = sa.and_(
                table.c.badge == alarm.badge,
                table.c.boot == alarm.boot,
                table.c.seq == alarm.seq,
            )
            row = self._connection.execute(sa.select(table).where(key)).mappings().one()
        incident = Incident(**row)
        if created:
            waiting = schema.unannounced.insert().values(incident_id=incident.id)
            self._connection.execute(waiting)
        self._connection.execute(
            schema.message.insert().values(
                incident_id=incident.id, received_ms=now_ms, attempt=alarm.attempt, frame=frame
            )
        )
        return incident, created

    def _run(self, work: Callable[[], Result]) -> Result:
        with self._mutex:
            try:
                with self._connection.begin():
                    return work()
            except sa.exc.SQLAlchemyError as error:
                raise StoreError(
                    f"The database {self._name} refused ({_cause(error)}): "
                    "free some disk space; alarms are taken again by themselves once it works."
                ) from error

    def _release(self) -> None:
        self._engine.dispose()
        self._lock.release()


def read_badge_ids(paths: StatePaths) -> list[str]:
    """Ids of the badges in use, for a process other than the one that has the Store open."""
    try:
        uri = paths.database.absolute().as_uri() + "?mode=ro"
        connection = sqlite3.connect(uri, uri=True)
        try:
            rows = connection.execute("SELECT badge FROM badge WHERE revoked_ms IS NULL")
            return [row[0] for row in rows]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreError(
            f"Cannot read the database {paths.database} ({error}): "
            "restore it from a backup or choose another --state folder."
        ) from error


def _make_private(file: Path) -> None:
    # The database holds the badges' keys, and SQLite would make it by the umask.
    with contextlib.suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def _make_durable(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)
