"""Pieces of motion that badges send: which are taken, and what becomes of all of them.

Each function works inside the transaction of its caller and leaves committing to it.
"""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from badge.core.codec.motion_piece import DONE, GO_ON, REFUSED, Piece
from nabij.centre.database import schema
from nabij.centre.database.motion_tables import motion_piece, motion_upload
from nabij.centre.database.retention import DAY_MS
from nabij.centre.database.statements import insert_new
from nabij.centre.incidents import places
from nabij.centre.motion import picture
from nabij.data.alarm_window import DamagedWindowError, Window, parse_window

# A badge sends it right after the receipt; what is erased is not to come again.
LATEST_MS: Final = 7 * DAY_MS
# Of one badge: on their way at a time, and begun in a day.
MOST_OPEN: Final = 4
MOST_A_DAY: Final = 16
# A badge keeps 40 s; what is drawn of a window grows with its time, and not with its bytes.
LONGEST_S: Final = 120
# Of all badges, what is kept and what is announced: some 200,000 alarms.
MOST_BYTES: Final = 1 << 30


@dataclass(frozen=True)
class Taken:
    """How far it is and what the badge is to do; a `state` of None: it is told nothing, and tries
    again. `said` is a sentence about what is odd.
    """

    next: int
    state: int | None
    said: str = ""


@dataclass(frozen=True)
class _Of:
    """The alarm that a piece is of, and the upload, where there is one."""

    alarm_id: int
    incident_id: int
    received_ms: int
    is_over: bool
    total: int | None
    ended_ms: int | None
    is_whole: bool


def take(connection: sa.Connection, piece: Piece, now_ms: int, *, has_room: bool = True) -> Taken:
    """Keep a piece. `has_room`: the disk is not short of it."""
    of = _find(connection, piece)
    if of is None:
        return Taken(0, REFUSED, f"{_name(piece)} was refused: there is no incident of that key.")
    if of.ended_ms is not None:
        return Taken(of.total or 0, DONE) if of.is_whole else Taken(0, REFUSED)
    if of.total is None:
        refusal = _refusal(connection, piece, of, now_ms, has_room=has_room)
        if refusal is not None:
            return refusal
    elif of.total != piece.total:
        why = f"it was {of.total} bytes in all, and now is {piece.total}"
        return _give_up(connection, piece, of, now_ms, why)
    have = _length(connection, of)
    if piece.offset > have or not has_room:
        return Taken(have, GO_ON if has_room else None)
    return _keep(connection, piece, of, now_ms, have)


def _keep(connection: sa.Connection, piece: Piece, of: _Of, now_ms: int, have: int) -> Taken:
    if piece.offset < have:
        there = _content(connection, of)[piece.offset : piece.offset + len(piece.data)]
        if piece.data[: len(there)] != there:
            why = f"from byte {piece.offset} on it has other bytes than before"
            return _give_up(connection, piece, of, now_ms, why)
    # Another receiver may take the same piece in this moment.
    if of.total is None:
        values = {"total": piece.total, "begun_ms": now_ms}
        connection.execute(insert_new(motion_upload, {"alarm_id": of.alarm_id}, values))
    new = piece.data[have - piece.offset :]
    if new:
        key = {"alarm_id": of.alarm_id, "begins": have}
        connection.execute(insert_new(motion_piece, key, {"content": new}))
        have = _length(connection, of)
    if have < piece.total:
        return Taken(have, GO_ON)
    return _finish(connection, piece, of, now_ms)


def content_of(connection: sa.Connection, incident_id: int) -> tuple[str, bytes] | None:
    """The name of the file of its motion, and the file; None where none is there, whole."""
    alarm = schema.alarm.c
    mine = (
        sa.select(alarm.boot, alarm.seq, motion_upload.c.content)
        .join(motion_upload, motion_upload.c.alarm_id == alarm.id)
        .where(alarm.incident_id == incident_id, motion_upload.c.content.is_not(None))
    )
    row = connection.execute(mine).one_or_none()
    return None if row is None else (_file(row.boot, row.seq), bytes(row.content))


