"""The one table of what is held of people: where, what for, how long, and how it goes.

A test fails for a table of the database that stands neither here nor among those without people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.database import (
    escalation_tables,
    fleet_tables,
    handover_tables,
    link_tables,
    location_tables,
    people_schema,
    place_tables,
    schema,
    sms_tables,
    workforce_tables,
)
from nabij.centre.database.carried_table import carried
from nabij.centre.database.motion_tables import motion_piece, motion_upload
from nabij.centre.privacy.subject import Subject

Of = Callable[[Subject], sa.ColumnElement[bool]]


@dataclass(frozen=True)
class Held:
    """What one table holds of a person: `of` says which rows are about them.

    An erasure gives the columns of `emptied` these values, or removes the rows where that is None;
    `stays` are rows that tell nothing of who they were about once the rest is gone. `hidden` are
    secrets and hashes, which no copy shows. `term` is a kind of centre/privacy/terms.py.
    """

    table: sa.Table
    what: tuple[str, str]
    term: str
    of: Of
    emptied: Mapping[str, Any] | None = None
    stays: bool = False
    hidden: frozenset[str] = field(default_factory=frozenset)


def _person(column: sa.Column[Any]) -> Of:
    return lambda subject: column == subject.person_id


def _account(column: sa.Column[Any]) -> Of:
    return lambda subject: column.in_(subject.accounts)


def _incident(column: sa.Column[Any]) -> Of:
    return lambda subject: column.in_(subject.incidents())


def _alarm(column: sa.Column[Any]) -> Of:
    return lambda subject: column.in_(subject.alarms())


def _named(column: sa.Column[Any]) -> Of:
    return lambda subject: column.in_(subject.names)


def _called(subject: Subject) -> sa.ColumnElement[bool]:
    outbox = escalation_tables.outbox.c
    return sa.or_(outbox.responder == (subject.key or "-"), outbox.name.in_(subject.names))


def _answered(subject: Subject) -> sa.ColumnElement[bool]:
    told = sa.select(escalation_tables.outbox.c.id).where(_called(subject))
    return escalation_tables.answer.c.outbox_id.in_(told)


def _audited(subject: Subject) -> sa.ColumnElement[bool]:
    line = people_schema.audit.c
    return sa.or_(line.person_id == subject.person_id, line.by.in_(subject.names))


_P: Final = people_schema
_W: Final = workforce_tables
_E: Final = escalation_tables
_PLACE: Final = place_tables

# An erasure goes through it from the first to the last: what others are found by goes later.
HELD: Final = (
    Held(
        location_tables.sealed_position,
        (
            "waar zij het laatst waren in hun dienst, verzegeld: alleen bij alarm te openen",
            "where they were last on shift, sealed: opened for an alarm only",
        ),
        "location",
        _person(location_tables.sealed_position.c.person_id),
        hidden=frozenset({"sealed"}),
    ),
    Held(
        _PLACE.position,
        ("waar zij waren bij een incident", "where they were at an incident"),
        "incident",
        _incident(_PLACE.position.c.incident_id),
    ),
    Held(
        _PLACE.sighting,
        ("waar hun badge zei te zijn bij een alarm", "where their badge said to be at an alarm"),
        "incident",
        _alarm(_PLACE.sighting.c.alarm_id),
    ),
    Held(
        _PLACE.motion,
        ("hoe zij bewogen bij een incident", "how they moved at an incident"),
        "incident",
        _incident(_PLACE.motion.c.incident_id),
    ),
    Held(
        _P.remark,
        ("notities bij een incident", "notes of an incident"),
        "incident",
        _incident(_P.remark.c.incident_id),
        {"text": ""},
    ),
    Held(
        schema.action,
        ("wat de centrale deed bij een incident", "what the centre did at an incident"),
        "incident",
        _incident(schema.action.c.incident_id),
        {"note": ""},
    ),
    Held(
        schema.claim,
        ("wie een incident had", "who had an incident"),
        "incident",
        _incident(schema.claim.c.incident_id),
        stays=True,
    ),
    Held(
        handover_tables.handover,
        ("wat een alarmcentrale ervan gemeld kreeg", "what an alarm centre was told of it"),
        "incident",
        # What still waits is sent as it is, and emptied by the term.
        lambda subject: sa.and_(
            handover_tables.handover.c.incident_id.in_(subject.incidents()),
            handover_tables.handover.c.done_ms.is_not(None),
        ),
        {"data": "", "extended": "[]"},
    ),
    Held(
        link_tables.incident_link,
        ("links waarmee anderen een incident openden", "links by which others opened an incident"),
        "incident",
        _incident(link_tables.incident_link.c.incident_id),
        hidden=frozenset({"digest"}),
    ),
    Held(
        carried,
        (
            "welke gateways en badges bij de badge waren",
            "which gateways and badges were near the badge",
        ),
        "incident",
        _alarm(carried.c.alarm_id),
    ),
    *(
        Held(one, ("hoe zij bewogen", "how they moved"), "incident", _alarm(one.c.alarm_id))
        for one in (motion_piece, motion_upload)
    ),
    Held(
        sms_tables.came,
        ("sms'jes van de badge, laatste cijfers", "text messages of the badge, last digits"),
        "incident",
        _alarm(sms_tables.came.c.alarm_id),
    ),
    *(
        Held(
            table,
            ("wat de badge per sms te horen krijgt", "what the badge is told by SMS"),
            "incident",
            _alarm(table.c.alarm_id),
        )
        for table in (sms_tables.owed, sms_tables.told)
    ),
    Held(
        schema.message,
        (
            "berichten van de badge, ook waar die was",
            "messages of the badge, where it was included",
        ),
        "incident",
        _alarm(schema.message.c.alarm_id),
        {"frame": b""},
    ),
    Held(
        schema.event,
        ("verloop van een alarm", "the course of an alarm"),
        "incident",
        _alarm(schema.event.c.alarm_id),
        stays=True,
    ),
    Held(
        schema.alarm,
        ("alarmen van de badge", "alarms of the badge"),
        "incident",
        _incident(schema.alarm.c.incident_id),
        stays=True,
    ),
    Held(
        _E.escalation,
        ("het bellen voor een incident", "the calling for an incident"),
        "call",
        _incident(_E.escalation.c.incident_id),
        stays=True,
    ),
    Held(
        _E.answer,
        ("wat zij antwoordden als zij gebeld werden", "what they answered when called"),
        "call",
        _answered,
        stays=True,
    ),
    Held(
        _E.outbox,
        ("dat zij gebeld werden", "that they were called"),
        "call",
        _called,
        {"responder": "", "name": "", "said": ""},
    ),
    Held(
        schema.incident,
        ("incidenten", "incidents"),
        "incident",
        lambda subject: schema.incident.c.id.in_(subject.incidents()),
        {"wearer": ""},
    ),
    Held(
        schema.badge,
        ("de naam waaronder een badge is ingeschreven", "the name a badge was enrolled with"),
        "badge_use",
        _named(schema.badge.c.wearer),
        {"wearer": ""},
        hidden=frozenset({"hmac_key"}),
    ),
    Held(
        _P.audit,
        ("wie wat deed en naar hen keek", "who did what, and who looked at them"),
        "access_log",
        _audited,
        {"by": "", "person_id": None, "detail": "", "salt": None},
        hidden=frozenset({"salt", "personal", "chain"}),
    ),
    Held(
        _P.person_channel,
        ("hoe plannen hen bellen", "how plans call them"),
        "person",
        _person(_P.person_channel.c.person_id),
        hidden=frozenset({"url"}),
    ),
    Held(
        _P.person_away,
        ("wanneer zij afwezig zijn", "when they are away"),
        "person",
        _person(_P.person_away.c.person_id),
    ),
    Held(
        _P.contact,
        ("wie over hen gebeld wordt", "who is called about them"),
        "person",
        _person(_P.contact.c.person_id),
    ),
    Held(
        _E.plan_step,
        ("plannen die hen bellen", "plans that call them"),
        "person",
        _person(_E.plan_step.c.whom),
    ),
    Held(
        _P.session,
        ("dat zij ingelogd zijn", "that they are logged in"),
        "person",
        _account(_P.session.c.account_id),
        hidden=frozenset({"token_hash"}),
    ),
    Held(
        _P.invitation,
        ("uitnodigingen voor de console", "invitations to the console"),
        "person",
        _account(_P.invitation.c.account_id),
        hidden=frozenset({"token_hash"}),
    ),
    Held(
        _P.passkey,
        ("hun passkeys", "their passkeys"),
        "person",
        _account(_P.passkey.c.account_id),
        hidden=frozenset({"credential", "public_key"}),
    ),
    Held(
        _P.supervision,
        ("over welke teams zij gaan", "which teams they supervise"),
        "person",
        _account(_P.supervision.c.account_id),
    ),
    Held(
        _P.account,
        ("hun account van de console", "their account of the console"),
        "person",
        _account(_P.account.c.id),
        # `login` is unique: centre/privacy/erase.py gives it.
        {"password_hash": "", "totp_secret": "", "disabled": True},
        hidden=frozenset({"password_hash", "totp_secret", "totp_step"}),
    ),
    Held(
        _W.permit,
        (
            "opleiding, toestemming, geschikt ja of nee: nooit een diagnose",
            "training, permission, fit yes or no: never a diagnosis",
        ),
        "permit",
        _person(_W.permit.c.person_id),
    ),
    Held(
        _W.worker,
        ("geboortedatum en functie", "date of birth and role"),
        "person",
        _person(_W.worker.c.person_id),
    ),
    Held(
        _W.planned_shift,
        ("geplande diensten", "planned shifts"),
        "shift",
        _person(_W.planned_shift.c.person_id),
        stays=True,
    ),
    Held(
        _P.assignment,
        ("welke badge zij droegen", "which badge they wore"),
        "badge_use",
        _person(_P.assignment.c.person_id),
        stays=True,
    ),
    Held(
        _P.person,
        ("naam, telefoon, taal, notities", "name, telephone, language, notes"),
        "person",
        lambda subject: _P.person.c.id == subject.person_id,
        # `name` and `left_ms`: centre/privacy/erase.py gives them.
        {"phone": "", "note": "", "action_plan": "", "team_id": None, "key": None, "quiet": ""},
    ),
)

# Where somebody is named for what they did to others' data: the name alone goes.
NAMING: Final = (
    schema.claim.c.owner,
    schema.action.c.by,
    _P.remark.c.by,
    _PLACE.position.c.by,
    _PLACE.motion.c.by,
    link_tables.incident_link.c.by,
    _P.assignment.c.given_by,
    _P.assignment.c.ended_by,
    _P.consent.c.noted_by,
    location_tables.location_consent.c.noted_by,
    location_tables.location_consent.c.withdrawn_by,
    fleet_tables.fleet_job.c.asked_by,
    _W.permit.c.given_by,
    _W.measure.c.owner,
)

# Texts that may speak of anybody: of these too the name goes, wherever it is whole.
TEXTS: Final = (
    _P.remark.c.text,
    schema.action.c.note,
    _P.person.c.note,
    _P.person.c.action_plan,
    _P.team.c.action_plan,
    _P.site.c.note,
    _P.contact.c.name,
    _W.lone_task.c.note,
    _W.measure.c.text,
)
