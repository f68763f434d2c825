"""Looks whose permit is missing: badges are answered with it, and supervisors are told once."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import sqlalchemy as sa

from nabij.centre.clocks import Clock, Moment
from nabij.centre.database import duties, people_schema, schema
from nabij.centre.incidents import own_incident
from nabij.centre.incidents.own_incident import RECEIVER
from nabij.centre.incidents.words import PERMIT
from nabij.centre.people import assignments, audit
from nabij.centre.recurring import Job
from nabij.centre.store import Store, StoreError
from nabij.centre.watch.deadlines import ReadsTime
from nabij.centre.workforce import lapses

LOOK_S: Final = 30.0
# A shift is not longer: who is told at its beginning is told again at the next.
AGAIN_MS: Final = 12 * 3_600_000
TOLD: Final = "told of a missing permit"


class PermitWatch:
    """Answers what each badge is to be told, as of the last look, from any thread."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._found: Mapping[str, tuple[str, ...]] = {}

    def lacks(self, badge: str) -> bool:
        """Whether its wearer lacks a permit for the work of now."""
        return badge in self._found

    def job(self, store: Store, tell_news: Callable[[tuple[int, ...]], None]) -> Job:
        """What has to recur; `tell_news` gets the ids of the news."""
        clock = Clock()
        work = partial(self.look, store, clock, tell_news)
        try:
            # Badges come back before the first round is due.
            self._read(store, clock.now())
        except StoreError as error:
            self._say(error.sentence)
        return Job(
            "nabij-permits",
            LOOK_S,
            lambda: asyncio.to_thread(work),
            "Nobody is told of permits that are missing",
            "Permits that are missing are told of again.",
        )

    def look(
        self, store: Store, clock: ReadsTime, tell_news: Callable[[tuple[int, ...]], None]
    ) -> None:
        """One round."""
        now = clock.now()
        self._read(store, now)
        if self._found:
            news = store.write(lambda one: tell(one, self._found, now))
            if news:
                tell_news(news)

    def _read(self, store: Store, now: Moment) -> None:
        self._found = store.read(lambda one: lapses.of_badges(one, now.wall_ms))


def tell(
    connection: sa.Connection, found: Mapping[str, tuple[str, ...]], now: Moment
) -> tuple[int, ...]:
    """Open the incident of each of them who is on shift, once a shift; the ids of the news.

    Of several receivers the one that watches does.
    """
    if not duties.take(connection, duties.WATCHING):
        return ()
    news = []
    for badge in _on_shift(connection):
        holder = assignments.now(connection, badge)
        if badge not in found or holder is None:
            continue
        if _was_told(connection, holder.person_id, now.wall_ms):
            continue
        words = "; ".join(found[badge])
        note = f"An SOS works all the same; {words}."
        event = own_incident.notice(connection, badge, PERMIT, now, note)
        if event is not None:
            news.append(event)
        audit.add(
            connection, now.wall_ms, RECEIVER, TOLD, person_id=holder.person_id, detail=words
        )
    return tuple(news)


def _on_shift(connection: sa.Connection) -> list[str]:
    watch = schema.watch.c
    statement = sa.select(watch.badge).where(watch.due_steady_ms.is_not(None))
    return list(connection.execute(statement.order_by(watch.badge)).scalars())


def _was_told(connection: sa.Connection, person_id: int, now_ms: int) -> bool:
    line = people_schema.audit.c
    mine = sa.and_(line.person_id == person_id, line.what == TOLD, line.at_ms > now_ms - AGAIN_MS)
    return connection.execute(sa.select(line.id).where(mine)).first() is not None
