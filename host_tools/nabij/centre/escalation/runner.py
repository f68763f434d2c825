"""Escalation at work: begins plans, has what is due sent, and records what came of it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import sqlalchemy as sa

from badge.core.alarm import kinds
from nabij.centre import asking
from nabij.centre.database import duties, handover_tables
from nabij.centre.escalation import desk, links, outbox, plan_rows, rounds, words
from nabij.centre.escalation.links import Link
from nabij.centre.escalation.outbox import Row
from nabij.centre.escalation.rounds import Begun
from nabij.centre.incidents import rows, whereabouts
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.news import News
from nabij.centre.incidents.whereabouts import NOWHERE
from nabij.centre.incidents.words import OWN, QUIET
from nabij.centre.notify.sender import Message, Outcome, Sender
from nabij.centre.recurring import Job
from nabij.centre.store import Store, StoreError
from nabij.centre.watch.deadlines import ReadsTime
from nabij.centre.worker import Worker
from nabij.paths import StatePaths

_log = logging.getLogger("nabij.escalation")
# Its name among the listeners.
NAME: Final = "escalation"
LOOK_S: Final = 0.5
# For these a plan begins, or begins anew.
_BEGIN: Final = frozenset(
    (What.OPENED, What.REOPENED, What.ESCALATED, What.DURESS, What.CLAIM_OVER, What.QUIET_AGAIN)
)


@dataclass(frozen=True)
class Uses:
    """What escalation needs of the receiver. `tell` gets ids of news, `say` sentences.

    `changed` hears that something changed that is no event.
    """

    store: Store
    clock: ReadsTime
    worker: Worker
    tell: Callable[[tuple[int, ...]], None]
    say: Callable[[str], None]
    changed: Callable[[], None] = lambda: None


class Escalation:
    """Calls people for incidents that nobody takes, by the plans in the database.

    `hear` is a listener; `job` has to recur on the receiver's loop.
    """

    def __init__(self, uses: Uses, paths: StatePaths, sender: Sender) -> None:
        self._uses = uses
        self._paths = paths
        self._sender = sender
        self._sending: dict[asyncio.Task[None], int] = {}
        # What could not be recorded, because the database refused.
        self._unrecorded: list[tuple[Row, Outcome]] = []

    def hear(self, news: News) -> None:
        """Something happened: begin the plan of the badge, if that is a reason to."""
        incident = news.incident
        if incident is None or news.what not in _BEGIN or not calls_for(incident):
            return
        begun = Begun(incident.id, news.id, news.at_ms)
        if not self._uses.store.write(partial(_begin, begun, incident, news.what)):
            self._uses.say(
                f"NOBODY IS CALLED for incident {incident.id}: no plan names badge "
                f"{incident.badge}; see `nabij plan check`."
            )

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-escalation",
            LOOK_S,
            self.look,
            "People are not called",
            "People are called again.",
        )

    def plans_job(self) -> Job:
        """What has to recur, also while another receiver calls people."""
        take_in = partial(
            asking.take_in, desk.REQUESTS, self._paths, self._uses.store, self._uses.say
        )
        return Job(
            "nabij-plans",
            LOOK_S,
            lambda: self._uses.worker.run(take_in),
            "Plans that were given wait",
            "Plans are taken in again.",
        )

    async def look(self) -> None:
        """One round: whatever is due begins to be sent, and is not waited for."""
        now_ms = self._uses.clock.now().wall_ms
        failed = await self._record_late()
        ours = {*self._sending.values(), *(row.id for row, _ in self._unrecorded)}
        for row in await self._uses.worker.run(partial(self._round, now_ms, ours)):
            try:
                await self._begin_to_send(row, now_ms)
            except Exception as error:  # noqa: BLE001 - told by the job, once the others are called
                failed = failed or error
        if failed is not None:
            raise failed

    async def stop(self) -> None:
        """End what is being sent; the next start sends it again."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self._sender.stop()

    def _round(self, now_ms: int, ours: set[int]) -> list[Row]:
        """End and repeat what has to be, and find what is due."""
        news: list[int] = []

        def look(connection: sa.Connection) -> list[Row]:
            if not rounds.is_any_running(connection) or not _is_ours(connection):
                return []
            if again := outbox.recover(connection, now_ms, ours):
                self._uses.say(f"{again} messages may have been sent before and are sent again.")
            rounds.end_closed(connection, now_ms)
            book = plan_rows.read(connection)
            rounds.end_drills(connection, book, now_ms)
            for _, incident_id in rounds.repeat_last(connection, book, now_ms):
                alarm_id = rows.alarm_id_of(connection, incident_id)
                news.append(rows.tell(connection, alarm_id, What.UNANSWERED, now_ms))
            return outbox.due(connection, now_ms)

        found = self._uses.store.write(look)
        if news:
            self._uses.tell(tuple(news))
        return found

    async def _begin_to_send(self, row: Row, now_ms: int) -> None:
        run, write = self._uses.worker.run, self._uses.store.write
        url = await run(lambda: write(lambda one: plan_rows.url(one, row.responder, row.channel)))
        if url is not None and not self._sender.has_room(url):
            at_ms = now_ms + outbox.PATIENCE_MS
            await run(lambda: write(lambda one: outbox.hasten_next(one, row, at_ms)))
            return
        message = await run(lambda: write(partial(self._claim, row, url, now_ms)))
        if message is not None:
            self._uses.changed()
            task = asyncio.create_task(self._send(*message))
            self._sending[task] = row.id
            task.add_done_callback(self._sending.pop)

    def _claim(
        self, row: Row, url: str | None, now_ms: int, connection: sa.Connection
    ) -> tuple[Row, Message] | None:
        # Asked here too: whoever lost its connection since its round began is one of two.
        claimed = outbox.claim(connection, row.id, now_ms) if _is_ours(connection) else None
        if claimed is None:
            return None
        if url is None:
            said = f"{row.responder} has no {row.channel} any more"
            outbox.record(connection, row.id, now_ms, is_sent=False, said=said)
            return None
        incident = None
        if row.incident_id is not None:
            incident = rows.by_id(connection, row.incident_id)
        plan = plan_rows.read(connection).plans.get(row.plan)
        link = "" if plan is None else _link(connection, plan.link, row.id, now_ms)
        where = NOWHERE if incident is None else whereabouts.one_of(connection, incident.id)
        text = words.body(claimed, incident, link, words.Now(now_ms, where))
        return claimed, Message(url, words.title(incident), text)

    async def _send(self, row: Row, message: Message) -> None:
        try:
            outcome = await self._sender.attempt(message)
        except Exception as error:  # noqa: BLE001 - it counts as a try, and whoever follows is called
            _log.exception("fault while sending")
            outcome = Outcome(is_sent=False, said=f"a fault in nabij: {error}")
        try:
            await self._record(row, outcome)
        except StoreError:
            self._unrecorded.append((row, outcome))
        except Exception:  # noqa: BLE001 - left unrecorded here, it would be sent again and again
            _log.exception("fault while recording")
            self._unrecorded.append((row, outcome))

    async def _record(self, row: Row, outcome: Outcome) -> None:
        now_ms = self._uses.clock.now().wall_ms
        record = partial(
            outbox.record,
            row_id=row.id,
            now_ms=now_ms,
            is_sent=outcome.is_sent,
            said=outcome.said,
        )
        await self._uses.worker.run(lambda: self._uses.store.write(record))
        self._uses.changed()

    async def _record_late(self) -> Exception | None:
        """Record what could not be; of those that still cannot be, what is the matter with one.

        They stay ours and unrecorded: one answer that cannot be kept must not end the calling of
        all others, nor be sent again. StoreError when the database takes nothing.
        """
        failed: Exception | None = None
        for one in list(self._unrecorded):
            try:
                await self._record_plainly(*one)
            except Exception as error:
                if isinstance(error, StoreError) and error.of_all:
                    raise
                failed = failed or error
            else:
                self._unrecorded.remove(one)
        return failed

    async def _record_plainly(self, row: Row, outcome: Outcome) -> None:
        """Record it, without its words where those cannot be kept."""
        try:
            await self._record(row, outcome)
        except Exception as error:
            if isinstance(error, StoreError) and error.of_all:
                raise
            await self._record(row, replace(outcome, said="what it said cannot be kept"))


