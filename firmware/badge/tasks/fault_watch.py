"""Tells what speaks against "protected": the wearer feels new faults, the centre gets all."""

from time import ticks_diff

from badge.core.alarm import kinds, life
from badge.core.portable import const
from badge.core.wearer import protection, reasons

# A fault that lasts is told to the centre once, one that comes and goes once in so long.
_AGAIN_MS = const(3_600_000)
# A file that could not be written counts as failing for so long; most are written more often.
_FAILING_MS = const(1_800_000)


class FaultWatch:
    """Looks once a second, from the supervisor: no task of its own, which could die too.

    `is_on()`: a shift is on. `can_send`: the badge has an identity. `over`: names of what the
    centre is to hear once, though it is over.
    """

    def __init__(self, answers, keeper, is_on, common, *, can_send, over):
        self._answers = answers
        self._keeper = keeper
        self._is_on = is_on
        self._can_send = can_send
        self._over = over
        self._feel = common.feel
        self._log = common.log
        self._faults = []
        self._is_new = False
        # By name: since when it is there, and when the centre was told; which of these last.
        self._since_ms = {}
        self._told_ms = {}
        self._told = set()

    def of_files(self, now_ms):
        """Return the reasons that files are which could not be read or written."""
        found = []
        for what, failed_ms in list(self._log.failed_ms.items()):
            if not 0 <= ticks_diff(now_ms, failed_ms) < _FAILING_MS:
                # Forgotten before ticks wrap.
                del self._log.failed_ms[what]
            elif reasons.OF_FAILURES.get(what) == "storage":
                found.append("storage")
        return found

    def look(self, now_ms):
        """Feel, log and tell what has changed."""
        _, names = self._answers.verdict()
        faults = []
        lasting = []
        for name in names:
            told_s = _told_s(name)
            if told_s == reasons.AT_ONCE:
                faults.append(name)
            elif told_s and self._is_on():
                lasting.append(name)
        if faults != self._faults:
            self._log.event("faults", now=protection.listed(faults))
            self._is_new |= any(fault not in self._faults for fault in faults)
            self._faults = faults
        # The wearer hears of a new one even without asking, but not in the middle of an alarm.
        if self._is_new and not self._has_alarm():
            self._is_new = False
            if faults and self._is_on():
                self._feel("LIMITED")
        self._tell(self._over + faults + lasting, now_ms)

    def _tell(self, faults, now_ms):
        for name in list(self._since_ms):
            if name not in faults:
                del self._since_ms[name]
                self._told.discard(name)
        for name in list(self._told_ms):
            if not 0 <= ticks_diff(now_ms, self._told_ms[name]) < _AGAIN_MS:
                del self._told_ms[name]
        for name in faults:
            since_ms = self._since_ms.setdefault(name, now_ms)
            is_told = name in self._told or name in self._told_ms
            lasts_ms = 1000 * _told_s(name)
            if not self._can_send or is_told or ticks_diff(now_ms, since_ms) < lasts_ms:
                continue
            # One at a time: reports must not take the places of one another.
            number = reasons.of(name).number
            report = self._keeper.technical(kinds.FAULT, now_ms, reason=number)
            if report is not None and report.reason == number:
                self._told_ms[name] = now_ms
                self._told.add(name)
            return

    def _has_alarm(self):
        return any(
            alarm.is_red() or alarm.state == life.PRE_ALARM for alarm in self._keeper.open_alarms()
        )


def _told_s(name):
    reason = reasons.of(name)
    return 0 if reason is None else reason.told_s
