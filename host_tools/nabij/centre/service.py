"""The receiver as a whole: database, broker and link, started and stopped in order."""

import hashlib
import logging
import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Self

from nabij.centre.clocks import Clock
from nabij.centre.database.lock import LockedError
from nabij.centre.database.retention import DEFAULT_DAYS
from nabij.centre.incidents.handling import Owed
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.news import News
from nabij.centre.link import broker_config
from nabij.centre.link.broker import Broker
from nabij.centre.link.broker_config import write_users
from nabij.centre.link.intake import Intake
from nabij.centre.link.mqtt_link import OLD_CLIENT_ID, MqttLink
from nabij.centre.recurring import Job, RecurringJob, tried
from nabij.centre.register.enrol import DEFAULT_PORT, take_in
from nabij.centre.register.pki import Authority, check_host
from nabij.centre.register.revoke import take_in_revocations
from nabij.centre.store import Store, StoreError
from nabij.centre.watch.connections import LOOK_EVERY_S, ConnectionWatch, Hearers, Known
from nabij.centre.watch.deadlines import GRACE_S, Backlog, DeadlineWatch, ReadsTime
from nabij.centre.watch.quiet import DEFAULT_MIN, QuietWatch, check_minutes
from nabij.centre.watch.requests import RequestWatch
from nabij.errors import NabijError
from nabij.paths import StatePaths, full_disk, write_file

ENROLMENT_POLL_S: Final = 0.5
# An enrolment has the state folder for a moment, another receiver keeps it.
LOCKED_S: Final = 3.0
_LOCK_LOOK_S: Final = 0.1
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104

_log = logging.getLogger("nabij.receiver")


