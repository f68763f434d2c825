"""The receiver's database: badges, incidents, and every transmission that was received."""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import duties, engines, events, retention, schema, sqlite
from nabij.centre.database.engines import DATABASE_ERRORS, cause
from nabij.centre.database.lock import FolderLock, LockedError
from nabij.centre.database.migrate import prepare
from nabij.centre.database.place import Place, choose, place_of
from nabij.centre.database.postgresql import Use
from nabij.centre.database.remedies import remedy
from nabij.centre.database.statements import lock_badges, upsert
from nabij.centre.incidents import (
    alarms,
    alive,
    deadlines,
    handling,
    news,
    own_incident,
    quiet_incident,
    rows,
    shifts,
    standing,
)
from nabij.centre.incidents.alarms import Taken
from nabij.centre.incidents.handling import Action, Owed
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.news import News
from nabij.centre.incidents.quotas import Quotas
from nabij.centre.incidents.shifts import Shift
from nabij.centre.incidents.standing import Standing
from nabij.centre.recurring import tried
from nabij.errors import NabijError
from nabij.paths import StatePaths, full_disk, make_folder

Result = TypeVar("Result")
_MOST_READ: Final = 1_000
# An enrolment has the state folder for a moment, another receiver keeps it.
LOCKED_S: Final = 3.0
_LOCK_LOOK_S: Final = 0.1
ON_A_SERVER: Final = "The records are on a server: back that up with pg_dump."


class StoreError(NabijError):
    """The database refused; nothing of the transaction was kept.

    `of_all`: it refuses whatever it is asked just now (disk full, locked, damaged).
    """

    def __init__(self, sentence: str, *, of_all: bool = True) -> None:
        super().__init__(sentence)
        self.of_all = of_all


@dataclass(frozen=True)
class BadgeRecord:
    """What the receiver keeps of a badge: its key (32 bytes) and its certificate's subject.

    `revoked_ms` is when its certificate and messages began to be refused, None for one in use.
    `keepalive_s` is what its newest hello told.
    """

    badge: str
    hmac_key: bytes
    subject: str
    wearer: str
    enrolled_ms: int
    revoked_ms: int | None = None
    keepalive_s: int | None = None


