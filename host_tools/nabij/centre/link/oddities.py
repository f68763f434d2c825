"""What is odd about a badge: it is refused, said, and kept as an incident."""

from collections.abc import Callable

from nabij.centre.incidents.words import FLOOD, TWICE
from nabij.centre.store import Store
from nabij.centre.watch.deadlines import ReadsTime
from nabij.errors import NabijError


class Oddities:
    """Opens the incident of each, unless one is open; `tell` gets the ids of the news.

    For the worker's thread.
    """

    def __init__(
        self,
        store: Store,
        clock: ReadsTime,
        *,
        tell: Callable[[tuple[int, ...]], None],
        say: Callable[[str], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._say = say

    def flood(self, badge: str, hold_back: Callable[[], None]) -> None:
        """It sends more than it has reason to: `hold_back` refuses it for a while."""
        note = "It sends more than a badge has reason to and is refused for 10 s at a time."
        try:
            hold_back()
            self._notice(badge, FLOOD, note)
        except NabijError as error:
            self._say(f"BADGE {badge} FLOODS, and that cannot be kept. {error.sentence}")

    def twice(self, badge: str, places: list[str]) -> None:
        """Its client id is used from two places at once."""
        note = f"Two connections take its client id from each other, from {' and '.join(places)}."
        self._notice(badge, TWICE, note)

    def _notice(self, badge: str, kind: int, note: str) -> None:
        news = self._store.notice(badge, kind, self._clock.now(), note)
        if news is not None:
            self._say(f"BADGE {badge}: {note} See its incident.")
            self._tell((news,))
