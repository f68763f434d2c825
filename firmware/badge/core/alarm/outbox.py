"""Which alarm to send when: squeezes first, jittered growing pauses, no end before the receipt."""

from badge.core import ticks
from badge.core.alarm import kinds, life
from badge.core.alarm.record import TEST
from badge.core.portable import const

# A withdrawal is not waited for, and a check-in, which runs by itself, is no news to the wearer.
_WAITED_FOR = (life.RAISED, life.SENT, life.WAITING, life.REPORT)
# While an alarm is so young tries begin at most 15 s apart, of which one that is refused takes 3.
_YOUNG_MS = const(600_000)
_YOUNG_PAUSE_MS = const(12_000)


class Outbox:
    """The sending policy. `random_byte()` returns 0-255; the alarms carry their retry times."""

    def __init__(self, config, random_byte):
        self._config = config
        self.random_byte = random_byte

    def due(self, alarms, now_ms, link_up):
        """Return the alarm to send now, or None: squeezes first, tests last, then the oldest."""
        if not link_up:
            return None
        first = None
        for alarm in alarms:
            if not alarm.is_due_for_sending() or self._pause_ms(alarm, now_ms) > 0:
                continue
            if first is None or self.rank(alarm) < self.rank(first):
                first = alarm
        return first

    def is_near(self, alarms, now_ms):
        """Whether an alarm is due, or may be in a moment because a pre-alarm runs."""
        is_asking = any(alarm.state == life.PRE_ALARM for alarm in alarms)
        return is_asking or self.due(alarms, now_ms, True) is not None

    def rank(self, alarm):
        """Return a number: of two alarms the lower goes first."""
        if alarm.has(TEST):
            return 4
        if alarm.state == life.REPORT:
            return 3
        # A grace counts as the deadline it belongs to.
        if alarm.state in (life.WAITING, life.PRE_ALARM):
            return 2
        is_new = alarm.state in (life.RAISED, life.SENT)
        return 0 if is_new and kinds.of(alarm.kind).priority == kinds.HIGHEST else 1

    def sent(self, alarm, now_ms):
        """Count a try that begins now, set the time of the next, return the number of this try."""
        alarm.tries += 1
        pause_ms = self._backoff_ms(alarm.tries, is_young=_is_young(alarm, now_ms))
        alarm.retry_at_ms = ticks.add(now_ms, pause_ms)
        return alarm.tries

    def link_is_new(self, alarms, now_ms):
        """Make every undelivered alarm due at once: it waited for a link that was not there."""
        for alarm in alarms:
            if alarm.is_due_for_sending():
                alarm.retry_at_ms = now_ms

    def wait_ms(self, alarms, now_ms):
        """Return the time until an alarm is due (0: now), or None when nothing is to be sent."""
        waits = [self._pause_ms(alarm, now_ms) for alarm in alarms if alarm.is_due_for_sending()]
        return min(waits) if waits else None

    def late(self, alarm, now_ms):
        """True once, when the wearer must be told that the alarm is not delivered (event LATE).

        To be asked for every open alarm every second or so, with the link down too.
        """
        alarm.age_ms(now_ms)
        return (
            alarm.state in _WAITED_FOR
            and not (alarm.state == life.WAITING and alarm.kind == kinds.CHECK_IN)
            and alarm.is_due_for_sending()
            and not alarm.is_late()
            and ticks.diff(now_ms, alarm.waiting_since_ms) >= self._config.not_delivered_ms
        )

    def reconnect_ms(self, failures, alarms=(), now_ms=0):
        """Return the pause before the next connect after `failures` failed ones in a row."""
        is_young = any(_is_young(one, now_ms) for one in alarms if one.is_due_for_sending())
        return self._backoff_ms(max(failures, 1), is_young=is_young)

    def _backoff_ms(self, tries, *, is_young):
        config = self._config
        wait_ms = min(config.retry_first_ms << min(tries - 1, 8), config.retry_max_ms)
        if is_young:
            wait_ms = min(wait_ms, _YOUNG_PAUSE_MS)
        # Up to a quarter less, so that badges that lost the same cell do not return together.
        return wait_ms - wait_ms * self.random_byte() // 1024

    def _pause_ms(self, alarm, now_ms):
        pause_ms = ticks.diff(alarm.retry_at_ms, now_ms)
        # No pause is longer than retry_max_ms: then the ticks have wrapped, and it is over.
        return pause_ms if 0 < pause_ms <= self._config.retry_max_ms else 0


def _is_young(alarm, now_ms):
    return alarm.state != life.REPORT and alarm.age_ms(now_ms) < _YOUNG_MS
