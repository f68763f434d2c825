"""Looks for satellites in an alarm, with a receiver that shares nothing with the network.

So no window waits for a receipt, and none is cut short: neither the link nor the buttons notice.
"""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core import gnss_window
from badge.core.portable import const
from badge.tasks import beat

_LOOK_MS = const(1_000)
# For who asks whether it answers.
_TRY_MS = const(4_000)
_TRY_STEP_MS = const(250)


class GnssTask:
    """`sky` is a Sky with `gnss`, a SerialGnss."""

    def __init__(self, sky, gnss, keeper):
        self._sky = sky
        self._gnss = gnss
        self._keeper = keeper
        # Its line is deaf while the chip sleeps.
        self.is_on = False

    async def run(self, feed):
        """Look for ever whether a window is wanted; begun anew it begins with the receiver off."""
        self.off()
        while True:
            feed()
            if not self.is_on and self._is_wanted(ticks_ms()):
                await self._window(feed)
            await asyncio.sleep_ms(beat.until_ms(_LOOK_MS))

    async def check(self):
        """Whether it answers, as facts: `sentences` and `bytes` that were heard, within 4 s."""
        if self.is_on:
            # A window is under way, which hears what there is to hear.
            await self._wait_for_sentence(reads=False)
        else:
            self.is_on = True
            try:
                await self._gnss.start()
                await self._wait_for_sentence(reads=True)
            finally:
                self.off()
        return {"sentences": self._gnss.sentences, "bytes": self._gnss.heard_bytes}

    def off(self):
        """No supply for the receiver, whoever was using it."""
        self._gnss.off()
        self.is_on = False

    def _is_wanted(self, now_ms):
        age_ms = gnss_window.age_ms(self._keeper.open_alarms(), now_ms)
        return gnss_window.is_time(age_ms, self._sky.since_ms(now_ms))

    async def _window(self, feed):
        self.is_on = True
        try:
            await self._sky.look(feed, self._ended)
        finally:
            self.off()

    async def _ended(self):
        """Once it is closed, where its wearer is is nobody's business."""
        await asyncio.sleep_ms(_LOOK_MS)
        is_open = gnss_window.age_ms(self._keeper.open_alarms(), ticks_ms()) is not None
        return "" if is_open else "closed"

    async def _wait_for_sentence(self, reads):
        began_ms = ticks_ms()
        while not self._gnss.sentences and ticks_diff(ticks_ms(), began_ms) < _TRY_MS:
            await asyncio.sleep_ms(_TRY_STEP_MS)
            if reads:
                await self._gnss.fix()
