"""What is said about an alarm: its frame on the wire, as it stands now."""

from badge.core.alarm import life
from badge.core.codec import wire


def encode(key, badge, alarm, attempt, now_ms):
    """Return the frame of `alarm` under the badge's key; WireError when it cannot be said."""
    return wire.encode_alarm(
        key,
        badge,
        alarm.boot,
        alarm.seq,
        alarm.kind,
        alarm.age_ms(now_ms),
        attempt,
        alarm.utc_s,
        alarm.peak_mg,
        alarm.tilt_deg,
        flags_of(alarm),
        alarm.told_due_s(now_ms),
        alarm.rev,
        alarm.battery_percent,
        alarm.told_watch_s(now_ms),
    )


def flags_of(alarm):
    """Return the flags that `alarm` has on the wire."""
    return (
        (wire.FLAG_TEST if alarm.is_test else 0)
        | (wire.FLAG_AGE_AT_LEAST if alarm.age_at_least else 0)
        | (wire.FLAG_DURESS if alarm.is_duress else 0)
        | (wire.FLAG_FALSE_ALARM if alarm.is_called_false else 0)
        | (wire.FLAG_CANCELLED if alarm.state == life.WITHDRAWN else 0)
    )
