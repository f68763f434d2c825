"""Calls for whoever is near while the link brings no receipt: what waits, by BLE (link/ble).

Beside the link, which it never asks to wait: it changes neither when an alarm is tried there next
nor how often. Nothing of it is felt.
"""

from time import ticks_diff, ticks_ms

from badge.core import nearby
from badge.core.codec import beacon, veil, wire
from badge.core.portable import const
from badge.link.ble.controller import BleError
from badge.tasks import beat
from badge.tasks.bell import IrqBell

_ROUND_MS = const(1_000)
# What is offered tells how old it is; this much of that may be missing.
_FRESH_MS = const(5_000)
# Between two hellos, as on the link while an alarm is new.
_HELLO_MS = const(30_000)
_ROLL_MS = const(900_000)
_DEAD_FIRST_MS = const(10_000)
_DEAD_MAX_MS = const(300_000)


class NearbyTask:
    """`peripheral(heard)` makes the radio; `link` is the Uplink; `after_ms`: how long it has."""

    def __init__(self, common, peripheral, who, keeper, *, outbox, greeting, link, after_ms):
        self._clock = common.clock
        self._gate = common.gate
        self._log = common.log
        self._bell = IrqBell()
        self._radio = peripheral(self._bell.set)
        self._who = who
        self._keeper = keeper
        self._outbox = outbox
        self._greeting = greeting
        self._link = link
        self._after_ms = after_ms
        self._offered = None
        self._offered_ms = self._rolled_ms = self._hello_ms = 0
        self._dead_ms = 0
        self._dead_since_ms = 0
        # With the radio on the chip must not sleep.
        self.is_on = False
        # Writes that were no status of this badge's receiver.
        self.refused = 0

    async def run(self, feed):
        """Look for ever whether to be heard, and be."""
        while True:
            feed()
            now_ms = ticks_ms()
            try:
                await self._step(now_ms)
            except BleError as error:
                self._fail(error, now_ms)
            await self._bell.wait_ms(beat.until_ms(_ROUND_MS))

    async def _step(self, now_ms):
        wanted = nearby.is_wanted(
            self._keeper.under_way(), now_ms, self._after_ms, is_linked=self._link.is_up
        )
        if wanted and not self.is_on and not self._is_dead(now_ms):
            await self._start()
        elif self.is_on and not wanted:
            self._stop()
        if not self.is_on:
            return
        self._radio.look(now_ms)
        self._hear()
        self._offer(ticks_ms())

    async def _start(self):
        # The controller takes its time, and the VM stands still meanwhile.
        await self._gate.wait_open()
        self._gate.begin()
        try:
            self._radio.start()
        finally:
            self._gate.end()
        self.is_on = True
        self._dead_ms = 0
        self._offered = None
        self._rolled_ms = ticks_ms()
        self._log.event("ble.on")

    def _stop(self):
        self.is_on = False
        is_off = self._radio.stop()
        self._log.event("ble.off", is_off=is_off, refused=self.refused)

    def _fail(self, error, now_ms):
        self._log.failure("ble.failed", error)
        if self.is_on:
            self._stop()
        self._dead_ms = min(2 * self._dead_ms, _DEAD_MAX_MS) or _DEAD_FIRST_MS
        self._dead_since_ms = now_ms

    def _is_dead(self, now_ms):
        return self._dead_ms and 0 <= ticks_diff(now_ms, self._dead_since_ms) < self._dead_ms

    def _hear(self):
        written = self._radio.taken()
        if written is None:
            return
        who = self._who
        try:
            frame = veil.unveil(who.hmac_key, veil.STATUS, written)
            status = wire.decode_status(frame, who.hmac_key, who.badge)
        except wire.WireError as error:
            self.refused += 1
            # Whoever is near can write: the log must not be theirs to fill.
            if self.refused & (self.refused - 1) == 0:
                self._log.failure("ble.refused", error, count=self.refused)
            return
        self._log.event("ble.status", boot=status.boot, seq=status.seq, state=status.state)
        self._keeper.on_status(status, ticks_ms())
        self._clock.offset_told(status.offset_quarters, status.utc_s)

    def _offer(self, now_ms):
        due = [one for one in self._keeper.open_alarms() if one.is_due_for_sending()]
        # Under somebody who reads it in pieces nothing may change that is not news.
        is_old = self._radio.is_alone() and ticks_diff(now_ms, self._offered_ms) >= _FRESH_MS
        if due:
            alarm = min(due, key=self._outbox.rank)
            call = beacon.call_of(alarm.boot, alarm.seq, alarm.rev, alarm.kind)
            if call != self._offered or is_old:
                self._put(call, lambda: self._keeper.frame(alarm, max(alarm.tries, 1), now_ms))
        elif self._offered != beacon.HELLO or (
            is_old and ticks_diff(now_ms, self._hello_ms) >= _HELLO_MS
        ):
            self._hello_ms = now_ms
            self._put(
                beacon.HELLO,
                lambda: self._hello(now_ms),
            )
        if ticks_diff(now_ms, self._rolled_ms) >= _ROLL_MS:
            self._rolled_ms = now_ms
            self._radio.roll()

    def _hello(self, now_ms):
        alarms, outage = self._keeper.open_alarms(), self._link.outages.told(now_ms)
        return self._greeting.frames(alarms, now_ms, outage)[0]

    def _put(self, call, frame):
        self._offered, self._offered_ms = call, ticks_ms()
        try:
            self._radio.offer(call, frame())
        except wire.WireError as error:
            self._log.failure("ble.unsayable", error)
