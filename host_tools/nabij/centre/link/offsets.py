"""What badges are told of local time where they are."""

from typing import Final

from nabij.centre.clocks import Moment
from nabij.centre.people import zones
from nabij.centre.store import Store, StoreError
from nabij.errors import UsageError

# Who moves to another site waits so long for its time, and then for the badge's next word.
LOOK_MS: Final = 60_000


class Offsets:
    """The zones of badges, read now and then. Not for two threads."""

    def __init__(self, store: Store, now: Moment) -> None:
        self._store = store
        self._zones: dict[str, str] = {}
        self._look(now)

    def quarters(self, badge: str, now: Moment) -> int | None:
        """Quarters of an hour that it is ahead of UTC-12:00 there; None where no zone is known."""
        if now.steady_ms - self._looked_ms >= LOOK_MS:
            self._look(now)
        zone = self._zones.get(badge)
        if zone is None:
            return None
        try:
            return zones.offset_quarters(zone, now.wall_ms)
        except UsageError:
            # Named on a machine that knows it, of several; the badge goes by what it was told.
            return None

    def _look(self, now: Moment) -> None:
        # A database that refuses is complained of by those who keep alarms in it.
        self._looked_ms = now.steady_ms
        try:
            self._zones = self._store.read(zones.of_badges)
        except StoreError:
            return
