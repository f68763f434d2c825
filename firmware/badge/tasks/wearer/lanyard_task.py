"""The lanyard's contact: tells whether the badge hangs on its lanyard."""

from time import ticks_ms

from badge.core.body.rip import RipContact
from badge.core.portable import const
from badge.tasks import beat
from badge.tasks.bell import IrqBell

_DEBOUNCE_MS = const(200)
_IDLE_POLL_MS = const(500)


class LanyardTask:
    """Calls `on_change(is_attached, now_ms)` at the start and whenever the contact has settled."""

    def __init__(self, pin, closed_level, on_change):
        self._pin = pin
        self._closed_level = closed_level
        self._on_change = on_change
        self._contact = RipContact(_DEBOUNCE_MS, self._is_open())
        self._edge_seen = IrqBell()

    async def run(self, feed):
        """Watch the contact for ever."""
        self._pin.irq(self._on_edge, self._pin.IRQ_RISING | self._pin.IRQ_FALLING)
        self._on_change(not self._contact.is_open, ticks_ms())
        while True:
            feed()
            now_ms = ticks_ms()
            if self._contact.look(self._is_open(), now_ms):
                self._on_change(not self._contact.is_open, now_ms)
            due_ms = self._contact.due_ms(now_ms)
            wait_ms = beat.until_ms(_IDLE_POLL_MS) if due_ms is None else max(due_ms, 1)
            await self._edge_seen.wait_ms(wait_ms)

    def _is_open(self):
        return self._pin.value() != self._closed_level

    def _on_edge(self, _pin):
        self._edge_seen.set()
