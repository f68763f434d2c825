"""Puts together the verdict on the badge itself: what may fail, and when it starts anew."""

from collections import namedtuple
from time import ticks_diff, ticks_ms

from badge.core.codec import certificate
from badge.core.portable import const
from badge.tasks.fault_watch import FaultWatch

# The modem tells the time with each session.
_TIME_TOLD_MS = const(900_000)
# A fall is judged within 11 s.
_VERDICT_MS = const(15_000)
# A month is enough to send an engineer round.
_CERTIFICATE_S = const(30 * 86_400)


# watch: the FaultWatch. restart(why): has the badge start anew. note_stop(): it was stopped. Of
# what speaks against "am I protected?" each of `reasons` is one or "", each of `lists` several.
Health = namedtuple("Health", ("watch", "restart", "note_stop", "reasons", "lists"))


def build(parts, starts):
    """The Health of the badge; `starts` is a StartsFile."""
    answers, keeper = parts.wearer.answers, parts.alarms.keeper
    common, who = parts.base.common, parts.alarms.who
    watch = FaultWatch(
        answers, keeper, parts.wearer.shift.is_on, common, can_send=parts.radio is not None
    )
    reasons = (
        lambda: "config" if parts.config_file.is_damaged else "",
        parts.chores.reason,
        _clock_reason(common.clock, parts.radio),
        _certificate_reason(who, common),
        lambda: "restarts" if starts.loops(common.clock.rtc_s()) else "",
        lambda: "stopped" if starts.was_stopped(common.clock.rtc_s()) else "",
    )
    lists = (parts.supervisor.reasons, lambda: watch.of_files(ticks_ms()))
    return Health(watch, _restart(parts, starts), _note_stop(common, starts), reasons, lists)


def _clock_reason(clock, radio):
    began_ms = ticks_ms()
    is_late = False

    def reason():
        nonlocal is_late
        # Latched, for ticks wrap.
        is_late = is_late or ticks_diff(ticks_ms(), began_ms) >= _TIME_TOLD_MS
        return "clock" if radio is not None and is_late and not clock.trusted else ""

    return reason


def _certificate_reason(who, common):
    if who is None:
        return lambda: ""
    try:
        end_s = certificate.not_after_s(who.cert_der)
    except ValueError as error:
        common.log.event("certificate.unread", why=repr(str(error)))
        return lambda: "certificate"

    def reason():
        utc_s = common.clock.utc_s()
        return "certificate" if utc_s is not None and utc_s > end_s - _CERTIFICATE_S else ""

    return reason


def _note_stop(common, starts):
    def note():
        try:
            starts.stopped(common.clock.rtc_s())
        except OSError as error:
            common.log.failure("starts.not_stored", error)

    return note


def _restart(parts, starts):
    """What has the badge start anew for a task that keeps dying, at most once an hour."""
    keeper, clock, log = parts.alarms.keeper, parts.base.common.clock, parts.base.common.log
    is_safe = _is_safe(keeper, parts.body.man_down)

    def restart(why):
        now_s = clock.rtc_s()
        if parts.restart.pending:
            return True
        # A pre-alarm that nobody ends is a fall that nobody hears of: the next start raises it.
        if not starts.may_restart(now_s) and not keeper.has_overdue():
            return False
        try:
            starts.restarts(now_s)
        except OSError as error:
            # Nobody could tell the next start that this one came of it.
            log.failure("starts.not_stored", error)
            return False
        parts.restart.when_safe(why, is_safe)
        return True

    return restart


def _is_safe(keeper, man_down):
    """Whether a restart now costs neither an alarm nor a fall that is being judged."""
    judging_from_ms = None

    def is_safe():
        nonlocal judging_from_ms
        if not keeper.may_be_reset():
            return False
        if not man_down.is_judging():
            judging_from_ms = None
            return True
        now_ms = ticks_ms()
        if judging_from_ms is None:
            judging_from_ms = now_ms
        # The task that feeds the detector may be the one that keeps dying.
        return ticks_diff(now_ms, judging_from_ms) >= _VERDICT_MS

    return is_safe
