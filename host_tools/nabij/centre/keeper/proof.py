"""Whether what the receiver shows is a reason to open a position, as far as a badge's key says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from badge.core.alarm import kinds
from badge.core.codec import wire
from badge.core.codec.cbor import WireError
from nabij.centre.clocks import Moment
from nabij.centre.keeper.refused import RefusedError, Why
from nabij.centre.keeper.shift_keys import ShiftKey

# By so much the clock of a badge may be ahead of the keeper's.
CLOCK_MS: Final = 300_000


class Proof(StrEnum):
    """How good a reason is, the best first."""

    ALARM = "alarm"  # the badge says so
    DEADLINE = "deadline"  # the badge said until when, and that has passed by the keeper's clock
    CLAIM = "claim"  # the receiver alone says so


@dataclass(frozen=True)
class Reason:
    """`name` is the same for each copy of what was shown."""

    proof: Proof
    name: str


def begins_shift(frame: bytes, badge: str, verify: bytes) -> wire.AlarmMessage:
    """The test that began or renewed a shift; RefusedError for anything else."""
    message = _decoded(frame, badge, verify)
    if not message.watch_s or not message.flags & wire.FLAG_TEST:
        raise RefusedError(Why.NO_ALARM)
    return message


def reason(frame: bytes, key: ShiftKey, now: Moment) -> Reason:
    """What the frame is a reason for; RefusedError when it is none."""
    message = _decoded(frame, key.badge, key.verify)
    if (message.boot, message.seq) <= key.began:
        raise RefusedError(Why.OLD)
    forced = message.flags & wire.FLAG_DURESS
    kind = kinds.of(message.kind)
    if message.flags & wire.FLAG_TEST or kind.category != kinds.RED:
        raise RefusedError(Why.NO_ALARM)
    if message.flags & wire.FLAG_CANCELLED and not forced:
        raise RefusedError(Why.NO_ALARM)
    name = f"{message.boot}-{message.seq}"
    if message.due_s is None or forced:
        return Reason(Proof.ALARM, name)
    if message.utc_s is None:
        # When it was set only the receiver can say.
        return Reason(Proof.CLAIM, name)
    due_ms = (message.utc_s + message.due_s) * 1000 + message.age_ms
    if due_ms > now.wall_ms + CLOCK_MS:
        raise RefusedError(Why.EARLY)
    return Reason(Proof.DEADLINE, name)


def _decoded(frame: bytes, badge: str, verify: bytes) -> wire.AlarmMessage:
    try:
        message: wire.AlarmMessage = wire.decode_alarm(
            frame, lambda name: verify if name == badge else None
        )
    except WireError as error:
        raise RefusedError(Why.FORGED) from error
    return message
