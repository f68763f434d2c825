"""Deadlines at the receiver: they come due whatever happens to badge, clock or process."""

from collections.abc import Callable
from typing import Final, Protocol

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import retention
from nabij.centre.incidents.incident import EARLIEST_UTC_S
from nabij.centre.incidents.words import duration
from nabij.centre.recurring import Job
from nabij.centre.store import Store, StoreError
from nabij.centre.watch.arrivals import STEP_MS, Arrivals
from nabij.centre.worker import Worker

TICK_S: Final = 0.5
# What came due while we were down waits this long for badges to connect and say otherwise: they
# try again within a minute.
GRACE_S: Final = 90.0
ALIVE_EVERY_MS: Final = 10_000
PURGE_EVERY_MS: Final = 3_600_000
# The broker hands over what it kept as soon as the link is up.
HANDOVER_MS: Final = 30_000


class ReadsTime(Protocol):
    """A clock."""

    def now(self) -> Moment:
        """The moment it is."""


class Backlog:
    """How long a message can have waited at the broker: since the link was lost, just after."""

    def __init__(self, now: Moment, last: Moment | None) -> None:
        """The link is down, as it was since `last`, when we ran before; None for never."""
        self._down_since_ms = now.steady_ms
        self._up_since_ms: int | None = None
        if last is not None:
            gap_ms = now.steady_ms - last.steady_ms
            if last.epoch != now.epoch:
                gap_ms = now.wall_ms - last.wall_ms
            self._down_since_ms -= max(0, gap_ms)
        self._arrivals = Arrivals(now, self._down_since_ms)

    def up(self, now: Moment) -> None:
        """The link is up."""
        self._up_since_ms = now.steady_ms

    def down(self, now: Moment) -> None:
        """The link is lost; also when it was down already."""
        if self._up_since_ms is not None and now.steady_ms - self._up_since_ms > HANDOVER_MS:
            self._down_since_ms = now.steady_ms
        self._up_since_ms = None

    def look(self, now: Moment) -> None:
        """To be asked often: what waits while the time of day is set is as old as it is."""
        self._arrivals.look(now)

    def waited_ms(self, arrived_ms: int | None, now: Moment) -> int | None:
        """How long ago that was by the broker's time of day; None when that cannot be told."""
        return None if arrived_ms is None else self._arrivals.waited_ms(arrived_ms, now)

    def lag_ms(
        self, message: wire.AlarmMessage, now: Moment, arrived_ms: int | None = None
    ) -> int:
        """How old the message is, which the broker had at that time of day.

        When that is not known, or cannot be, as old as the message can be. A badge's own clock may
        be wrong, so it is believed only within what is possible.
        """
        waited_ms = self.waited_ms(arrived_ms, now)
        if waited_ms is not None:
            return waited_ms
        if self._up_since_ms is not None and now.steady_ms - self._up_since_ms > HANDOVER_MS:
            return 0
        longest_ms = now.steady_ms - self._down_since_ms
        utc_s: int | None = message.utc_s
        if utc_s is None or utc_s < EARLIEST_UTC_S or message.flags & wire.FLAG_AGE_AT_LEAST:
            return longest_ms
        sent_ms: int = utc_s * 1000 + message.age_ms
        return min(max(0, now.wall_ms - sent_ms), longest_ms)


class DeadlineWatch:
    """Opens the incidents of deadlines, and does what else has its time.

    `tell` gets the id of each piece of news, `say` one sentence about what is odd.
    """

    def __init__(
        self,
        store: Store,
        clock: ReadsTime,
        *,
        tell: Callable[[int], None],
        say: Callable[[str], None],
        grace_s: float = GRACE_S,
        keep_days: int = retention.DEFAULT_DAYS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._say = say
        self._keep_ms = keep_days * retention.DAY_MS
        now = clock.now()
        self.last_alive = store.wake(now)
        self._offset_ms = now.wall_ms - now.steady_ms
        self._alive_ms = now.steady_ms
        self._purged_ms: int | None = None
        self._late = {alarm_id for alarm_id, _ in store.due(now)}
        self._late_until_ms = now.steady_ms + round(grace_s * 1000)

    def job(self, worker: Worker) -> Job:
        """What has to recur."""
        return Job(
            "nabij-deadlines",
            TICK_S,
            lambda: worker.run(self.tick),
            "Deadlines are not watched",
            "Deadlines are watched again.",
        )

    def tick(self) -> None:
        """One round, of which there are two a second."""
        now = self._clock.now()
        self._expire(now)
        step_ms = now.wall_ms - now.steady_ms - self._offset_ms
        if abs(step_ms) >= STEP_MS:
            self._store.mark_alive(now, step_ms)
            self._offset_ms += step_ms
            self._alive_ms = now.steady_ms
            way = "forward" if step_ms > 0 else "back"
            self._say(
                f"The clock of this machine was set {way} by {duration(abs(step_ms))}; "
                "deadlines keep the time they had left."
            )
        elif now.steady_ms - self._alive_ms >= ALIVE_EVERY_MS:
            self._store.mark_alive(now)
            self._alive_ms = now.steady_ms
        rested = self._purged_ms is not None and now.steady_ms - self._purged_ms < PURGE_EVERY_MS
        # A batch a round, so that alarms get their turn in between.
        if not rested and not self._store.purge(now.wall_ms - self._keep_ms):
            self._purged_ms = now.steady_ms

    def _expire(self, now: Moment) -> None:
        due = self._store.due(now)
        if now.steady_ms < self._late_until_ms:
            due = [(alarm_id, badge) for alarm_id, badge in due if alarm_id not in self._late]
        for alarm_id, badge in due:
            try:
                news_id = self._store.expire(alarm_id, now)
            except StoreError as error:
                raise StoreError(
                    f"A DEADLINE OF BADGE {badge} CAME DUE and cannot be kept. {error.sentence}"
                ) from error
            if news_id is not None:
                self._tell(news_id)
