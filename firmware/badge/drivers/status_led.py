"""The status light on a pin."""

import asyncio


class StatusLed:
    """Blinks patterns of (on_ms, off_ms); dark whenever none plays."""

    def __init__(self, pin, active_level):
        self._pin = pin
        self._on = active_level
        self.off()

    async def play(self, blinks):
        """Blink to the end; cancelling it is darkness at once."""
        try:
            for on_ms, off_ms in blinks:
                self._pin.value(self._on)
                await asyncio.sleep_ms(on_ms)
                self._pin.value(1 - self._on)
                await asyncio.sleep_ms(off_ms)
        finally:
            self.off()

    def off(self):
        """Dark, whatever was playing."""
        self._pin.value(1 - self._on)
