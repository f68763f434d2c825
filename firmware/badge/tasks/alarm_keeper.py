"""Owns the open alarms: makes them durable, tells the wearer, hands them to the link."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core import alarm as life
from badge.core import wire
from badge.core.journal import REC_ALARM
from badge.core.portable import const

_ROUND_MS = const(250)
_REPEAT_PRE_ALARM_MS = const(3000)
# Flash that fails or is full: each try costs stalls and wear, so not every round.
_FLASH_REST_MS = const(10_000)
_KIND_NAMES = {life.KIND_SOS: "sos", life.KIND_MAN_DOWN: "man_down"}
_FEEL = "FEEL_"


class AlarmKeeper:
    """The one owner of the alarm book, the journal and what follows from a change of state.

    `feel(pattern)` queues a haptic pattern, `kick()` wakes the link, `on_open(alarm)` hears of a
    new alarm once it is durable.
    """

    def __init__(self, book, journal, outbox, gate, identity, config, clock, feel, log):
        self._book = book
        self._journal = journal
        self._outbox = outbox
        self._gate = gate
        self._identity = identity
        self._config = config
        self._clock = clock
        self._feel = feel
        self._log = log
        self._wake = asyncio.Event()
        self._unstored = []
        self._flash_failed_ms = None
        self._felt_pre_alarm_ms = 0
        self.kick = _nobody
        self.on_open = _nobody

    def resume(self, records, now_ms):
        """Take up the alarms of the journal again after a reset."""
        for alarm, actions in self._book.resume(records, now_ms):
            self._log_state("alarm.resumed", alarm)
            self._act(alarm, actions, now_ms)

    def open_alarms(self):
        """The open alarms, oldest first."""
        return self._book.alarms

    def squeeze(self, now_ms):
        """The wearer asks for help; durable when this returns, unless flash itself has failed."""
        before = list(self._book.alarms)
        alarm, actions = self._book.squeeze(now_ms, self._clock.utc_s())
        if alarm in before:
            self._act(alarm, actions, now_ms)
            self._log_state("alarm.state", alarm, event="SOS")
        else:
            self._opened(alarm, actions, now_ms)

    def condition(self, kind, now_ms, peak_mg, tilt_deg):
        """An automatic condition is met: a pre-alarm begins, unless one is running already."""
        try:
            alarm, actions = self._book.condition(
                kind, now_ms, self._clock.utc_s(), peak_mg, tilt_deg
            )
        except life.Refused as refused:
            self._log.failure("alarm.refused", refused)
            return
        self._felt_pre_alarm_ms = now_ms
        self._opened(alarm, actions, now_ms)

    def clear(self, now_ms):
        """The cause of the running pre-alarm has gone away."""
        alarm = self._book.pre_alarm()
        if alarm is not None:
            self._step(alarm, life.EV_CLEAR, now_ms)

    def on_status(self, status, now_ms):
        """The receiver says how far an alarm is; its authenticity has been checked."""
        try:
            alarm, actions = self._book.on_status(status, now_ms)
        except life.Refused as refused:
            self._log.failure("alarm.refused", refused)
            return
        if alarm is None:
            self._log.event("alarm.unknown", boot=status.boot, seq=status.seq)
            return
        self._log_state("alarm.status", alarm)
        self._act(alarm, actions, now_ms)

    def on_clock(self, utc_s, now_ms):
        """The true time is known: the open alarms date themselves."""
        for alarm in self._book.alarms:
            alarm.learn_utc(utc_s, now_ms)

    def frame(self, alarm, attempt, now_ms):
        """The message about `alarm`, as it is now."""
        flags = wire.FLAG_TEST if alarm.is_test else 0
        if alarm.age_at_least:
            flags |= wire.FLAG_AGE_AT_LEAST
        return wire.encode_alarm(
            self._identity.hmac_key,
            self._identity.badge,
            alarm.boot,
            alarm.seq,
            alarm.kind,
            alarm.age_ms(now_ms),
            attempt,
            alarm.utc_s,
            alarm.peak_mg,
            alarm.tilt_deg,
            flags,
        )

    def sent(self, alarm, attempt, now_ms):
        """A broker has acknowledged the message: not yet a delivery, so it will be repeated."""
        self._log.event("alarm.acknowledged", boot=alarm.boot, seq=alarm.seq, attempt=attempt)
        self._step(alarm, life.EV_SENT, now_ms)

    async def run(self, feed):
        """Watch the clocks of the alarms, and keep the journal ready for the next one."""
        while True:
            feed()
            await self._store_late()
            await self._prime()
            now_ms = ticks_ms()
            await self._watch_pre_alarm(now_ms)
            for alarm in list(self._book.alarms):
                if self._outbox.late(alarm, now_ms):
                    self._step(alarm, life.EV_LATE, now_ms)
            self._wake.clear()
            try:
                await asyncio.wait_for_ms(self._wake.wait(), _ROUND_MS)
            except asyncio.TimeoutError:
                pass

    async def _watch_pre_alarm(self, now_ms):
        alarm = self._book.pre_alarm()
        if alarm is None:
            return
        if alarm.age_ms(now_ms) < self._config.prealarm_ms:
            if ticks_diff(now_ms, self._felt_pre_alarm_ms) >= _REPEAT_PRE_ALARM_MS:
                self._felt_pre_alarm_ms = now_ms
                self._feel("PRE_ALARM")
            return
        # A squeeze under way turns this pre-alarm into the SOS; the journal is left to it.
        await self._gate.quiet()
        if alarm.state == life.PRE_ALARM:
            self._step(alarm, life.EV_PRE_ALARM_OVER, ticks_ms())

    def _opened(self, alarm, actions, now_ms):
        self._act(alarm, actions, now_ms)
        self._log_state("alarm.opened", alarm)
        self._wake.set()
        self.on_open(alarm)

    def _step(self, alarm, event, now_ms):
        try:
            actions = self._book.handle(alarm, event, now_ms)
        except life.Refused as refused:
            self._log.failure("alarm.refused", refused)
            return
        self._log_state("alarm.state", alarm, event=life.EVENT_NAMES[event])
        self._act(alarm, actions, now_ms)

    def _act(self, alarm, actions, now_ms):
        for action in actions:
            if action == life.STORE:
                # Only what is about to be sent must be durable first; the rest can wait for quiet.
                if life.SEND in actions:
                    self._store(alarm, now_ms)
                else:
                    self._unstored.append(alarm)
                    self._wake.set()
            elif action == life.SEND:
                self.kick()
            elif action.startswith(_FEEL):
                self._feel(action[len(_FEEL) :])

    def _store(self, alarm, now_ms):
        started_ms = ticks_ms()
        try:
            self._journal.append(REC_ALARM, alarm.boot, alarm.seq, alarm.pack(now_ms))
        except OSError as error:
            # A full or broken flash must not keep an alarm from being sent: it goes from memory,
            # and to flash as soon as that works again.
            self._log.failure("journal.failed", error, boot=alarm.boot, seq=alarm.seq)
            self._flash_failed_ms = ticks_ms()
            if alarm not in self._unstored:
                self._unstored.append(alarm)
            return
        self._flash_failed_ms = None
        took_ms = ticks_diff(ticks_ms(), started_ms)
        self._log_state("alarm.durable", alarm, took_ms=took_ms)

    async def _store_late(self):
        while self._unstored and not self._flash_rests():
            await self._gate.quiet()
            alarm = self._unstored.pop(0)
            if alarm not in self._unstored:
                self._gate.begin()
                self._store(alarm, ticks_ms())
                self._gate.end()

    async def _prime(self):
        if not self._journal.primed and not self._flash_rests():
            await self._gate.quiet()
            self._gate.begin()
            self._prime_now()
            self._gate.end()

    def _prime_now(self):
        try:
            self._journal.prime()
        except OSError as error:
            self._log.failure("journal.failed", error)
            self._flash_failed_ms = ticks_ms()

    def _flash_rests(self):
        failed_ms = self._flash_failed_ms
        return failed_ms is not None and ticks_diff(ticks_ms(), failed_ms) < _FLASH_REST_MS

    def _log_state(self, what, alarm, **fields):
        self._log.event(
            what,
            kind=_KIND_NAMES.get(alarm.kind, alarm.kind),
            boot=alarm.boot,
            seq=alarm.seq,
            state=life.STATE_NAMES[alarm.state],
            **fields,
        )


def _nobody(*_):
    """Hears nothing; the app wires in the link and the motion store."""
