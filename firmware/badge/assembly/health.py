"""Puts together the verdict on the badge itself: what may fail, and when it starts anew."""

from collections import namedtuple
from time import ticks_ms

from badge.tasks.clock_watch import ClockWatch
from badge.tasks.fault_watch import FaultWatch
from badge.tasks.self_restart import Asked, SelfRestart

# watch: the FaultWatch. restart: the SelfRestart. Of what speaks against "am I protected?" each of
# `reasons` is one or "", each of `lists` several.
Health = namedtuple("Health", ("watch", "restart", "reasons", "lists"))


def build(parts, starts, came_of):
    """The Health of the badge; `starts` is a StartsFile, `came_of` why the badge started."""
    answers, keeper = parts.wearer.answers, parts.alarms.keeper
    common, who = parts.base.common, parts.alarms.who
    clock, log, has_radio = common.clock, common.log, parts.radio is not None
    over = _resets(came_of, starts, clock.rtc_s())
    watch = FaultWatch(
        answers, keeper, parts.wearer.shift.is_on, common, can_send=has_radio, over=over
    )
    time = ClockWatch(clock, who, log)
    asked = Asked(parts.body.man_down.is_judging, parts.updater.is_on_trial)
    restart = SelfRestart(starts, clock, keeper, asked, parts.restart, log)
    reasons = (
        _config_reason(parts.config_file, has_identity=who is not None),
        parts.chores.reason,
        lambda: time.clock_reason() if has_radio else "",
        time.certificate_reason,
        lambda: "restarts" if starts.loops(clock.rtc_s()) else "",
        lambda: "stopped" if starts.was_stopped(clock.rtc_s()) else "",
    )
    lists = (parts.supervisor.reasons, lambda: watch.of_files(ticks_ms()))
    return Health(watch, restart, reasons, lists)


def _config_reason(config_file, *, has_identity):
    # Provisioning brings settings with every identity.
    is_fault = config_file.is_damaged or (has_identity and config_file.is_missing)
    return lambda: "config" if is_fault else ""


def _resets(came_of, starts, now_s):
    """What the centre hears of this start: one that nobody asked for, and that is no loop."""
    if starts.loops(now_s) or starts.was_stopped(now_s):
        return []
    if came_of in ("watchdog", "brownout", "fault"):
        return ["reset." + came_of]
    return ["reset.fault"] if came_of == "reset" and starts.came_of_fault() else []
