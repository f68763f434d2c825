"""How a receiver and badges come to a broker: one of the receiver's own, or several it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nabij.centre.link.admission import Admission
from nabij.centre.link.broker import Broker
from nabij.centre.link.door import Door
from nabij.centre.link.intake import Intake
from nabij.centre.link.named import NamedBrokers
from nabij.centre.link.shared_admission import SharedAdmission
from nabij.centre.register.pki import Authority
from nabij.centre.store import Store
from nabij.centre.watch.connections import Known
from nabij.paths import StatePaths


@dataclass(frozen=True)
class Place:
    """Where a broker of our own listens, for which names, and where we meet it (None: there)."""

    listen: str
    port: int
    hosts: tuple[str, ...]
    link_port: int | None


class Access(Protocol):
    """What a receiver needs of either."""

    @property
    def broker(self) -> Broker | NamedBrokers:
        """Who is asked to mend itself."""

    @property
    def known(self) -> Known:
        """Who is enrolled."""

    @property
    def replicas(self) -> int:
        """On how many brokers each message is kept."""

    def start(self, intake: Intake) -> None:
        """Have a broker that lets in who is enrolled; NabijError when there is none."""

    def stop(self) -> None:
        """End what `start` began; safe to call twice."""

    def door(self, name: str) -> Door:
        """The way in, as "receiver" or "observer"."""

    def hold_back(self, badge: str) -> None:
        """End the badge's connection, and refuse it for a while."""

    def look(self) -> None:
        """Take in who was enrolled or revoked since the last look."""

    def renew(self) -> None:
        """Make new certificates of our own for those that end soon; the broker sees that."""


class OwnAccess:
    """A broker that the receiver starts, watches and tells whom to let in."""

    replicas = 1

    def __init__(
        self, paths: StatePaths, store: Store, place: Place, say: Callable[[str], None]
    ) -> None:
        self._authority = Authority.open_or_create(paths.pki)
        self._hosts = place.hosts
        self._authority.ensure_server(place.hosts)
        self._admission = Admission(paths, self._authority, store, say)
        self._link_port = place.link_port
        self.broker = Broker(paths, self._authority, listen=place.listen, port=place.port, say=say)

    @property
    def known(self) -> Known:
        return self._admission.known

    def start(self, intake: Intake) -> None:
        self._intake = intake
        self._admission.write(intake)
        self.broker.start()

    def stop(self) -> None:
        self.broker.stop()

    def door(self, name: str) -> Door:
        return Door(self._port, self._authority.ca_file, self._authority.files(name))

    def hold_back(self, badge: str) -> None:
        self._admission.hold_back(badge, self._intake, self.broker)

    def look(self) -> None:
        self._admission.look(self._intake, self.broker)

    def renew(self) -> None:
        self._authority.ensure_server(self._hosts)
        self._authority.ensure_receiver()
        self._authority.ensure_observer()

    def _port(self) -> int | None:
        port = self.broker.link_port
        return port if port is None or self._link_port is None else self._link_port


class SharedAccess:
    """Brokers that run by themselves, and that other receivers use too."""

    def __init__(
        self,
        paths: StatePaths,
        store: Store,
        urls: tuple[str, ...],
        pki: Path | None,
        say: Callable[[str], None],
    ) -> None:
        self.broker = NamedBrokers(urls, pki or paths.pki, say)
        self._admission = SharedAdmission(paths, store, say)

    @property
    def known(self) -> Known:
        return self._admission.known

    @property
    def replicas(self) -> int:
        return self.broker.replicas

    def start(self, intake: Intake) -> None:
        self._intake = intake
        self._admission.write(intake)

    def stop(self) -> None:
        """They are not ours to stop."""

    def door(self, name: str) -> Door:
        return Door.to(self.broker.urls, self.broker.ca_file, self.broker.files(name))

    def hold_back(self, badge: str) -> None:
        self._admission.hold_back(badge)

    def look(self) -> None:
        self._admission.look(self._intake)

    def renew(self) -> None:
        """Their certificates are made by `nabij cluster`, and none of them is ours."""
