"""When an open alarm comes due: a pre-alarm that has lasted its time, a deadline."""

from badge.core.alarm import kinds, life
from badge.core.detector import params


def pre_alarm_ms(config, alarm):
    """Return how long the pre-alarm of `alarm` lasts; that of a deadline is its grace."""
    if alarm.due_ms is not None:
        return alarm.grace_s * 1000
    return params.pre_alarm_ms(config, alarm.kind == kinds.MAN_DOWN)


def is_due(config, alarm, now_ms, late_ms=0):
    """Whether it has come due, `late_ms` ago or earlier."""
    if alarm.state == life.PRE_ALARM:
        return alarm.age_ms(now_ms) >= pre_alarm_ms(config, alarm) + late_ms
    is_deadline = alarm.state == life.WAITING and alarm.due_ms is not None
    return is_deadline and alarm.age_ms(now_ms) >= alarm.due_ms + late_ms


def left_ms(config, pre_alarms, now_ms, least_ms=0):
    """Until the first of them has lasted its time, at least `least_ms`; None without one."""
    found = [
        max(pre_alarm_ms(config, alarm), least_ms) - alarm.age_ms(now_ms) for alarm in pre_alarms
    ]
    return min(found) if found else None