class Store:
    """The database by one connection of one process, each transaction on the disk when it returns.

    One connection only: SQLite before 3.51.3 can damage a WAL database that two connections write
    or checkpoint at once. One to PostgreSQL that broke is made anew by the next transaction. Safe
    to use from several threads.
    """

    def __init__(
        self, paths: StatePaths, database: str | None = None, use: Use = Use.SOLE
    ) -> None:
        """Open or make the database; LockedError when another process has it.

        `database` is the URL of a server, remembered from then on; without it the one that is
        remembered, else a file of the state folder. `use` says who else may have that server's.
        """
        make_folder(paths.root)
        self._paths = paths
        self._lock = FolderLock(paths.lock)
        self._mutex = threading.RLock()
        # How many incidents a badge may make; None for any number.
        self.quotas: Quotas | None = None
        self._listeners: set[str] = set()
        self._engine: sa.Engine | None = None
        try:
            if database is not None:
                choose(paths, database)
            self._place = place_of(paths)
            self._name = self._place.name
            self._engine = engines.owned(self._place, use)
            self._connection = self._engine.connect()
            with self._connection.begin():
                prepare(self._connection, self._name)
        except DATABASE_ERRORS as error:
            self._release()
            raise cannot_open(paths, self._place, error) from error
        except NabijError:
            self._release()
            raise

    def close(self) -> None:
        """Close the database and give up the state folder; safe to call twice."""
        with self._mutex:
            self._connection.close()
            self._release()

    @contextlib.contextmanager
    def batch(self, badges: Collection[str] = ()) -> Iterator[None]:
        """Make one transaction of all that this thread does meanwhile, on the disk at the end.

        Nothing is kept when anything raises, a StoreError of the end included. `badges` are those
        that it is about.
        """
        with self._mutex, self._refusals(), self._connection.begin():
            lock_badges(self._connection, badges)
            yield

    def enrol(self, record: BadgeRecord) -> None:
        """Keep the badge, in place of an earlier record of the same id."""
        values = {
            "hmac_key": record.hmac_key,
            "subject": record.subject,
            "wearer": record.wearer,
            "enrolled_ms": record.enrolled_ms,
            "revoked_ms": record.revoked_ms,
        }
        statement = upsert(schema.badge, {"badge": record.badge}, values)

        def keep() -> None:
            shifts.forget(self._connection, record.badge, unless_key=record.hmac_key)
            self._connection.execute(statement)

        self._run(keep)

    def revoke(self, badge: str, revoked_ms: int) -> bool:
        """Refuse the badge from now on; False when there is no badge of that id in use."""
        columns = schema.badge.c
        statement = (
            schema.badge.update()
            .where(columns.badge == badge, columns.revoked_ms.is_(None))
            .values(revoked_ms=revoked_ms)
        )

        def end() -> int:
            shifts.forget(self._connection, badge)
            return self._connection.execute(statement).rowcount

        return self._run(end) > 0

    def badges(self) -> list[BadgeRecord]:
        """All badges ever enrolled, by id; also the revoked ones."""
        statement = sa.select(schema.badge).order_by(schema.badge.c.badge)
        found = self._run(lambda: self._connection.execute(statement).mappings().all())
        return [BadgeRecord(**row) for row in found]

    def badge_ids(self) -> list[str]:
        """Ids of all badges in use."""
        return [record.badge for record in self.badges() if record.revoked_ms is None]

    def take(
        self, message: wire.AlarmMessage, frame: bytes, now: Moment, lag_ms: int = 0
    ) -> Taken:
        """Keep a transmission and all it changes; on the disk when it returns.

        `lag_ms` is how long it had waited before it came. StoreError when nothing could be kept.
        """
        return self._run(
            lambda: alarms.take(self._connection, message, frame, now, lag_ms, self.quotas)
        )

    def due(self, now: Moment) -> list[tuple[int, str]]:
        """(id, badge) of the alarms whose deadline has come due; others' are taken over."""

        def find() -> list[sa.RowMapping]:
            alive.adopt(self._connection, now)
            return deadlines.due(self._connection, now)

        return [(row["id"], row["badge"]) for row in self._run(find)]

    def expire(self, alarm_id: int, now: Moment) -> int | None:
        """Make the incident of a deadline that came due; the id of the news, if there is any."""
        return self._run(lambda: deadlines.expire(self._connection, alarm_id, now, self.quotas))

    def running(self) -> int:
        """How many deadlines run."""
        return self._run(lambda: deadlines.running(self._connection))

    def shifts(self) -> list[Shift]:
        """The badges on shift, and those of which it has yet to be told that they are back."""
        return self._run(lambda: shifts.running(self._connection))

    def end_shift(self, badge: str) -> None:
        """The shift is over, and the badge was heard after its end."""
        self._run(lambda: shifts.end(self._connection, badge))

    def note_lost(self, lost: Mapping[str, int]) -> None:
        """Badges on shift are not connected any more, each since a time in ms."""
        self._run(lambda: shifts.note_lost(self._connection, lost))

    def note_found(self, badges: Collection[str]) -> None:
        """Badges are connected again before anybody was told that they were not."""
        self._run(lambda: shifts.note_found(self._connection, badges))

    def gone_quiet(self, badge: str, now: Moment) -> int | None:
        """Make the incident of a silence; the id of the news, None when there is one already."""
        return self._run(lambda: quiet_incident.begin(self._connection, badge, now))

    def heard_again(self, badge: str, now: Moment) -> int | None:
        """A badge whose silence is an incident is back; the id of the news."""
        return self._run(lambda: quiet_incident.end(self._connection, badge, now))

    def notice(self, badge: str, kind: int, now: Moment, note: str) -> int | None:
        """Open the incident of something odd about a badge, unless one is open; the news' id."""
        return self._run(lambda: own_incident.notice(self._connection, badge, kind, now, note))

    def wake(self, now: Moment) -> Moment | None:
        """Take over the deadlines of an earlier run; when that was last alive, None if never."""
        return self._run(lambda: alive.wake(self._connection, now))

    def mark_alive(self, now: Moment, step_ms: int = 0) -> None:
        """Keep that the receiver runs, and that the time of day was set by `step_ms` meanwhile."""
        self._run(lambda: alive.mark(self._connection, now, step_ms))

    def prove_alive(self, now: Moment) -> None:
        """As mark_alive, of a receiver that does not look whether the time of day was set."""
        self._run(lambda: alive.prove(self._connection, now))

    def purge(self, before_ms: int) -> int:
        """Remove some of what is older than that; returns how much, 0 when nothing is left."""
        listeners = tuple(self._listeners)
        return self._run(lambda: retention.purge(self._connection, before_ms, listeners=listeners))

    def take_action(self, action: Action) -> int | None:
        """The centre moves an incident on; the id of the news, None when that was done before.

        Closing it ends its deadline too. ActionRefusedError when it only goes the other way.
        """
        return self._run(lambda: handling.apply(self._connection, action))

    def owed(self) -> list[Owed]:
        """What badges have yet to be told of what the centre did."""
        return self._run(lambda: handling.owed(self._connection))

    def paid(self, told: Owed) -> None:
        """The broker keeps that for the badge."""
        self._run(lambda: handling.paid(self._connection, told))

    def owe_again(self, came: Mapping[str, int]) -> None:
        """Tell badges that connected anew, each at a time in ms, what the centre did before."""
        self._run(lambda: handling.owe_again(self._connection, came))

    def standings(self, badge: str, heard: Iterable[wire.Standing]) -> tuple[Standing, ...]:
        """How alarms of a badge stand, given what it has heard of them; of none: its newest."""
        return self._run(lambda: standing.told(self._connection, badge, heard))

    def read(self, work: Callable[[sa.Connection], Result]) -> Result:
        """What `work` reads by the one connection, or changes: in one transaction."""
        return self._run(lambda: work(self._connection))

    write = read

    def copy(self, file: Path) -> None:
        """Write the records to a new file while alarms go on; on a thread of the caller's own.

        NabijError when they are kept on a server, which has ways of its own.
        """
        raw = self._connection.connection.driver_connection
        if not self._place.is_file or raw is None:
            raise NabijError(ON_A_SERVER)
        try:
            sqlite.copy(raw, file)
        except (*DATABASE_ERRORS, OSError) as error:
            raise StoreError(f"The records cannot be copied to {file} ({error}).") from error

    def has_duty(self, duty: str) -> bool:
        """Whether this receiver has a duty of `database.duties` now, which one has at a time."""
        return self._run(lambda: duties.take(self._connection, duty))

    def incidents(self, badge: str | None = None) -> list[Incident]:
        """The incidents in order of arrival, of one badge or of all."""
        return self._run(lambda: rows.of_badge(self._connection, badge))

    def news(self, ids: tuple[int, ...]) -> list[News]:
        """What happened under these ids, in order."""
        return self._run(lambda: news.read(self._connection, ids))

    def untold(self, listener: str = events.TERMINAL) -> list[News]:
        """What a listener has yet to be told, in order."""

        def read() -> list[News]:
            after = self.cursor(listener)
            ids = [event_id for event_id, _ in events.after(self._connection, after, _MOST_READ)]
            return news.read(self._connection, tuple(ids))

        return self._run(read)

    def begin_listener(self, name: str, now_ms: int) -> int:
        """Up to which event a listener was told; a new one hears of what happens from now on."""
        told_id = self._run(lambda: events.begin(self._connection, name, now_ms))
        self._listeners.add(name)
        return told_id

    def end_listener(self, name: str) -> None:
        """No event waits for that listener any more."""
        self._run(lambda: events.end(self._connection, name))
        self._listeners.discard(name)

    def cursor(self, name: str) -> int:
        """Up to which event a listener that has begun was told."""
        told_id = sa.select(schema.listener.c.told_id).where(schema.listener.c.name == name)
        return self._run(lambda: int(self._connection.execute(told_id).scalar_one()))

    def events_after(self, told_id: int, limit: int) -> list[tuple[int, int]]:
        """(id, alarm_id) of the events after that one, oldest first."""
        return self._run(lambda: events.after(self._connection, told_id, limit))

    def told(self, listener: str, told_id: int) -> None:
        """The listener was told of all events up to that one."""
        self._run(lambda: events.told(self._connection, listener, told_id))

    def transmissions(self, incident_id: int) -> list[tuple[int, int, bytes]]:
        """(received_ms, attempt, frame) of every transmission of the incident, in order."""
        return self._run(lambda: rows.transmissions(self._connection, incident_id))

    def _run(self, work: Callable[[], Result]) -> Result:
        with self._mutex, self._refusals():
            if self._connection.in_transaction():
                return work()
            with self._connection.begin():
                return work()

    @contextlib.contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            what = remedy(self._place, cause(error), self._paths.root)
            raise StoreError(
                f"The database {self._name} refused ({cause(error)}): {what}; "
                "alarms are taken again by themselves once it works.",
                of_all=isinstance(error, sa.exc.OperationalError),
            ) from error
        except LockedError as error:
            # The connection was lost, and somebody took the database over meanwhile.
            raise StoreError(error.sentence) from error

    def _release(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        self._lock.release()


def store_once_free(paths: StatePaths, database: str | None, use: Use) -> Store:
    """The store; LockedError when somebody else still has it after LOCKED_S."""

    def free() -> Store | None:
        try:
            return Store(paths, database, use)
        except LockedError:
            return None

    # The last try says who has it.
    return tried(free, LOCKED_S, _LOCK_LOOK_S) or Store(paths, database, use)


def cannot_open(paths: StatePaths, place: Place, error: Exception, to: str = "use") -> StoreError:
    """Why it cannot be had, and what to do."""
    if not place.is_file:
        return StoreError(
            f"Cannot {to} the database {place.name} ({cause(error)}): see that it runs and lets "
            "this machine and this user in, or give another --database."
        )
    full = full_disk(paths.root, told="disk is full" in str(error))
    if full is not None:
        return StoreError(full)
    return StoreError(
        f"Cannot {to} the database {place.name} ({cause(error)}): "
        "restore it from a backup or choose another --state folder."
    )
