"""One look at the satellites at a time, with whatever receiver there is."""

from time import ticks_diff, ticks_ms

from badge.core import fix_check, gnss_window


class Sky:
    """`gnss` is the receiver (drivers/modem/gnss.py); `build_utc_s`: no time is before it.

    `speed(kmh, now_ms)` hears how fast the badge is, and says whether one more would tell.
    """

    def __init__(self, common, gnss, keeper, build_utc_s, speed):
        self._clock = common.clock
        self._log = common.log
        self._gnss = gnss
        self._keeper = keeper
        self._build_utc_s = build_utc_s
        self._speed = speed
        self._began_ms = None
        # The best fix of this look and when it was heard.
        self._best = None

    def since_ms(self, now_ms):
        """How long ago the last look began, or None before the first."""
        if self._began_ms is None:
            return None
        since_ms = ticks_diff(now_ms, self._began_ms)
        if since_ms < 0:
            # Ticks have wrapped: that was days ago.
            since_ms = self._began_ms = None
        return since_ms

    async def look(self, feed, ended):
        """Look until there is a good fix, time is up, or `await ended()` says why to stop.

        `ended` takes a second or so, and gives "" to go on. Returns whether the receiver could be
        switched off again; if not, its modem has crashed.
        """
        began_ms, why = self._begin(), "failed"
        try:
            await self._gnss.start()
            why = await self._watch(feed, ended, began_ms)
        except self._gnss.errors as error:
            self._log.failure("gnss.failed", error)
        is_off = await self._stop()
        accuracy_m = None
        if self._best is not None:
            fix, at_ms = self._best
            accuracy_m = fix.accuracy_m
            self._keeper.where.fixed(fix, self._gnss.source, at_ms)
        took_ms = ticks_diff(ticks_ms(), began_ms)
        self._log.event("gnss.off", why=why, took_ms=took_ms, accuracy_m=accuracy_m)
        return is_off

    def _begin(self):
        self._best = None
        self._began_ms = ticks_ms()
        self._log.event("gnss.on")
        return self._began_ms

    async def _stop(self):
        try:
            await self._gnss.stop()
        except self._gnss.errors as error:
            self._log.failure("gnss.stuck", error)
            return False
        return True

    async def _watch(self, feed, ended, began_ms):
        check = fix_check.FixCheck(self._build_utc_s)
        first_ms = None
        while True:
            feed()
            now_ms = ticks_ms()
            fix = await self._gnss.fix()
            utc_s = self._clock.utc_s()
            if fix is not None and check.hear(fix, utc_s):
                if first_ms is None:
                    first_ms = now_ms
                if self._best is None or fix.accuracy_m <= self._best[0].accuracy_m:
                    self._best = fix, now_ms
                kmh = fix_check.speed_kmh(fix, utc_s)
                # Who may be driving is worth as long a wait as a better fix is.
                is_half = kmh is not None and self._speed(kmh, now_ms)
                is_good = fix.accuracy_m <= fix_check.GOOD_M and not is_half
                if is_good or ticks_diff(now_ms, first_ms) >= gnss_window.BETTER_MS:
                    return "fix"
            if ticks_diff(now_ms, began_ms) >= gnss_window.WINDOW_MS:
                return "time"
            why = await ended()
            if why:
                return why
