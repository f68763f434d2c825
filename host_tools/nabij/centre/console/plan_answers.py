"""Answers about plans and drills."""

from typing import Final

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.console.asking import Ask, NotThereError
from nabij.centre.console.models import Done
from nabij.centre.console.plan_models import (
    AnswerItem,
    Begun,
    DrillItem,
    PlanItem,
    Plans,
    PlansAsked,
    PlanText,
    Practice,
    PracticeItem,
    StepItem,
    ToldItem,
)
from nabij.centre.console.wearers import NOBODY, by_person
from nabij.centre.database import escalation_tables as tables
from nabij.centre.database import schema
from nabij.centre.escalation import answers, outbox, plan_file, plan_look, plan_rows, rounds
from nabij.centre.escalation.plan import Book, Plan
from nabij.centre.escalation.schedule import Planned, schedule
from nabij.centre.incidents import own_incident, words
from nabij.centre.incidents.incident import OWN_BOOT, Incident
from nabij.centre.people import assignments, audit
from nabij.errors import UsageError

_MOST_DRILLS: Final = 20


def plans(ask: Ask) -> Plans:
    """The plans, what is wrong with them, and the drills of late."""
    book, look = plan_rows.read(ask.connection), plan_look.read(ask.connection)
    mine = _mine(ask, book)
    return Plans(
        now_ms=ask.now_ms,
        plans=[_plan(book, one, ask.now_ms) for one in book.plans.values() if one.name in mine],
        is_looked_over=look.is_current or not book.plans,
        looked_ms=look.looked_ms,
        findings=list(look.found),
        drills=_drills(ask.connection, mine),
        practices=_practices(ask),
    )


def text(ask: Ask) -> PlanText:
    """The plans as a file."""
    return PlanText(plan_file.write(plan_rows.read(ask.connection)))


def change(ask: Ask) -> Done:
    """Other plans in place of all; they are looked over within seconds."""
    known = plan_rows.read(ask.connection)
    wanted = plan_file.read(ask.of(PlansAsked).toml, known)
    plan_rows.replace(ask.connection, wanted)
    detail = ", ".join(wanted.plans)
    audit.add(
        ask.connection,
        ask.now_ms,
        ask.visitor.account.login,
        audit.CHANGED_PLANS,
        detail=detail,
    )
    return Done()


def drill(ask: Ask) -> Begun:
    """Call people by a plan, flagged DRILL to the end."""
    book, name = plan_rows.read(ask.connection), ask.path["plan"]
    plan = book.plans.get(name)
    if plan is None or name not in _mine(ask, book):
        raise NotThereError(f"There is no plan '{name[:32]}': look at the list again.")
    columns = tables.escalation.c
    running = sa.select(columns.id).where(
        columns.incident_id.is_(None), columns.ended_ms.is_(None), columns.plan == name
    )
    if ask.connection.execute(running).first() is not None:
        raise UsageError(f"A drill of plan {name} runs: wait for its end.")
    begun = rounds.begin(ask.connection, book, plan, rounds.Begun(None, 0, ask.now_ms))
    _noted(ask, audit.BEGAN_DRILL, name)
    return Begun(int(begun or 0))


def practise(ask: Ask) -> Begun:
    """An alarm in the queue that is a drill to its end: the badge feels none, nobody is called."""
    badge = ask.of(Practice).badge
    held = assignments.now(ask.connection, badge)
    people = by_person(ask.connection)
    wearer = NOBODY if held is None else people.get(held.person_id, NOBODY)
    known = sa.select(schema.badge.c.badge).where(
        schema.badge.c.badge == badge, schema.badge.c.revoked_ms.is_(None)
    )
    is_there = ask.connection.execute(known).first() is not None
    if not is_there or not ask.visitor.sees(wearer):
        raise NotThereError(f"There is no badge '{badge[:32]}': look at the list again.")
    now = Moment(ask.now_ms, 0, "")
    incident_id, news = own_incident.practise(ask.connection, badge, now, ask.by)
    ask.news.append(news)
    _noted(ask, audit.BEGAN_DRILL, badge, incident_id)
    return Begun(incident_id)


