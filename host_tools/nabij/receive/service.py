"""The receiver as a whole: database, broker and link, started and stopped in order."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from nabij.enrol import DEFAULT_PORT, take_in
from nabij.errors import NabijError
from nabij.paths import StatePaths
from nabij.pki import Authority, check_host
from nabij.receive.broker import Broker
from nabij.receive.broker_config import write_users
from nabij.receive.incidents import Incident
from nabij.receive.intake import Intake, Outcome
from nabij.receive.lock import LockedError
from nabij.receive.mqtt_link import MqttLink
from nabij.receive.store import Store, StoreError
from nabij.revoke import take_in_revocations

ENROLMENT_POLL_S: Final = 0.5
# An enrolment has the state folder for a moment, another receiver keeps it.
LOCKED_S: Final = 3.0
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104

_log = logging.getLogger("nabij.receiver")


class Receiver:
    """Takes the alarms of enrolled badges: `with Receiver(state) as receiver: ...`.

    `on_incident` is the seam for all that follows: each function in it is called once per new
    incident, after it is in the database and its receipt is on the way, on the link's thread, so
    it must return soon. What was missed while stopped is in `store.incidents()`.
    `link_port` is where the receiver itself meets the broker, when that is not `port`.
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
    ) -> None:
        if host is not None:
            check_host(host)
        self.paths = StatePaths(state)
        self.port = port
        self.on_incident: list[Callable[[Incident], None]] = []
        self._hosts = [name for name in (host, listen) if name and name not in EVERYWHERE]
        self._listen = listen
        self._say = say
        self._link_port = link_port or port
        self._stopping = threading.Event()
        self._undo: list[Callable[[], None]] = []
        self._last_problem = ""

    def start(self) -> None:
        """Start all parts; NabijError, with nothing left running, when one does not start."""
        try:
            self._start()
        except NabijError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all parts in the reverse order; safe to call twice."""
        self._stopping.set()
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
        self.intake = Intake(self.store, self._say)
        write_users(self.paths, self._subject, self.intake.refresh())
        self.broker = Broker(
            self.paths, self._authority, listen=self._listen, port=self.port, say=self._say
        )
        self.broker.start()
        self._undo.append(self.broker.stop)
        for incident in self.store.unannounced():
            self._tell(incident)
        self.link = MqttLink(
            EVERYWHERE.get(self._listen, self._listen),
            self._link_port,
            ca_file=self._authority.ca_file,
            certificate=self._authority.files("receiver"),
            take=self.intake.take,
            after=self._announce,
            say=self._say,
        )
        self.link.start()
        self._undo.append(self.link.stop)
        poll = threading.Thread(target=self._poll_enrolments, name="nabij-enrol", daemon=True)
        poll.start()
        self._undo.append(poll.join)

    def _announce(self, outcome: Outcome) -> None:
        if outcome.incident is not None:
            self._tell(outcome.incident)

    def _tell(self, incident: Incident) -> None:
        for listener in self.on_incident:
            try:
                listener(incident)
            except Exception:  # noqa: BLE001 - one listener's fault is not the next one's
                _log.exception("fault in a listener")
                self._say(f"Incident {incident.id} is kept, but a listener failed on it.")
        try:
            self.store.announced(incident.id)
        except StoreError as error:
            self._say(f"Incident {incident.id} will be told again at the next start. {error}")

    def _poll_enrolments(self) -> None:
        while not self._stopping.wait(ENROLMENT_POLL_S):
            try:
                self._take_in_enrolments()
                self._last_problem = ""
            except (NabijError, OSError) as error:
                # The thread goes on: one file that cannot be read now may be there in a second.
                problem = str(error)
                if problem != self._last_problem:
                    self._say(f"Enrolments cannot be taken in: {problem}")
                self._last_problem = problem

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
    deadline_s = time.monotonic() + LOCKED_S
    while True:
        try:
            return Store(paths)
        except LockedError:
            if time.monotonic() > deadline_s:
                raise
        time.sleep(0.1)
