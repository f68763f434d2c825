"""What a message changes in what is known of its alarm: pure, and the same in any order.

Messages of one key (badge, boot, seq) come late, twice and in any order; `rev` says which is the
newer. Three rules keep people safe: an alarm and a duress mark count whatever their rev, only a
higher rev ends or postpones a deadline, and nothing ends an incident.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.clocks import Moment


class What(StrEnum):
    """What happened to an alarm, as listeners are told."""

    OPENED = "opened"  # an incident: by the badge, or by a deadline that came due
    REOPENED = "reopened"  # a closed one is open again
    JOINED = "joined"  # the badge itself now sends what the receiver had opened
    ESCALATED = "escalated"  # a worse kind than before
    DURESS = "duress"
    FALSE_ALARM = "false_alarm"  # the wearer asks to close it; only the centre does
    DEADLINE = "deadline"  # a deadline runs
    EXTENDED = "extended"
    ENDED = "ended"  # the wearer ended a deadline
    WITHDRAWN = "withdrawn"  # the wearer withdrew an alarm in its pre-alarm
    DUE_AGAIN = "due_again"  # a deadline of an open incident came due
    TAKEN = "taken"  # by a person at the centre
    HELP_COMING = "help_coming"  # the centre has sent somebody
    CLOSED = "closed"  # by the centre
    CLAIMED = "claimed"  # by somebody else than the one who took it, or anew
    CLAIM_OVER = "claim_over"  # ran out or given back: nobody has it
    UNANSWERED = "unanswered"  # all of the plan were told, and nobody has it
    BACK = "back"  # a badge that had gone quiet is heard again
    PLACED = "placed"  # the badge says that it is somewhere else
    QUIET_AGAIN = "quiet_again"  # before the centre closed its incident


@dataclass(frozen=True)
class Due:
    """When a deadline comes due, by both clocks; `adopted` when the steady one began anew."""

    wall_ms: int
    steady_ms: int
    epoch: str
    adopted: bool = False


@dataclass(frozen=True)
class Known:
    """What all messages of one key said so far. `due` while a deadline runs."""

    kind: int
    rev: int
    alarm_rev: int | None
    test: bool
    ended: bool
    false_alarm: bool
    duress: bool
    due: Due | None


@dataclass(frozen=True)
class Merged:
    """The outcome: what is known now, whether it has to be an incident, what to tell."""

    known: Known
    incident: bool
    changes: tuple[What, ...]


def merge(
    known: Known | None, message: wire.AlarmMessage, now: Moment, lag_ms: int, *, open_: bool
) -> Merged:
    """Take one message in. `open_`: the key has an incident; `lag_ms`: how old the message is."""
    rev = message.rev or 0
    cancelled = bool(message.flags & wire.FLAG_CANCELLED)
    duress = bool(message.flags & wire.FLAG_DURESS)
    is_alarm = message.due_s is None and not cancelled
    due = None if is_alarm or cancelled else due_in(message.due_s, now, lag_ms)
    before = known
    newer = before is None or rev > before.rev
    if before is None:
        before = _first(message, rev)
    after = replace(before, rev=max(rev, before.rev), duress=before.duress or duress)
    if is_alarm and (before.alarm_rev is None or rev > before.alarm_rev):
        test = bool(message.flags & wire.FLAG_TEST)
        after = replace(after, kind=message.kind, alarm_rev=rev, test=test)
    elif newer and before.alarm_rev is None:
        after = replace(after, kind=message.kind)
    if newer:
        false_alarm = bool(message.flags & wire.FLAG_FALSE_ALARM)
        after = replace(after, ended=cancelled, false_alarm=false_alarm, due=due)
    elif rev == before.rev and due is not None and before.due is not None:
        # Another copy of the same deadline can only show that it comes sooner.
        after = replace(after, due=_sooner(due, before.due))
    if after.duress:
        after = replace(after, test=False)
    first = known is None
    changes = _changes(None if first else before, after, message, newer=newer, open_=open_)
    incident = open_ or is_alarm or after.duress
    if incident and not open_:
        # The incident itself says the rest.
        changes = (What.OPENED,)
    return Merged(after, incident, changes)


def reply_state(message: wire.AlarmMessage, known: Known, state: int | None) -> int:
    """The state that the badge is told, given that of the incident (None without one).

    Who cancels under duress is watched: neither answer may tell more than the other.
    """
    if state is None or message.flags & wire.FLAG_CANCELLED:
        return int(wire.STATUS_RECEIVED)
    watched = known.duress or known.false_alarm
    return told_state(state, watched=watched, deadline=known.due is not None)


def told_state(state: int, *, watched: bool, deadline: bool) -> int:
    """What a badge may know of an incident in `state`.

    `watched`: called false, or under duress; nothing on the badge may tell the one from the other,
    so both hear no more than the receipt. That it is closed is never felt, and has to be told: the
    badge would keep its alarm for ever. `deadline`: one that runs is not over, whatever became of
    the one before it.
    """
    if deadline or (watched and state != wire.STATUS_CLOSED):
        return int(wire.STATUS_RECEIVED)
    return state


def _first(message: wire.AlarmMessage, rev: int) -> Known:
    test = bool(message.flags & wire.FLAG_TEST)
    return Known(
        message.kind, rev, None, test, ended=False, false_alarm=False, duress=False, due=None
    )


def due_in(due_s: int, now: Moment, lag_ms: int) -> Due:
    """When so many seconds are over, of a message that is `lag_ms` old."""
    left_ms = due_s * 1000 - lag_ms
    return Due(now.wall_ms + left_ms, now.steady_ms + left_ms, now.epoch)


def _sooner(one: Due, other: Due) -> Due:
    """Steady times of two machines do not compare; the time of day is all that they share."""
    if one.epoch == other.epoch:
        return one if one.steady_ms <= other.steady_ms else other
    return one if one.wall_ms <= other.wall_ms else other


def _changes(
    before: Known | None, after: Known, message: wire.AlarmMessage, *, newer: bool, open_: bool
) -> tuple[What, ...]:
    found: list[What] = []
    was_duress = before is not None and before.duress
    if after.duress and not was_duress:
        found.append(What.DURESS)
    if before is not None and open_ and after.alarm_rev != before.alarm_rev:
        if before.alarm_rev is None:
            found.append(What.JOINED)
        if _worse(before, after):
            found.append(What.ESCALATED)
    if not newer:
        return tuple(found)
    if after.false_alarm and not (before is not None and before.false_alarm):
        found.append(What.FALSE_ALARM)
    if after.due is not None:
        running = before is not None and (before.due is not None or open_)
        found.append(What.EXTENDED if running else What.DEADLINE)
    if after.ended and not (before is not None and before.ended):
        found.append(What.WITHDRAWN if message.due_s is None else What.ENDED)
    return tuple(found)


def _worse(before: Known, after: Known) -> bool:
    if before.test and not after.test:
        return True
    return bool(kinds.of(after.kind).priority < kinds.of(before.kind).priority)
