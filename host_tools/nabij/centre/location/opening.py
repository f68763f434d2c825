"""A position opened for an incident: asked of the keeper, kept with the incident, in the audit.

Each function but `ask` works inside the transaction of its caller.
"""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from nabij.centre.database import kept_secrets, people_schema
from nabij.centre.incidents import remarks, rows, sightings, traces
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.remarks import Remark, Sort
from nabij.centre.keeper.refused import RefusedError, Why
from nabij.centre.location import kept
from nabij.centre.location.kept import Wish
from nabij.centre.location.line import Line, Opened
from nabij.centre.location.position_text import found_in
from nabij.centre.people import audit, audit_chain

BY: Final = "keeper"
OPENED: Final = "opened where the wearer was before the alarm"
REFUSED: Final = "was refused where the wearer was before the alarm"
TRUSTS: Final = "trusts a keeper from now on"
FORGOT: Final = "trusts no keeper until the next one"
# What another time may be another answer.
_PASSES: Final = frozenset({Why.TOO_MANY, Why.EARLY, Why.HEARD, Why.DISK})


@dataclass(frozen=True)
class Answer:
    """What the keeper said for good: what it opened, or why not."""

    opened: Opened | None
    why: Why | None = None


def ask(line: Line, wish: Wish, head: bytes) -> Answer | Why:
    """Ask with each thing that the badge sent, until one is a reason; a Why to ask again later."""
    why: Why | None = None
    for frame in (None,) if wish.is_silence else wish.frames:
        try:
            opened = line.open(
                *(wish.badge, wish.shift_ms, wish.sealed, frame),
                incident_id=wish.incident_id,
                audit=head,
            )
        except RefusedError as error:
            # The first is about the newest that the badge sent.
            why = why or error.why
        else:
            return Answer(opened)
    why = why or Why.NO_ALARM
    return why if why in _PASSES else Answer(None, why)


def keep(connection: sa.Connection, wish: Wish, found: Answer | Why, now_ms: int) -> None:
    """Keep what came of it: the position with the incident, and a line of the audit."""
    opened = found.opened if isinstance(found, Answer) else None
    if opened is not None:
        detail = f"{opened.proof}; line {opened.line} of the keeper's log, {opened.chain}"
        traces.keep(connection, wish.incident_id, now_ms, BY, OPENED, detail)
        _place(connection, wish.incident_id, opened.text, now_ms)
        kept.note_answer(connection, wish, kept.OPENED)
        return
    why = found if isinstance(found, Why) else found.why
    assert why is not None  # noqa: S101 - one of both
    is_first = not audit.did_of_late(
        connection, now_ms, BY, REFUSED, wish.incident_id, detail=why.value
    )
    if is_first:
        traces.keep(connection, wish.incident_id, now_ms, BY, REFUSED, why.value)
    kept.note_answer(connection, wish, kept.AGAIN if isinstance(found, Why) else why.name)


def audit_head(connection: sa.Connection) -> bytes:
    """The hash of the audit as it is, for the keeper's log."""
    line = people_schema.audit.c
    last = sa.select(line.chain).order_by(line.id.desc()).limit(1)
    return bytes(connection.execute(last).scalar() or audit_chain.BEGINNING)


def trusts(connection: sa.Connection, key: bytes, now_ms: int) -> bool:
    """Whether that is the keeper that was there first; the first is trusted."""
    known = kept_secrets.find(connection, kept_secrets.KEEPER)
    if known is None:
        kept_secrets.keep(connection, kept_secrets.KEEPER, key)
        audit.add(connection, now_ms, BY, TRUSTS, detail=key.hex())
        return True
    return known == key


def forget(connection: sa.Connection, now_ms: int, by: str) -> None:
    """The next keeper is trusted: this one was replaced."""
    kept_secrets.forget(connection, kept_secrets.KEEPER)
    audit.add(connection, now_ms, by, FORGOT)


def _place(connection: sa.Connection, incident_id: int, text: bytes, now_ms: int) -> None:
    found = found_in(text)
    facts: dict[str, Any] = {"told_ms": found.told_ms, "zone": found.zone}
    if found.position is not None:
        lat_e7, lon_e7, accuracy_m, _age_s, source = found.position
        facts |= {"at_ms": found.at_ms, "lat_e7": lat_e7, "lon_e7": lon_e7}
        facts |= {"accuracy_m": accuracy_m, "source": source}
    if found.cell is not None:
        facts |= dict(zip(("mcc", "mnc", "tac", "ci", "rsrp_dbm"), found.cell, strict=True))
    alarm_id = rows.alarm_id_of(connection, incident_id)
    sightings.keep_before(connection, alarm_id, facts)
    if found.position is not None or found.cell is not None:
        rows.tell(connection, alarm_id, What.PLACED, now_ms)
        return
    words = f"Before the alarm, on shift, the badge was at zone {found.zone}."
    remarks.add(connection, Remark(incident_id, now_ms, BY, Sort.NOTE, words))
