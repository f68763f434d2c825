"""The hidden button: edges in, one squeeze out. Nothing else may delay this task."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.portable import const

# The chip drops interrupts when its queue of 8 is full, so the level is read again anyway.
_IDLE_POLL_MS = const(250)


class SosTask:
    """Feeds the recogniser with dated edges and calls `on_squeeze(now_ms)` once per squeeze."""

    def __init__(self, pin, active_level, recogniser, gate, on_squeeze, log):
        self._pin = pin
        self._active_level = active_level
        self._hold = recogniser
        self._gate = gate
        self._on_squeeze = on_squeeze
        self._log = log
        self._edge_seen = asyncio.ThreadSafeFlag()
        self._pressed = False
        self._last_look_ms = ticks_ms()

    def is_pressed(self):
        """The raw level of the button, without debounce."""
        return self._pin.value() == self._active_level

    async def run(self, feed):
        """Watch the button for ever."""
        self._pin.irq(self._on_edge, self._pin.IRQ_RISING | self._pin.IRQ_FALLING)
        while True:
            feed()
            self.look(ticks_ms())
            due_ms = self._hold.due_ms(ticks_ms())
            wait_ms = _IDLE_POLL_MS if due_ms is None else min(due_ms, _IDLE_POLL_MS)
            try:
                await asyncio.wait_for_ms(self._edge_seen.wait(), max(wait_ms, 1))
            except asyncio.TimeoutError:
                pass

    def look(self, now_ms):
        """Read the level once, date an edge, and raise the alarm when the hold is complete."""
        pressed = self.is_pressed()
        if pressed != self._pressed:
            self._pressed = pressed
            self._hold.edge(pressed, now_ms, self._earliest_ms(now_ms))
        self._last_look_ms = now_ms
        if self._hold.poll(now_ms):
            self._on_squeeze(now_ms)
            self._gate.squeeze_served()

    def _earliest_ms(self, now_ms):
        earliest_ms = self._gate.earliest_edge_ms(now_ms)
        if ticks_diff(earliest_ms, self._last_look_ms) < 0:
            return self._last_look_ms
        return earliest_ms

    def _on_edge(self, _pin):
        self._edge_seen.set()