def _mine(ask: Ask, book: Book) -> frozenset[str]:
    """The plans that call for people whom one may see."""
    if ask.visitor.teams is None:
        return frozenset(book.plans)
    people = by_person(ask.connection)
    worn = assignments.all_now(ask.connection)
    found = {
        plan.name
        for badge, held in worn.items()
        if ask.visitor.sees(people.get(held.person_id, NOBODY))
        and (plan := book.plan_of(badge)) is not None
    }
    return frozenset(found)


def _plan(book: Book, plan: Plan, now_ms: int) -> PlanItem:
    return PlanItem(
        name=plan.name,
        zone=plan.zone,
        working=plan.working.text,
        badges=list(plan.badges),
        claim_min=plan.claim_min,
        repeat_min=plan.repeat_min,
        link=plan.link,
        steps=[_step(book, one) for one in schedule(book, plan, now_ms)],
    )


def _step(book: Book, planned: Planned) -> StepItem:
    step, person = planned.step, planned.person
    named = book.people.get(step.whom)
    return StepItem(
        after_s=step.after_s,
        whom=step.whom if named is None else named.name,
        person="" if person is None else person.name,
        channels=[one.name for one in planned.channels] or list(step.channels),
        when=str(step.when),
        wakes=step.wakes,
        until=str(step.until),
        now=planned.skipped,
    )


def _drills(connection: sa.Connection, mine: frozenset[str]) -> list[DrillItem]:
    columns = tables.escalation.c
    newest = (
        sa.select(tables.escalation)
        .where(columns.incident_id.is_(None), columns.plan.in_(sorted(mine)))
        .order_by(columns.id.desc())
        .limit(_MOST_DRILLS)
    )
    return [
        DrillItem(
            id=row["id"],
            plan=row["plan"],
            began_ms=row["began_ms"],
            ended_ms=row["ended_ms"],
            told=[
                ToldItem(one.name, one.channel, str(one.state), one.began_ms, one.said)
                for one in outbox.rows_of(connection, row["id"])
            ],
            answers=[
                AnswerItem(one.name, one.channel, what, at_ms - (one.began_ms or at_ms))
                for one, what, at_ms in answers.answers_of(connection, row["id"])
            ],
        )
        for row in connection.execute(newest).mappings().all()
    ]


def _practices(ask: Ask) -> list[PracticeItem]:
    incident, action = schema.incident, schema.action.c
    newest = (
        sa.select(incident)
        .where(incident.c.test, incident.c.boot == OWN_BOOT)
        .order_by(incident.c.id.desc())
        .limit(_MOST_DRILLS)
    )
    people = by_person(ask.connection)
    found = []
    for row in ask.connection.execute(newest).mappings().all():
        one = Incident(**row)
        held = assignments.at(ask.connection, one.badge, one.raised_ms)
        wearer = NOBODY if held is None else people.get(held.person_id, NOBODY)
        if not ask.visitor.sees(wearer):
            continue
        taken = (
            sa.select(action.by, action.at_ms)
            .where(action.incident_id == one.id, action.by != own_incident.RECEIVER)
            .order_by(action.id)
        )
        first = ask.connection.execute(taken).first()
        found.append(
            PracticeItem(
                incident_id=one.id,
                wearer=words.who(one.wearer, one.badge),
                began_ms=one.raised_ms,
                taken_by="" if first is None else first.by,
                taken_after_ms=None if first is None else first.at_ms - one.raised_ms,
                closed=one.state == wire.STATUS_CLOSED,
            )
        )
    return found


def _noted(ask: Ask, what: str, detail: str, incident_id: int | None = None) -> None:
    login = ask.visitor.account.login
    audit.add(ask.connection, ask.now_ms, login, what, incident_id=incident_id, detail=detail)
