"""Sets the badge's clock by the network, and asks again while the answer is in doubt."""

from time import ticks_diff, ticks_ms

from badge.core.portable import const

_ASK_AGAIN_MS = const(60_000)


class NetworkTime:
    """`on_clock(utc_s, now_ms)` hears of each time that is taken."""

    def __init__(self, common, bearer, on_clock):
        self._clock = common.clock
        self._log = common.log
        self._bearer = bearer
        self._on_clock = on_clock
        self._asked_ms = 0

    async def ask(self):
        """Take what the network says, if it says anything; raises what the bearer does."""
        self._asked_ms = ticks_ms()
        utc_s = await self._bearer.utc_s()
        if utc_s is None:
            return
        if self._clock.set(utc_s):
            self._on_clock(utc_s, ticks_ms())
        else:
            self._log.event("clock.refused", utc_s=utc_s)

    def wants_opinion(self, now_ms):
        """Whether a second opinion is due."""
        passed_ms = ticks_diff(now_ms, self._asked_ms)
        return self._clock.is_in_doubt() and passed_ms >= _ASK_AGAIN_MS

    async def hear_opinion(self):
        """Ask within a session, which is worth more than the time."""
        try:
            await self.ask()
        except self._bearer.errors as error:
            self._log.failure("clock.unanswered", error)
        else:
            self._log.event("clock.asked", trusted=self._clock.trusted, utc_s=self._clock.utc_s())
