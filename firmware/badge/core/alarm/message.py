"""What is said about an alarm: its frame on the wire, as it stands now."""

from badge.core.alarm import life, record
from badge.core.codec import wire

_UNKNOWN = (None,) * 5


def encode(key, badge, alarm, attempt, now_ms, *, where=_UNKNOWN, limit=wire.MAX_FRAME):
    """Return the frame of `alarm` under the badge's key; WireError when it cannot be said.

    `where`: position, cell, tag, speed in cm/s, zone. What has no room in `limit` is left out.
    """
    # A shift that begins or ends is no alarm, and the receiver keeps its frame as a proof.
    position, cell, tag, speed_cm_s, zone = where if alarm.watch_s is None else _UNKNOWN
    return wire.encode_alarm(
        key,
        badge,
        alarm.boot,
        alarm.seq,
        alarm.kind,
        alarm.age_ms(now_ms),
        attempt=attempt,
        utc_s=alarm.utc_s,
        peak_mg=alarm.peak_mg,
        tilt_deg=alarm.tilt_deg,
        flags=flags_of(alarm),
        due_s=alarm.told_due_s(now_ms),
        rev=alarm.rev,
        battery_percent=alarm.battery_percent,
        watch_s=alarm.told_watch_s(now_ms),
        reason=alarm.reason,
        position=position,
        cell=cell,
        tag=tag,
        speed_cm_s=speed_cm_s,
        zone=zone,
        limit=limit,
    )


def flags_of(alarm):
    """Return the flags that `alarm` has on the wire."""
    return (
        (wire.FLAG_TEST if alarm.has(record.TEST) else 0)
        | (wire.FLAG_AGE_AT_LEAST if alarm.has(record.AGE_AT_LEAST) else 0)
        | (wire.FLAG_DURESS if alarm.has(record.DURESS) else 0)
        | (wire.FLAG_FALSE_ALARM if alarm.has(record.CALLED_FALSE) else 0)
        | (wire.FLAG_CANCELLED if alarm.state == life.WITHDRAWN else 0)
    )
