"""Who is let in by brokers that several receivers share: each node reads it in the database."""

from collections.abc import Callable

from nabij.centre.clocks import Clock
from nabij.centre.database import admitted
from nabij.centre.link.intake import Intake
from nabij.centre.register.enrol import take_in
from nabij.centre.register.revoke import take_in_revocations
from nabij.centre.store import Store
from nabij.centre.watch.connections import Known
from nabij.errors import NabijError
from nabij.paths import StatePaths


class SharedAdmission:
    """Keeps intake and `known` to who is enrolled, here or by others. `say` gets a sentence."""

    def __init__(self, paths: StatePaths, store: Store, say: Callable[[str], None]) -> None:
        """Take in what waits in this state folder; NabijError when that cannot be."""
        self._paths = paths
        self._store = store
        self._say = say
        take_in(paths, store)
        take_in_revocations(paths, store)
        self._stamp = store.read(admitted.stamp)
        self.known = Known.of(store.badges())

    def write(self, intake: Intake) -> None:
        """Bring the intake up to date."""
        self._stamp = self._store.read(admitted.stamp)
        self.known = Known.of(self._store.badges())
        intake.refresh()

    def hold_back(self, badge: str) -> None:
        """Have each node end the badge's connection and refuse it for a while."""
        now_ms = Clock().now().wall_ms
        self._store.write(lambda connection: admitted.hold(connection, badge, now_ms))

    def look(self, intake: Intake) -> None:
        """Take in what came since the last look; NabijError when that cannot be."""
        try:
            taken = take_in(self._paths, self._store)
            revoked = take_in_revocations(self._paths, self._store)
        except (NabijError, OSError) as error:
            raise NabijError(f"Enrolments cannot be taken in: {error}") from error
        if self._store.read(admitted.stamp) != self._stamp:
            self.write(intake)
        for badge in taken:
            self._say(f"Badge {badge} is enrolled and may connect within seconds.")
        for badge in revoked:
            self._say(f"Badge {badge} is revoked and soon no longer let in.")
