"""Who is let in: enrolments and revocations are taken in, and the broker told of them."""

import time
from collections.abc import Callable

from nabij.centre.link.broker import Broker
from nabij.centre.link.broker_config import write_users
from nabij.centre.link.floods import REFUSED_MS
from nabij.centre.link.intake import Intake
from nabij.centre.register.enrol import take_in
from nabij.centre.register.pki import Authority
from nabij.centre.register.revoke import take_in_revocations
from nabij.centre.store import Store
from nabij.centre.watch.connections import Known
from nabij.errors import NabijError
from nabij.paths import StatePaths


class Admission:
    """Keeps intake, broker and `known` to who is enrolled. `say` gets a sentence a badge."""

    def __init__(
        self, paths: StatePaths, authority: Authority, store: Store, say: Callable[[str], None]
    ) -> None:
        """Take in what waits; NabijError when that cannot be."""
        self._paths = paths
        self._authority = authority
        self._store = store
        self._say = say
        self._subjects = authority.ensure_receiver(), authority.ensure_observer()
        self._server_stamp = self._server_certificate_stamp()
        take_in(paths, store)
        take_in_revocations(paths, store)
        self.known = Known.of(store.badges())
        # Until when (steady, s) badges that flood are not let in.
        self._held: dict[str, float] = {}

    def write(self, intake: Intake) -> None:
        """Bring intake and the broker's users up to date."""
        self.known = Known.of(self._store.badges())
        subjects = intake.refresh()
        users = {badge: one for badge, one in subjects.items() if badge not in self._held}
        write_users(self._paths, *self._subjects, users)

    def hold_back(self, badge: str, intake: Intake, broker: Broker) -> None:
        """End the badge's connection and refuse it for a while; it is taken in again by `look`."""
        if badge not in self._held:
            self._held[badge] = time.monotonic() + REFUSED_MS / 1000
            self.write(intake)
            broker.reload()

    def look(self, intake: Intake, broker: Broker) -> None:
        """Take in what came since the last look; NabijError when that cannot be."""
        try:
            self._take_in(intake, broker)
        except (NabijError, OSError) as error:
            # One file that cannot be read now may be there in a second.
            raise NabijError(f"Enrolments cannot be taken in: {error}") from error

    def _take_in(self, intake: Intake, broker: Broker) -> None:
        if broker.does_not_start():
            self.write(intake)
            broker.reload()
        taken = take_in(self._paths, self._store)
        revoked = take_in_revocations(self._paths, self._store)
        stamp = self._server_certificate_stamp()
        now_s = time.monotonic()
        back = [badge for badge, end_s in self._held.items() if end_s <= now_s]
        for badge in back:
            del self._held[badge]
        if not taken and not revoked and not back and stamp == self._server_stamp:
            return
        self._server_stamp = stamp
        self.write(intake)
        broker.reload()
        for badge in taken:
            self._say(f"Badge {badge} is enrolled and may connect.")
        for badge in revoked:
            self._say(f"Badge {badge} is revoked and no longer let in.")

    def _server_certificate_stamp(self) -> int:
        certificate, _key = self._authority.files("server")
        return certificate.stat().st_mtime_ns
