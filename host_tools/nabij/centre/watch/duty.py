"""The duty to watch, which one of several receivers has at a time: deadlines and quiet badges."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Self

from nabij.centre.clocks import Moment
from nabij.centre.database import duties
from nabij.centre.incidents import shifts
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.watch.deadlines import ALIVE_EVERY_MS, TICK_S, DeadlineWatch, ReadsTime
from nabij.centre.watch.quiet import FRESH_MS, QuietWatch
from nabij.centre.worker import Worker
from nabij.errors import NabijError

# Whom another receiver heard is told to the one that watches so often.
HEARD_EVERY_MS: Final = 5_000
# Deadlines, dates and certificates go by the time of day of each machine.
MOST_APART_MS: Final = 2_000
CLOCK_S: Final = 60.0


@dataclass(frozen=True)
class Terms:
    """How long a deadline waits for its badge, transmissions are kept, a badge may be away."""

    grace_s: float
    keep_days: int
    quiet_ms: int


@dataclass(frozen=True)
class Watches:
    """What is watched by duty."""

    deadlines: DeadlineWatch
    quiet: QuietWatch

    @classmethod
    def begin(
        cls,
        store: Store,
        clock: ReadsTime,
        terms: Terms,
        tell: Callable[[tuple[int, ...]], None],
        say: Callable[[str], None],
    ) -> Self:
        """Take both up where whoever watched before left them."""
        deadlines = DeadlineWatch(
            store,
            clock,
            tell=lambda news_id: tell((news_id,)),
            say=say,
            grace_s=terms.grace_s,
            keep_days=terms.keep_days,
        )
        last = deadlines.last_alive
        quiet = QuietWatch(
            store,
            clock,
            tell=lambda news_id: tell((news_id,)),
            say=say,
            limit_ms=terms.quiet_ms,
            last_ms=None if last is None else last.wall_ms,
        )
        return cls(deadlines, quiet)


class Duty:
    """Watches as long as the duty is ours. `begin` makes the watches anew at each take-over.

    So a hand-over is as a restart: what came due meanwhile has its grace, quiet badges have the
    whole time anew. `say` gets a sentence. All but `spoke` are for the database's thread.
    """

    def __init__(
        self,
        store: Store,
        clock: ReadsTime,
        begin: Callable[[], Watches],
        say: Callable[[str], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._begin = begin
        self._say = say
        self._mutex = threading.Lock()
        self._heard: dict[str, int] = {}
        self._alive_ms: int | None = None
        self._told_ms: int | None = None
        self.watches: Watches | None = None

    @property
    def is_ours(self) -> bool:
        """As of the last look."""
        return self.watches is not None

    def take(self) -> bool:
        """Take the duty if nobody has it; whether it is ours."""
        if not self._store.has_duty(duties.WATCHING):
            if self.watches is not None:
                self._say("Another receiver watches deadlines and quiet badges now.")
            self.watches = None
        elif self.watches is None:
            self.watches = self._begin()
        return self.is_ours

    def job(self, worker: Worker, at_each: Callable[[Moment], None]) -> Job:
        """What has to recur; `at_each` is given the moment of each round, duty or not."""

        def work() -> None:
            at_each(self._clock.now())
            self.look()

        return Job(
            "nabij-deadlines",
            TICK_S,
            lambda: worker.run(work),
            "Deadlines are not watched",
            "Deadlines are watched again.",
        )

    def alone(self, job: Job) -> Job:
        """The same job, done only while the duty is ours."""

        async def work() -> None:
            if self.is_ours:
                await job.work()

        return replace(job, work=work)

    def clock_job(self, worker: Worker) -> Job:
        """What has to recur where the database is on another machine."""
        return Job(
            "nabij-clock",
            CLOCK_S,
            lambda: worker.run(self.compare_clocks),
            "The clock of this machine is not compared with that of the database",
            "The clock of this machine agrees with that of the database.",
        )

    def look(self) -> None:
        """One round, of which there are two a second."""
        was_ours = self.is_ours
        self.take()
        if self.watches is not None:
            if not was_ours and self._told_ms is not None:
                self._say("This receiver watches deadlines and quiet badges now.")
            self.watches.deadlines.tick()
        else:
            self._stand_by()

    def spoke(self, badge: str, lag_ms: int) -> None:
        """A new message of the badge was taken in. For any thread."""
        watches = self.watches
        if watches is not None:
            watches.quiet.spoke(badge, lag_ms)
        elif lag_ms <= FRESH_MS:
            with self._mutex:
                self._heard[badge] = self._clock.now().wall_ms

    def compare_clocks(self) -> None:
        """NabijError when the time of day here is not that of the database's machine."""
        theirs_ms = self._store.read(duties.time_of_day_ms)
        if theirs_ms is None:
            return
        apart_ms = abs(self._clock.now().wall_ms - theirs_ms)
        if apart_ms > MOST_APART_MS:
            raise NabijError(
                f"THE CLOCK OF THIS MACHINE IS {apart_ms / 1000:.0f} s FROM THAT OF THE DATABASE: "
                "alarms are dated wrongly and deadlines come due too early; have both set by NTP."
            )

    def _stand_by(self) -> None:
        now = self._clock.now()
        if self._alive_ms is None or now.steady_ms - self._alive_ms >= ALIVE_EVERY_MS:
            self._store.mark_alive(now)
            self._alive_ms = now.steady_ms
        if self._told_ms is not None and now.steady_ms - self._told_ms < HEARD_EVERY_MS:
            return
        with self._mutex:
            heard, self._heard = self._heard, {}
        if heard:
            self._store.write(partial(shifts.note_heard, heard=heard))
        self._told_ms = now.steady_ms