def calls_for(incident: Incident) -> bool:
    """Whether people are called for it: somebody may be in need, and it is no test."""
    if incident.test:
        return False
    if incident.kind in OWN:
        return incident.kind == QUIET
    return bool(kinds.of(incident.kind).category == kinds.RED)


def _is_ours(connection: sa.Connection) -> bool:
    """Whether this receiver is the one that calls people, as of this transaction."""
    return duties.take(connection, duties.WATCHING)


def _link(connection: sa.Connection, base: str, row_id: int, now_ms: int) -> str:
    """Where a row is answered; empty without a base."""
    if not base:
        return ""
    signed = Link(row_id, now_ms + links.LASTS_MS)
    return f"{base}/answer/{links.sign(links.secret_of(connection), signed)}"


def _begin(begun: Begun, incident: Incident, what: What, connection: sa.Connection) -> bool:
    """False when there are plans and none is for that badge, and no alarm centre has it."""
    if handover_tables.is_acknowledged(connection, begun.event_id):
        return True
    book = plan_rows.read(connection)
    plan = book.plan_of(incident.badge)
    if plan is not None:
        # Of a claim that ran out no alarm centre is told: nobody waits for one then.
        wait_ms = 0 if what is What.CLAIM_OVER else _hold_ms(connection, incident)
        rounds.begin(connection, book, plan, replace(begun, at_ms=begun.at_ms + wait_ms))
    return plan is not None or not book.plans


def _hold_ms(connection: sa.Connection, incident: Incident) -> int:
    technical = kinds.of(incident.kind).category == kinds.TECHNICAL or incident.kind in OWN
    return handover_tables.hold_ms(connection, incident.badge, technical=technical)
