"""Hand-over at work, as a part of a receiver: what happens is queued, sent, and seen to arrive."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol, TypeVar

import sqlalchemy as sa

from nabij.centre import asking
from nabij.centre.database import duties
from nabij.centre.escalation import rounds
from nabij.centre.handover import desk, files, messages, rows
from nabij.centre.handover.arcs import Arc
from nabij.centre.handover.frame import SIA_DCS, Frame
from nabij.centre.handover.line import Said
from nabij.centre.handover.messages import More
from nabij.centre.handover.route import Route
from nabij.centre.handover.rows import Row, What
from nabij.centre.incidents import links, own_incident, whereabouts
from nabij.centre.incidents.news import News
from nabij.centre.recurring import Job
from nabij.centre.store import Store
from nabij.centre.worker import Worker
from nabij.errors import NabijError
from nabij.paths import StatePaths

# Its name among the listeners.
NAME: Final = "handover"
ROUND_S: Final = 0.25
STOP_S: Final = 10.0
# A centre that has not answered for so long is told of, unless its supervision is shorter.
SILENT_S: Final = 30.0
Result = TypeVar("Result")


class Place(Protocol):
    """Where incidents are: a receiver that runs."""

    @property
    def store(self) -> Store: ...

    @property
    def paths(self) -> StatePaths: ...

    def changed(self) -> None: ...


class Handover:
    """Hears, queues and sends; `say` gets a sentence when a centre takes no event."""

    def __init__(
        self,
        receiver: Place,
        say: Callable[[str], None],
        utc_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._receiver = receiver
        self._utc_ms = utc_ms
        self._say = say
        # By centre and account.
        self._routes: dict[tuple[str, str], Route] = {}
        self._sending: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._worker: Worker | None = None
        # As they are kept and as they are read; of the worker's thread.
        self._kept: list[rows.Kept] = []
        self._arcs: list[Arc] = []

    def hear(self, news: News) -> None:
        """Something happened: queue it for the centre of that badge; for the listener's thread."""
        if self._receiver.store.write(partial(_queue, news, self._utc_ms())):
            self._receiver.changed()

    async def start(self, _receiver: object) -> None:
        """Begin."""
        self._worker = Worker("nabij-handover")

    async def stop(self) -> None:
        """End; what is being sent is sent again after the next start. Safe to call twice."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        for task in self._sending.values():
            task.cancel()
        await asyncio.gather(*self._sending.values(), return_exceptions=True)
        self._sending.clear()
        self._hang_up()
        worker.close(STOP_S)

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-handover",
            ROUND_S,
            self._round,
            "Incidents are not handed over",
            "Incidents are handed over again, and alarm centres answer.",
        )

    async def _round(self) -> None:
        if self._worker is None:
            return
        found = await self._run(self._look)
        if found is None:
            self._hang_up()
            return
        arcs, due = found
        self._collect()
        self._keep_routes(arcs)
        for key, route in self._routes.items():
            if key not in self._sending and (key in due or route.wants_look()):
                name = f"nabij-handover {key[0]} {key[1]}"
                self._sending[key] = asyncio.create_task(self._serve(route), name=name)
        failing = {
            one.arc.name: one.words
            for one in self._routes.values()
            if one.failing_s > _patience_s(one.arc)
        }
        if failing:
            names = "; ".join(f"{name}: {words}" for name, words in failing.items())
            raise NabijError(
                f"AN ALARM CENTRE TAKES NOTHING ({names}): what it is told waits and is sent "
                "again; people are called as the plans say."
            )

    def _look(self) -> tuple[list[Arc], set[tuple[str, str]]] | None:
        """The centres and what is due, if it is ours to send; on the worker's thread."""
        store = self._receiver.store
        for kind in (desk.REQUESTS, files.REQUESTS):
            asking.take_in(kind, self._receiver.paths, store, self._say)
        if not store.has_duty(duties.HANDOVER):
            return None
        kept, due = store.read(lambda one: (rows.kept_arcs(one), rows.due(one, self._utc_ms())))
        # Four times a second thousands of badges would be read anew.
        if kept != self._kept:
            self._arcs, self._kept = [rows.parsed(one) for one in kept], kept
        return self._arcs, due

    def _collect(self) -> None:
        """Let go of what has come to its end; raises what one died of, which is begun again."""
        ended = [key for key, task in self._sending.items() if task.done()]
        for task in [self._sending.pop(key) for key in ended]:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    def _keep_routes(self, arcs: list[Arc]) -> None:
        wanted = {
            (arc.name, account): arc
            for arc in arcs
            for account in {arc.account, *(zone.account for zone in arc.badges.values())}
        }
        for key in [one for one in self._routes if one not in self._sending]:
            if self._routes[key].arc != wanted.get(key):
                self._routes.pop(key).close()
        for key, arc in wanted.items():
            if key not in self._routes:
                self._routes[key] = Route(arc, key[1], time.monotonic, self._utc_ms)

    async def _serve(self, route: Route) -> None:
        """Send what is due of an account, in order, until nothing is."""
        read = self._receiver.store.read
        while (row := await self._run(lambda: read(partial(self._head, route)))) is not None:
            await self._send(route, row)
        await route.look()

    def _head(self, route: Route, connection: sa.Connection) -> Row | None:
        """What is to be sent next of an account, while it is ours to send."""
        # A database that was gone for a moment has given that to another receiver, perhaps.
        if not duties.take(connection, duties.HANDOVER):
            return None
        return rows.head(connection, route.arc.name, route.account, self._utc_ms())

    async def _send(self, route: Route, row: Row) -> None:
        sent = row.message
        answer = await route.send(
            Frame(sent.protocol, row.seq, sent.account, sent.data, sent.extended)
        )
        now_ms, by = self._utc_ms(), route.address
        if answer.said is Said.ACK:
            work = partial(_acknowledged, row, now_ms, by)
        elif answer.said is Said.DUH:
            other = messages.instead(route.arc, sent)
            if other is None:
                self._say(
                    f"ALARM CENTRE {route.arc.name} TAKES NO EVENT {sent.event} (incident "
                    f"{sent.incident_id}): change its code in the table of that centre."
                )
            work = partial(rows.refused, found=row, now_ms=now_ms, instead=other)
        else:
            work = partial(rows.again, found=row, now_ms=now_ms, said=f"{by}: {answer.words}")
        await self._run(lambda: self._receiver.store.write(work))
        self._receiver.changed()

    def _hang_up(self) -> None:
        for route in self._routes.values():
            route.close()
        self._routes.clear()

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._worker is None:
            raise asyncio.CancelledError
        return await self._worker.run(work)


