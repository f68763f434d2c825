"""Keeps long VM stalls out of a squeeze, and dates an edge that a stall hid.

A TLS public-key step, a collection or a flash erase blocks the whole VM. A squeeze lasts 1.5 s, so
whoever is about to block asks first, and waits while a press is under way. What cannot wait is
bracketed, so that the button task knows how early a late-seen edge may have happened.
"""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.portable import const

_STEP_MS = const(20)
# The longest press that has a meaning and its pause (core/wearer/gestures.py) take 5.6 s;
# somebody who goes on pressing must not keep the alarm from being sent.
_GIVE_WAY_MS = const(6000)
# Stalls closer together than this hide one another's edges.
_ADJOINING_MS = const(5)


class StallGate:
    """Asked before every long blocking operation; `is_pressed()`: a press is under way.

    `look(now_ms)` has the buttons looked at: a squeeze that a stall hid must not wait behind the
    next stall.
    """

    def __init__(self, is_pressed, look):
        self.is_pressed = is_pressed
        self._look = look
        self._open_until_release = False
        self._began_ms = ticks_ms()
        self._ended_ms = self._began_ms
        # A stall that nobody announced, and nobody has looked at the buttons since.
        self._is_unseen = False

    async def wait_open(self):
        """Give other tasks a turn, then return once no squeeze is under way (6 s at most)."""
        await asyncio.sleep_ms(0)
        began_ms = ticks_ms()
        self._look(began_ms)
        while self._squeezed():
            if ticks_diff(ticks_ms(), began_ms) >= _GIVE_WAY_MS:
                self._open_until_release = True
                return
            await asyncio.sleep_ms(_STEP_MS)
            self._look(ticks_ms())

    def squeeze_served(self):
        """The squeeze is durable: stalls may run again although the button is still down."""
        self._open_until_release = True

    def begin(self):
        """A blocking operation starts now."""
        now_ms = ticks_ms()
        if not self._is_unseen and ticks_diff(now_ms, self._ended_ms) > _ADJOINING_MS:
            self._began_ms = now_ms

    def end(self):
        """The blocking operation is over; an edge that it hid is seen and dated at once.

        The button task's own turn may come after a collection nobody announced: too late to date.
        """
        self._ended_ms = ticks_ms()
        self._look(self._ended_ms)

    def stalled(self, began_ms):
        """Since `began_ms` the VM stood still, and nobody could know: the next look counts it.

        It does not look itself: whoever stalled may be at work for the buttons.
        """
        self._began_ms = began_ms
        self._is_unseen = True

    def earliest_edge_ms(self, now_ms):
        """The earliest ticks at which an edge seen at `now_ms` can have happened."""
        if self._is_unseen:
            self._is_unseen = False
            return self._began_ms
        if ticks_diff(now_ms, self._ended_ms) > _ADJOINING_MS:
            return now_ms
        return self._began_ms

    def _squeezed(self):
        if not self.is_pressed():
            self._open_until_release = False
            return False
        return not self._open_until_release
