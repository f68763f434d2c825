"""An employer of whom every table holds something about one person, and something of another."""

from typing import Any

import sqlalchemy as sa

from badge.core.codec import place, wire
from nabij.centre.database import schema
from nabij.centre.people import accounts, assignments, audit, persons
from nabij.centre.people.persons import Wanted
from nabij.centre.people.roles import Role
from nabij.centre.privacy.subject import Subject, of
from tests.host.centre.deadline_world import KEY, START_MS, World

NAME = "Anna Bakker-Visser"
OTHER = "Bert de Groot"
DAY_MS = 86_400_000
metadata = schema.metadata


def filled(world: World) -> Subject:
    """Anna had badge `anna`, an SOS and an account, and is gone; Bert is still here."""
    world.take(message())
    return world.store.write(_fill)


def message() -> wire.AlarmMessage:
    where = place.Position(520000000, 43000000, 5, 0, place.SATELLITES)
    frame = wire.encode_alarm(KEY, "anna", 1, 1, 1, 0, rev=1, position=where)
    found: wire.AlarmMessage = wire.decode_alarm(frame, lambda _badge: KEY)
    return found


def _fill(one: sa.Connection) -> Subject:
    anna = persons.add(one, Wanted(NAME, phone="+31 6 1", note=f"{NAME} sees badly"))
    bert = persons.add(one, Wanted(OTHER, note=f"works with {NAME}"))
    persons.set_contacts(one, anna.id, [persons.Contact("Mother", "+31 6 2")])
    given = assignments.hand_out(one, "anna", anna.id, START_MS - DAY_MS, "desk")
    assignments.give_back(one, "anna", START_MS + DAY_MS, "desk")
    mine = accounts.add(one, "anna", Role.WORKER, START_MS, name=NAME, person_id=anna.id)
    accounts.add(one, "root", Role.ADMINISTRATOR, START_MS, name="Root")
    accounts.invite(one, mine.id, START_MS)
    one.execute(schema.incident.update().values(wearer=NAME, state=wire.STATUS_CLOSED))
    [incident] = one.execute(sa.select(schema.incident.c.id)).scalars()
    for by, what, detail in (
        ("anna", "logged in", ""),
        ("root", audit.LOOKED, ""),
        ("root", "handed a badge out", f"anna, to {NAME}"),
    ):
        whom = anna.id if what == audit.LOOKED else None
        audit.add(one, START_MS, by, what, person_id=whom, detail=detail)
    audit.add(one, START_MS, "root", audit.LOOKED, person_id=bert.id)
    _add_rows(one, anna.id, bert.id, incident, mine.id)
    assert given.person_id == anna.id
    return of(one, anna.id)


def _add_rows(one: sa.Connection, anna: int, bert: int, incident: int, account: int) -> None:
    at = {"at_ms": START_MS, "by": NAME}
    where = {"lat_e7": 520000000, "lon_e7": 43000000, "accuracy_m": 5, "noted_ms": 1}
    add(one, "position", incident_id=incident, **at, **where)
    moved = {"begin_ms": 1, "step_ms": 20, "magnitudes_mg": "[1]", "phases": "[]"}
    add(one, "motion", incident_id=incident, why="", noted_ms=1, by="desk", **moved)
    [alarm] = one.execute(sa.select(schema.alarm.c.id)).scalars()
    add(one, "motion_upload", alarm_id=alarm, total=2, begun_ms=1)
    add(one, "motion_piece", alarm_id=alarm, begins=0, content=b"m")
    add(one, "remark", incident_id=incident, what="note", text=f"{NAME} fell", **at)
    done = {"state": 2, "note": "her leg", "request": "r", "owed": False, "again": 0}
    add(one, "move", incident_id=incident, **at, **done)
    add(one, "claim", incident_id=incident, owner=OTHER, since_ms=1, said_ms=1, until_ms=2)
    add(one, "session", token_hash=b"x" * 32, account_id=account, begun_ms=1, seen_ms=1)
    add(one, "passkey", account_id=account, credential=b"c", public_key=b"p", sign_count=0,
        host="h", name="phone", made_ms=1)  # fmt: skip
    add(one, "team", name="North", action_plan=f"Call {NAME} first")
    add(one, "supervision", account_id=account, team_id=1)
    add(one, "person_channel", person_id=anna, place=0, name="mail", url="mailto://key-of-all")
    add(one, "person_away", person_id=anna, place=0, first="2026-01-01", last="2026-01-02",
        stand_in="")  # fmt: skip
    add(one, "worker", person_id=anna, born="1990-05-01", role="guard")
    fact = {"task": "", "site": "", "granted": True, "first": "2026-01-01", "last": "2026-12-31"}
    add(one, "permit", person_id=anna, sort="fit", given_by="Dr. B", **fact)
    add(one, "permit", person_id=bert, sort="permission", given_by=NAME, **fact)
    planned = {"task": "round", "site": "Yard", "begins": "", "ends": "", "alone": True}
    for begins_ms in (START_MS - DAY_MS, START_MS + 2 * DAY_MS):
        add(one, "planned_shift", person_id=anna, begins_ms=begins_ms, ends_ms=begins_ms + 1,
            **planned)  # fmt: skip
    add(one, "measure", task="", site="", text="light", effectiveness=3, owner=NAME, budget="",
        status="open")  # fmt: skip
    add(one, "escalation", incident_id=incident, plan="p", round=1, began_ms=1, event_id=1,
        ended_ms=START_MS)  # fmt: skip
    add(one, "outbox", escalation_id=1, round=1, position=0, place=0, responder="x", name=NAME,
        channel="mail", until="", state="sent", tries=1, repeated=False, said="ok")  # fmt: skip
    add(one, "answer", outbox_id=1, what="take", at_ms=1)
    add(one, "handover", arc="a", account="1", seq=1, incident_id=incident, what="alarm",
        event="sos", zone=1, protocol="SIA-DCS", data=f"SOS, {NAME}",
        extended='["H01:00:00,01-01-2026"]', state="acknowledged",
        tries=1, queued_ms=1, due_ms=1, done_ms=2, answered_by="", said="")  # fmt: skip
    [alarm] = one.execute(sa.select(schema.alarm.c.id)).scalars()
    heard = {"first_ms": 1, "last_ms": 1, "times": 1, "rssi_dbm": -1}
    add(one, "carried", alarm_id=alarm, gateway="gw_a", **heard)
    add(one, "sealed_position", badge="anna", shift_ms=1, person_id=anna, at_ms=1, sealed=b"x")
    add(one, "sms", alarm_id=alarm, service="modem", message_id="1", came_ms=1, sender="678")
    add(one, "sms_owed", alarm_id=alarm)
    add(one, "sms_told", alarm_id=alarm, badge="anna", service="modem", state=1, at_ms=1,
        again=False)  # fmt: skip
    add(one, "incident_link", incident_id=incident, digest=b"d" * 32, whom="a", by=NAME, made_ms=1,
        until_ms=2)  # fmt: skip


def add(one: sa.Connection, table: str, **values: Any) -> None:
    """A row, as it lies in the database."""
    one.execute(metadata.tables[table].insert().values(values))


def whole(one: sa.Connection) -> str:
    """Everything in the database, as one text."""
    return "\n".join(
        f"{table.name}: {tuple(row)}"
        for table in metadata.sorted_tables
        for row in one.execute(sa.select(table))
    )
