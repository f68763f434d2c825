"""What somebody does who got a link: takes the incident, cannot come, says that help is coming.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import escalation_tables as tables
from nabij.centre.database import people_schema as people
from nabij.centre.database.claims import Claim
from nabij.centre.escalation import outbox, plan_rows, rounds
from nabij.centre.escalation.outbox import CANNOT, HELP, TAKE, Row
from nabij.centre.escalation.plan import DEFAULT_CLAIM_MIN
from nabij.centre.escalation.said import Said
from nabij.centre.incidents import claims, handling, rows
from nabij.centre.incidents.claims import Wanted
from nabij.centre.incidents.handling import Action, ActionRefusedError
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.words import local_time


@dataclass(frozen=True)
class Asked:
    """What a link is about, as it stands: `offers` are the answers that it takes now."""

    row: Row
    incident: Incident | None
    holder: Claim | None
    claim_min: int
    offers: tuple[str, ...]
    # Why there are none, or what was done.
    words: Said


@dataclass(frozen=True)
class Answered:
    """A sentence for who answered, and the ids of the news."""

    words: Said
    news: tuple[int, ...] = ()


class NotOfferedError(ActionRefusedError):
    """That cannot be answered any more; `said` is why."""

    def __init__(self, said: Said) -> None:
        super().__init__(str(said))
        self.said = said


def look(connection: sa.Connection, row_id: int, now_ms: int) -> Asked | None:
    """How it stands, with nothing changed; None when there is no such row any more."""
    row = outbox.row(connection, row_id)
    if row is None:
        return None
    # One person has one name, by whichever way they answer.
    row = replace(row, name=_account_of(connection, row.responder) or row.name)
    plan = tables.plan
    minutes = sa.select(plan.c.claim_min).where(plan.c.name == row.plan)
    claim_min = connection.execute(minutes).scalar_one_or_none() or DEFAULT_CLAIM_MIN
    incident = holder = None
    if row.incident_id is not None:
        incident = rows.by_id(connection, row.incident_id)
        holder = claims.holder(connection, row.incident_id, now_ms)
    said = _said(connection, row_id)
    offers, words = _offers(row, incident, holder, said)
    if not outbox.facts_of(connection, row, now_ms).is_open:
        offers, words = (), Said("It is over: there is no more to do.")
    return Asked(row, incident, holder, claim_min, offers, words)


def answer(connection: sa.Connection, row_id: int, what: str, now_ms: int) -> Answered:
    """Do what was answered, once; ActionRefusedError when that cannot be any more."""
    asked = look(connection, row_id, now_ms)
    if asked is None or what not in asked.offers:
        raise NotOfferedError(Said("There is no such link.") if asked is None else asked.words)
    row, incident_id = asked.row, asked.row.incident_id
    values = {"outbox_id": row_id, "what": what, "at_ms": now_ms}
    connection.execute(tables.answer.insert().values(values))
    if incident_id is None:
        if what == CANNOT:
            rounds.cannot_come(connection, plan_rows.read(connection), row, now_ms)
        return Answered(Said("Noted. This was a drill: there is no more to do."))
    if what == TAKE:
        wanted = Wanted(
            request=f"link-{row_id}",
            incident_id=incident_id,
            owner=row.name,
            at_ms=now_ms,
            for_ms=asked.claim_min * 60_000,
            note=f"Answered the {row.channel}.",
        )
        news = claims.take(connection, wanted)
        minutes = {"minutes": str(asked.claim_min)}
        return Answered(
            Said("It is yours for {minutes} minutes. The wearer is told.", minutes), news
        )
    if what == HELP:
        action = Action(
            request=f"link-{row_id}-help",
            incident_id=incident_id,
            state=wire.STATUS_HELP_COMING,
            at_ms=now_ms,
            by=row.name,
            note="",
        )
        told = handling.apply(connection, action)
        words = Said("The wearer is told that help is coming.")
        return Answered(words, () if told is None else (told,))
    if asked.holder is not None and asked.holder.owner == row.name:
        # It comes back, and with that everybody is called anew.
        news = claims.give_back(connection, incident_id, row.name, now_ms)
        return Answered(Said("Noted. Others are called."), news)
    left = rounds.cannot_come(connection, plan_rows.read(connection), row, now_ms)
    if left.is_anybody:
        return Answered(Said("Noted. Others are called."))
    news = ()
    if left.is_news:
        alarm_id = rows.alarm_id_of(connection, incident_id)
        news = (rows.tell(connection, alarm_id, What.UNANSWERED, now_ms),)
    words = Said("Noted. NOBODY ELSE IS LEFT TO CALL now: ring the alarm centre.")
    return Answered(words, news)


def answers_of(connection: sa.Connection, escalation_id: int) -> list[tuple[Row, str, int]]:
    """Who answered what, and when, in that order."""
    table = tables.answer
    statement = (
        sa.select(table)
        .join(tables.outbox, tables.outbox.c.id == table.c.outbox_id)
        .where(tables.outbox.c.escalation_id == escalation_id)
        .order_by(table.c.at_ms, table.c.id)
    )
    by_id = {row.id: row for row in outbox.rows_of(connection, escalation_id)}
    found = connection.execute(statement).mappings().all()
    return [(by_id[one["outbox_id"]], one["what"], one["at_ms"]) for one in found]


def _offers(
    row: Row, incident: Incident | None, holder: Claim | None, said: frozenset[str]
) -> tuple[tuple[str, ...], Said]:
    is_mine = holder is not None and holder.owner == row.name
    if holder is not None and not is_mine:
        given = {"owner": holder.owner, "time": local_time(holder.until_ms)}
        return (), Said(
            "{owner} has it until {time}. You are informed, and need do nothing.", given
        )
    offers = [one for one in (TAKE, CANNOT) if one not in said]
    words = Said()
    if is_mine and holder is not None:
        offers = [one for one in offers if one != TAKE]
        words = Said("You have it until {time}.", {"time": local_time(holder.until_ms)})
        if incident is not None and incident.state < wire.STATUS_HELP_COMING and HELP not in said:
            offers.insert(0, HELP)
    elif TAKE in said:
        words = Said("This link was used, and can be used once: take it at the alarm centre.")
    return tuple(offers), words


def _account_of(connection: sa.Connection, key: str) -> str | None:
    """The name of the account of the person whom plans call so, if there is one that is open."""
    person, account = people.person.c, people.account.c
    named = (
        sa.select(account.name)
        .join(people.person, person.id == account.person_id)
        .where(person.key == key, account.disabled.is_(sa.false()))
        .order_by(account.id)
    )
    return connection.execute(named).scalars().first()


def _said(connection: sa.Connection, row_id: int) -> frozenset[str]:
    table = tables.answer
    statement = sa.select(table.c.what).where(table.c.outbox_id == row_id)
    return frozenset(connection.execute(statement).scalars())