def _queue(news: News, now_ms: int, connection: sa.Connection) -> bool:
    """For the centre of that badge, unless it was queued before; whether one is told of it."""
    arc = None if news.incident is None else rows.arc_of(connection, news.incident.badge)
    what = None if arc is None else messages.wanted(arc, news)
    if arc is None or what is None or news.incident is None:
        return False
    if what is not What.ALARM and not rows.was_told(connection, news.incident.id):
        return False
    if rows.was_added(connection, arc, news.id, what):
        return True
    where = whereabouts.one_of(connection, news.incident.id)
    more = More(now_ms=now_ms, where=where, link=_link(connection, arc, news, what, now_ms))
    rows.add(connection, arc, messages.message(arc, news, what, more), now_ms)
    return True


def _link(connection: sa.Connection, arc: Arc, news: News, what: What, now_ms: int) -> str:
    """The address at which the centre's operators open that incident; empty where none is sent."""
    incident = news.incident
    is_wanted = what is What.ALARM and incident is not None and not incident.test
    if incident is None or not (is_wanted and arc.link and arc.protocol == SIA_DCS):
        return ""
    by = own_incident.RECEIVER
    token = links.make(connection, incident.id, arc.name, by, now_ms, event_id=news.id)
    return f"{arc.link}{links.PATH}{token}"


def _acknowledged(row: Row, now_ms: int, by: str, connection: sa.Connection) -> None:
    """The centre has it; people who would be called after a while are not called then."""
    rows.acknowledged(connection, row, now_ms, by)
    incident_id = row.message.incident_id
    if incident_id is None or row.message.what is not What.ALARM:
        return
    links.arrived(connection, incident_id, row.message.event_id or 0, now_ms)
    arc = rows.named(connection, row.arc)
    if arc is not None and arc.hold_s:
        rounds.end_one(connection, incident_id, row.message.event_id or 0, now_ms)


def _patience_s(arc: Arc) -> float:
    return min(SILENT_S, arc.supervision_s or SILENT_S)
