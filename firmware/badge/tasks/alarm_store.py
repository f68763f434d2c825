"""Makes alarms durable: at once before a send, else when nobody is about to squeeze."""

from time import ticks_diff, ticks_ms

from badge.core.alarm import kinds, life
from badge.core.codec.journal import REC_ALARM
from badge.core.portable import const

# Flash that fails or is full: each try costs stalls and wear, so not every round.
_FLASH_REST_MS = const(10_000)


class AlarmStore:
    """The journal as the keeper of the alarms uses it; a flash that fails is tried again."""

    def __init__(self, journal, gate, log):
        self._journal = journal
        self._gate = gate
        self._log = log
        self._unstored = []
        self._failed_ms = None

    def now(self, alarm, now_ms):
        """Make `alarm` durable before this returns, unless flash itself fails."""
        started_ms = ticks_ms()
        try:
            self._journal.append(REC_ALARM, alarm.boot, alarm.seq, alarm.pack(now_ms))
        except OSError as error:
            # A full or broken flash must not keep an alarm from being sent: it goes from memory,
            # and to flash as soon as that works again.
            self._log.failure("journal.failed", error, boot=alarm.boot, seq=alarm.seq)
            self._failed_ms = ticks_ms()
            self.later(alarm)
            return
        self._failed_ms = None
        # The clock of a deadline is written down every minute: that is no news.
        stored_as, alarm.stored_as = alarm.stored_as, (alarm.state, alarm.rev)
        if stored_as == alarm.stored_as:
            return
        self._log.event(
            "alarm.durable",
            kind=kinds.of(alarm.kind).name,
            boot=alarm.boot,
            seq=alarm.seq,
            state=life.STATE_NAMES[alarm.state],
            took_ms=ticks_diff(ticks_ms(), started_ms),
        )

    def later(self, alarm):
        """Make `alarm` durable at the next `settle`."""
        if alarm not in self._unstored:
            self._unstored.append(alarm)

    def store_all(self, now_ms):
        """Store now what waits; False when an alarm is in memory alone, or not as it is now."""
        waiting, self._unstored = self._unstored, []
        for alarm in waiting:
            self.now(alarm, now_ms)
        return not self._unstored

    def is_saved(self, now_ms):
        """The same; what the receiver has counts as stored."""
        self.store_all(now_ms)
        return not any(alarm.is_due_for_sending() for alarm in self._unstored)

    def is_settled(self):
        """True while `settle` has nothing to do."""
        return self._rests() or (self._journal.primed and not self._unstored)

    async def settle(self):
        """Store what waits, and make the journal ready for the next alarm."""
        while self._unstored and not self._rests():
            await self._gate.wait_open()
            if not self._unstored:
                # A restart that waits has stored them meanwhile.
                break
            alarm = self._unstored.pop(0)
            self._gate.begin()
            self.now(alarm, ticks_ms())
            self._gate.end()
        if not self._journal.primed and not self._rests():
            await self._gate.wait_open()
            self._gate.begin()
            self._prime()
            self._gate.end()

    def _prime(self):
        try:
            self._journal.prime()
        except OSError as error:
            self._log.failure("journal.failed", error)
            self._failed_ms = ticks_ms()
            return
        self._failed_ms = None

    def is_failing(self):
        """Whether an alarm raised now would not survive a reset."""
        return self._failed_ms is not None

    def _rests(self):
        failed_ms = self._failed_ms
        return failed_ms is not None and ticks_diff(ticks_ms(), failed_ms) < _FLASH_REST_MS
