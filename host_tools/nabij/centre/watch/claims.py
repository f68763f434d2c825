"""Ends the claims that ran out, so that what nobody looks after comes back."""

from collections.abc import Callable
from typing import Final

from nabij.centre.incidents import claims
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.watch.deadlines import ReadsTime
from nabij.centre.worker import Worker

LOOK_S: Final = 1.0


class ClaimWatch:
    """Looks each second. `tell` gets the ids of the news, on the worker's thread."""

    def __init__(
        self, store: Store, clock: ReadsTime, tell: Callable[[tuple[int, ...]], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell

    def job(self, worker: Worker) -> Job:
        """What has to recur."""
        return Job(
            "nabij-claims",
            LOOK_S,
            lambda: worker.run(self.look),
            "Claims that ran out are not ended",
            "Claims that ran out are ended again.",
        )

    def look(self) -> None:
        """One round."""
        now_ms = self._clock.now().wall_ms
        news = self._store.write(lambda connection: claims.expire(connection, now_ms))
        if news:
            self._tell(news)