def _find(connection: sa.Connection, piece: Piece) -> _Of | None:
    alarm, incident, upload = schema.alarm.c, schema.incident.c, motion_upload.c
    statement = (
        sa.select(
            alarm.id.label("alarm_id"),
            alarm.incident_id,
            incident.received_ms,
            sa.or_(alarm.ended, incident.test).label("is_over"),
            upload.total,
            upload.ended_ms,
            upload.content.is_not(None).label("is_whole"),
        )
        .join(schema.incident, incident.id == alarm.incident_id)
        .outerjoin(motion_upload, upload.alarm_id == alarm.id)
        .where(alarm.badge == piece.badge, alarm.boot == piece.boot, alarm.seq == piece.seq)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else _Of(**row)


def _refusal(
    connection: sa.Connection, piece: Piece, of: _Of, now_ms: int, *, has_room: bool
) -> Taken | None:
    """Why none of it is begun, None when it is."""
    if of.is_over:
        return Taken(0, REFUSED, f"{_name(piece)} was refused: its wearer has ended that alarm.")
    if now_ms - of.received_ms > LATEST_MS:
        return Taken(0, REFUSED, f"{_name(piece)} was refused: it comes more than a week late.")
    _drop_stale(connection, now_ms)
    upload, alarm = motion_upload.c, schema.alarm.c
    mine = sa.select(
        sa.func.count().filter(upload.begun_ms > now_ms - DAY_MS),
        sa.func.count().filter(upload.ended_ms.is_(None)),
    ).select_from(sa.join(motion_upload, schema.alarm, upload.alarm_id == alarm.id))
    begun, unended = connection.execute(mine.where(alarm.badge == piece.badge)).one()
    if begun >= MOST_A_DAY or unended >= MOST_OPEN:
        return Taken(0, None, f"Badge {piece.badge} sends more motion than a badge has reason to.")
    total = sa.select(sa.func.coalesce(sa.func.sum(upload.total), 0))
    if not has_room or connection.execute(total).scalar_one() + piece.total > MOST_BYTES:
        return Taken(0, None, "There is no room for more motion of alarms; alarms are taken.")
    return None


def _drop_stale(connection: sa.Connection, now_ms: int) -> None:
    """Forget the halves of which no more has come for a week."""
    upload = motion_upload.c
    old = sa.select(upload.alarm_id).where(
        upload.begun_ms < now_ms - LATEST_MS, upload.ended_ms.is_(None)
    )
    ids = list(connection.execute(old.limit(10)).scalars())
    if ids:
        connection.execute(motion_piece.delete().where(motion_piece.c.alarm_id.in_(ids)))
        connection.execute(motion_upload.delete().where(upload.alarm_id.in_(ids)))


def _length(connection: sa.Connection, of: _Of) -> int:
    length = sa.func.coalesce(sa.func.sum(sa.func.length(motion_piece.c.content)), 0)
    mine = motion_piece.c.alarm_id == of.alarm_id
    return int(connection.execute(sa.select(length).where(mine)).scalar_one())


def _content(connection: sa.Connection, of: _Of) -> bytes:
    piece = motion_piece.c
    mine = sa.select(piece.content).where(piece.alarm_id == of.alarm_id).order_by(piece.begins)
    return b"".join(connection.execute(mine).scalars())


def _finish(connection: sa.Connection, piece: Piece, of: _Of, now_ms: int) -> Taken:
    content = _content(connection, of)
    try:
        window = parse_window(_file(piece.boot, piece.seq), content)
    except DamagedWindowError as damaged:
        return _give_up(connection, piece, of, now_ms, damaged.sentence.rstrip("."))
    if window.seen is None:
        return _give_up(connection, piece, of, now_ms, "it is in a format of before")
    longest = max(len(window.samples), window.seen.event, window.seen.opened)
    if longest > LONGEST_S * window.rate_hz:
        return _give_up(connection, piece, of, now_ms, "it is longer than a badge keeps")
    if window.badge != piece.badge:
        why = f"it says that it is of badge {window.badge}"
        return _give_up(connection, piece, of, now_ms, why)
    _end(connection, piece, of, now_ms, {"content": content})
    _show(connection, of, window, now_ms)
    return Taken(len(content), DONE)


def _give_up(connection: sa.Connection, piece: Piece, of: _Of, now_ms: int, why: str) -> Taken:
    _end(connection, piece, of, now_ms, {"content": None})
    return Taken(0, REFUSED, f"{_name(piece)} was thrown away: {why}.")


def _end(
    connection: sa.Connection, piece: Piece, of: _Of, now_ms: int, values: dict[str, Any]
) -> None:
    mine = motion_upload.c.alarm_id == of.alarm_id
    ended = {"ended_ms": now_ms, "total": piece.total, **values}
    connection.execute(motion_upload.update().where(mine).values(ended))
    connection.execute(motion_piece.delete().where(motion_piece.c.alarm_id == of.alarm_id))


def _show(connection: sa.Connection, of: _Of, window: Window, now_ms: int) -> None:
    """Have the console show it, unless somebody has noted what was read by cable."""
    if places.motion_of(connection, of.incident_id) is not None:
        return
    incident = schema.incident.c
    columns = (incident.raised_ms, incident.peak_mg, incident.tilt_deg)
    row = connection.execute(sa.select(*columns).where(incident.id == of.incident_id)).one()
    shown = picture.of(window, row.raised_ms, row.peak_mg, row.tilt_deg, now_ms=now_ms)
    places.note_motion(connection, of.incident_id, shown)


def _name(piece: Piece) -> str:
    return f"Motion of alarm {piece.boot}-{piece.seq} of badge {piece.badge}"


def _file(boot: int, seq: int) -> str:
    return f"{boot}-{seq}.nbm"
