"""Several bearers as one (link/bearer.py): each try goes over that which the evidence names."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.bearer_choice import Evidence, choose, turn_ms
from badge.core.portable import const
from badge.link.tls import LinkError

# A session over one that costs more than another is left after so long, when nothing waits.
_STAY_MS = const(60_000)
# Ticks wrap: a failure of days ago must not become one of today.
_LONG_AGO_MS = const(3_600_000)
# An alarm may come at any time of a turn. One that is over and not ended by itself is ended.
_LOOK_MS = const(500)
_GRACE_MS = const(2_000)


class Bearers:
    """`is_waiting()`: an alarm waits for its receipt. `is_awake()`: the chip never sleeps now."""

    def __init__(self, bearers, is_waiting, is_awake, log):
        self._bearers = bearers
        self._is_waiting = is_waiting
        self._is_awake = is_awake
        self._log = log
        self._failures = [0] * len(bearers)
        self._failed_ms = {}
        # Over which the receiver was heard last; turns since an alarm waits.
        self._heard = [False] * len(bearers)
        self._turns = 0
        self._at = 0
        self._is_tried = self._is_heard = False
        self._began_ms = ticks_ms()
        self._problem = None
        self.ways = len(bearers)
        errors = (LinkError,)
        for one in bearers:
            errors += one.errors
        self.errors = errors
        self.modem = None
        self.ring_pin = None
        for one in bearers:
            self.modem = self.modem or one.modem
            self.ring_pin = self.ring_pin or one.ring_pin

    @property
    def name(self):
        """Of that which is in use."""
        return self._bearers[self._at].name

    @property
    def weak_dbm(self):
        """Of that which is in use."""
        return self._bearers[self._at].weak_dbm

    async def open(self, feed, _is_over=None):
        """As that bearer which the evidence names; what the last one left unheard is evidence."""
        now_ms = ticks_ms()
        if self._is_tried and not self._is_heard:
            self._failures[self._at] += 1
            self._heard[self._at] = False
            self._failed_ms[self._at] = now_ms
        self._is_tried, self._is_heard = True, False
        index = choose(self._evidence(now_ms), is_waiting=self._is_waiting())
        if index != self._at:
            left, self._at = self._bearers[self._at], index
            self._log.event("link.bearer", name=self.name)
            try:
                await left.leave()
            except left.errors as error:
                # What stays on costs power; it must not keep an alarm from this one.
                self._log.failure("link.not_left", error)
        self._began_ms = now_ms
        self._turns = self._turns + 1 if self._is_waiting() else 0
        await self._in_turn(self._bearers[index], feed)

    def stream(self):
        """Of that which is in use."""
        return self._bearers[self._at].stream()

    async def utc_s(self):
        """Of that which is in use."""
        return await self._bearers[self._at].utc_s()

    async def signal(self):
        """Of that which is in use."""
        return await self._bearers[self._at].signal()

    async def cell(self):
        """Of that which is in use."""
        return await self._bearers[self._at].cell()

    def is_dead(self, error):
        """Of that which is in use."""
        return self._bearers[self._at].is_dead(error)

    async def revive(self, rung):
        """Of that which is in use."""
        await self._bearers[self._at].revive(rung)

    async def leave(self):
        """All of them are out of use."""
        for one in self._bearers:
            await one.leave()

    def end(self):
        """Of that which is in use."""
        self._bearers[self._at].end()

    def hurry(self):
        """Each of them."""
        for one in self._bearers:
            one.hurry()

    def heard(self):
        """The receiver was heard over that which is in use."""
        self._is_heard = self._heard[self._at] = True
        self._failures[self._at] = 0

    def cost_ua(self, is_awake):
        """Of that which is in use."""
        return self._bearers[self._at].cost_ua(is_awake)

    def awake_ms(self, now_ms, is_open):
        """As long as any asks for; a session is that of the one in use."""
        if is_open:
            self._look_for_better(now_ms)
        in_use = self._bearers[self._at]
        return max([one.awake_ms(now_ms, is_open and one is in_use) for one in self._bearers])

    def rest(self, now_ms):
        """So may each."""
        for one in self._bearers:
            one.rest(now_ms)

    def missed(self):
        """Whichever it was."""
        for one in self._bearers:
            one.missed()

    async def _in_turn(self, bearer, feed):
        """Open it, for no longer than its turn is; LinkError modem.late or wlan.late ends it."""
        ended = asyncio.Event()
        self._problem = None
        opening = asyncio.create_task(self._try(bearer, feed, ended))
        try:
            late_ms = 0
            while not ended.is_set() and late_ms < _GRACE_MS:
                try:
                    await asyncio.wait_for_ms(ended.wait(), _LOOK_MS)
                except asyncio.TimeoutError:
                    # From when its turn is over, which an alarm may have made it long ago.
                    late_ms = late_ms + _LOOK_MS if self._left_ms() <= 0 else 0
            if not ended.is_set():
                code = "wlan.late" if bearer.modem is None else "modem.late"
                raise LinkError(code, "%s took too long: another's turn" % bearer.name)
            # Raises what is no failure of the bearer.
            await opening
        finally:
            opening.cancel()
        if self._problem is not None:
            raise self._problem

    async def _try(self, bearer, feed, ended):
        try:
            await bearer.open(feed, lambda: self._left_ms() <= 0)
        except bearer.errors as error:
            self._problem = error
        finally:
            ended.set()

    def _left_ms(self):
        others = self._heard[: self._at] + self._heard[self._at + 1 :]
        most_ms = turn_ms(
            max(self._turns - 1, 0) // self.ways,
            is_waiting=self._is_waiting(),
            is_other_well=any(others),
        )
        return most_ms - ticks_diff(ticks_ms(), self._began_ms)

    def _look_for_better(self, now_ms):
        """End a session that another bearer would have for less; the next try takes that."""
        if ticks_diff(now_ms, self._began_ms) < _STAY_MS or self._is_waiting():
            return
        self._began_ms = now_ms
        if self._is_heard and choose(self._evidence(now_ms), is_waiting=False) != self._at:
            self.end()

    def _evidence(self, now_ms):
        is_awake = self._is_awake()
        found = []
        for index, one in enumerate(self._bearers):
            failed_ms = self._failed_ms.get(index)
            since_ms = 0 if failed_ms is None else ticks_diff(now_ms, failed_ms)
            if since_ms >= _LONG_AGO_MS:
                del self._failed_ms[index]
                self._failures[index] = since_ms = 0
            found.append(Evidence(one.cost_ua(is_awake), self._failures[index], since_ms))
        return found