class Receiver:
    """Takes the alarms of enrolled badges: `with Receiver(state) as receiver: ...`.

    `on_incident` and `on_news` are the seam for all that follows: each function in the first is
    called once per new incident, each in the second with whatever else happens to an alarm, after
    it is in the database and its receipt is on the way. They are called by one thread at a time
    and must return soon. What was missed while stopped is in `store.incidents()`.
    `link_port` is where the receiver itself meets the broker, when that is not `port`. `grace_s`
    is how long a deadline that came due meanwhile waits for its badge, `keep_days` how long
    transmissions are kept, `quiet_min` how long a badge on shift may be away.
    """

    def __init__(
        self,
        state: Path,
        *,
        port: int = DEFAULT_PORT,
        host: str | None = None,
        listen: str = "127.0.0.1",
        say: Callable[[str], None] = _log.warning,
        link_port: int | None = None,
        grace_s: float = GRACE_S,
        keep_days: int = DEFAULT_DAYS,
        quiet_min: int = DEFAULT_MIN,
        clock: ReadsTime | None = None,
    ) -> None:
        if host is not None:
            check_host(host)
        self.paths = StatePaths(state)
        self.port = port
        self.on_incident: list[Callable[[Incident], None]] = []
        self.on_news: list[Callable[[News], None]] = []
        self._hosts = [name for name in (host, listen) if name and name not in EVERYWHERE]
        self._listen = listen
        self._say = say
        self._link_port = link_port or port
        self._grace_s = grace_s
        self._keep_days = keep_days
        self._quiet_ms = check_minutes(quiet_min)
        self._clock = clock or Clock()
        self._telling = threading.Lock()
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Start all parts; NabijError, with nothing left running, when one does not start.

        A state folder that was made for this start, and holds no badge yet, goes again.
        """
        is_new = not self.paths.root.exists()
        try:
            self._start()
        except NabijError as error:
            full = full_disk(self.paths.root)
            self.stop()
            if is_new and not self.paths.badges.exists() and not self.paths.enrolments.exists():
                shutil.rmtree(self.paths.root, ignore_errors=True)
            if full is not None:
                raise NabijError(full) from error
            raise

    def stop(self) -> None:
        """Stop all parts in the reverse order; safe to call twice."""
        while self._undo:
            self._undo.pop()()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def _start(self) -> None:
        self.store = _store_of(self.paths)
        self._undo.append(self.store.close)
        self._authority = Authority.open_or_create(self.paths.pki)
        self._authority.ensure_server(self._hosts)
        self._server_stamp = self._server_certificate_stamp()
        self._subject = self._authority.ensure_receiver()
        take_in(self.paths, self.store)
        take_in_revocations(self.paths, self.store)
        self.deadlines = DeadlineWatch(
            self.store,
            self._clock,
            tell=lambda news_id: self._tell((news_id,)),
            say=self._say,
            grace_s=self._grace_s,
            keep_days=self._keep_days,
        )
        self._backlog = Backlog(self._clock.now(), self.deadlines.last_alive)
        last = self.deadlines.last_alive
        self.quiet = QuietWatch(
            self.store,
            self._clock,
            tell=lambda news_id: self._tell((news_id,)),
            say=self._say,
            limit_ms=self._quiet_ms,
            last_ms=None if last is None else last.wall_ms,
        )
        self.intake = Intake(self.store, self._clock, self._backlog, self._say, self.quiet.spoke)
        write_users(self.paths, self._subject, self.intake.refresh())
        self.broker = Broker(
            self.paths, self._authority, listen=self._listen, port=self.port, say=self._say
        )
        self._had_broker = (self.paths.broker / "jetstream").exists()
        self.broker.start()
        self._undo.append(self.broker.stop)
        self._tell(None)
        self.link = self._link(self._client_id(), self._link_is)
        self.link.start()
        self._undo.append(self.link.stop)
        self._retire_old_session()
        self.deadlines.start()
        self._undo.append(self.deadlines.stop)
        self.requests = RequestWatch(
            self.paths, self.store, tell=self._tell, send=self._send, say=self._say
        )
        self.requests.start()
        self._undo.append(self.requests.stop)
        self._connections = ConnectionWatch(
            lambda: self.broker.monitor,
            lambda: Known.of(self.store.badges(), self.link.client_id),
            Hearers(self._say, self.store.owe_again, self._connected),
        )
        for job in (
            Job(
                "nabij-enrol",
                ENROLMENT_POLL_S,
                self._poll_enrolments,
                "Enrolments wait",
                "Enrolments are taken in again.",
            ),
            Job(
                "nabij-connections",
                LOOK_EVERY_S,
                self._watch_connections,
                "Badges are not watched",
                "Badges are watched again.",
            ),
        ):
            recurring = RecurringJob(job, self._say)
            recurring.start()
            self._undo.append(recurring.stop)

    def _link(self, client_id: str, up: Callable[[bool], None]) -> MqttLink:
        return MqttLink(
            EVERYWHERE.get(self._listen, self._listen),
            self._link_port,
            client_id=client_id,
            ca_file=self._authority.ca_file,
            certificate=self._authority.files("receiver"),
            take=self.intake.take,
            after=lambda outcome: self._tell(outcome.news),
            up=up,
            say=self._say,
        )

    def _client_id(self) -> str:
        """The same at each start, and known to nobody who lacks the receiver's private key.

        Another limit is another session: the server keeps that of a session for ever, and holds
        alarms back when the two differ.
        """
        key = self._authority.files("receiver")[1].read_bytes()
        made_of = b"MQTT client id" + key + str(broker_config.MOST_UNACKNOWLEDGED).encode()
        return f"nabij-receiver-{hashlib.sha256(made_of).hexdigest()[:16]}"

    def _retire_old_session(self) -> None:
        """The broker keeps messages for a session that nobody uses any more, for ever."""
        file = self.paths.broker_session
        old = file.read_text() if file.exists() else OLD_CLIENT_ID if self._had_broker else ""
        if old and old != self.link.client_id:
            try:
                self._link(old, lambda _up: None).retire()
            except NabijError as error:
                self._say(error.sentence)
                return
        write_file(file, self.link.client_id.encode(), 0o600)

    def _link_is(self, up: bool) -> None:  # noqa: FBT001 - the link's one argument
        now = self._clock.now()
        self._backlog.up(now) if up else self._backlog.down(now)

    def _send(self, owed: Owed) -> bool:
        """Publish what a badge has yet to be told; True when there is no more to do about it."""
        status = self.intake.status(owed)
        return status is None or self.link.publish(*status)

    def _tell(self, news: tuple[int, ...] | None) -> None:
        """Tell the listeners of these changes, or of all that were not told before."""
        if news == ():
            return
        with self._telling:
            try:
                changes = self.store.news(news)
            except StoreError as error:
                self._say(f"What happened just now will be told at the next start. {error}")
                return
            for change in changes:
                self._tell_one(change)

    def _tell_one(self, change: News) -> None:
        calls: list[Callable[[], None]] = []
        incident = change.incident
        if change.what is What.OPENED and incident is not None:
            calls += [partial(listener, incident) for listener in self.on_incident]
        else:
            calls += [partial(listener, change) for listener in self.on_news]
        named = change.badge if incident is None else f"Incident {incident.id}"
        for call in calls:
            try:
                call()
            except Exception:  # noqa: BLE001 - one listener's fault is not the next one's
                _log.exception("fault in a listener")
                self._say(f"{named} is kept, but a listener failed on it.")
        try:
            self.store.told(change.id)
        except StoreError as error:
            self._say(f"{named} will be told again at the next start. {error}")

    def _connected(self, badges: frozenset[str]) -> None:
        # While the link is down a badge may have ended its shift without our knowing.
        if self.link.wait_subscribed(0):
            self.quiet.look(badges, self.broker.starts)

    def _watch_connections(self) -> None:
        self._connections.look()
        self.quiet.check_sight()

    def _poll_enrolments(self) -> None:
        try:
            self._take_in_enrolments()
        except (NabijError, OSError) as error:
            # One file that cannot be read now may be there in a second.
            raise NabijError(f"Enrolments cannot be taken in: {error}") from error

    def _take_in_enrolments(self) -> None:
        taken = take_in(self.paths, self.store)
        revoked = take_in_revocations(self.paths, self.store)
        stamp = self._server_certificate_stamp()
        if not taken and not revoked and stamp == self._server_stamp:
            return
        self._server_stamp = stamp
        write_users(self.paths, self._subject, self.intake.refresh())
        self.broker.reload()
        for badge in taken:
            self._say(f"Badge {badge} is enrolled and may connect.")
        for badge in revoked:
            self._say(f"Badge {badge} is revoked and no longer let in.")

    def _server_certificate_stamp(self) -> int:
        certificate, _key = self._authority.files("server")
        return certificate.stat().st_mtime_ns


def _store_of(paths: StatePaths) -> Store:
    def free() -> Store | None:
        try:
            return Store(paths)
        except LockedError:
            return None

    # The last try says who has it.
    return tried(free, LOCKED_S, _LOCK_LOOK_S) or Store(paths)
