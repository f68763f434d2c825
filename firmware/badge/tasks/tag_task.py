"""Listens for room tags: in an alarm once its first message has gone out, and after each walk.

What is heard best is told with the next message of an alarm. Nothing of it is felt.
"""

from time import ticks_diff, ticks_ms

from badge.core import tag_watch
from badge.core.alarm import life
from badge.core.codec import tags
from badge.core.codec.place import Tag
from badge.core.portable import const
from badge.link.ble.controller import BleError
from badge.link.ble.scanner import Scanner
from badge.tasks import beat
from badge.tasks.bell import IrqBell

_LOOK_MS = const(2_000)
_TAKE_MS = const(50)
# A radio that fails, or is another's now, is left alone for so long.
_AGAIN_MS = const(60_000)


class TagTask:
    """`stretches()` counts those of walking. After a walk it listens only where `is_on_shift()`
    and not `saves_power()`.
    """

    def __init__(self, common, controller, keeper, *, stretches, is_on_shift, saves_power):
        self._gate = common.gate
        self._log = common.log
        self._keeper = keeper
        self._stretches = stretches
        self._is_on_shift = is_on_shift
        self._saves_power = saves_power
        self._houses = tags.parse_houses(common.config.tag_houses)
        self._bell = IrqBell()
        self._ears = Scanner(controller, self._bell.set)
        self._watch = tag_watch.TagWatch(stretches())
        self._failed_ms = None
        # With the radio on the chip must not sleep.
        self.is_on = False

    async def run(self, feed):
        """Look for ever whether a tag is wanted."""
        while True:
            feed()
            now_ms = ticks_ms()
            age_ms = self._alarm_age_ms(now_ms)
            what = self._watch.look(now_ms, self._stretches(), age_ms)
            if what == tag_watch.FORGET:
                self._keeper.where.near_tag(None)
            elif what == tag_watch.LISTEN and self._may_listen(now_ms, age_ms):
                await self._window()
            await self._bell.wait_ms(beat.until_ms(_LOOK_MS))

    def _alarm_age_ms(self, now_ms):
        """Of the youngest alarm that is on its way or was received, or None."""
        ages_ms = [
            alarm.age_ms(now_ms)
            for alarm in self._keeper.under_way()
            if alarm.is_red() and alarm.state != life.RAISED
        ]
        return min(ages_ms) if ages_ms else None

    def _may_listen(self, now_ms, age_ms):
        if self._is_untold():
            return False
        if self._failed_ms is not None:
            if 0 <= ticks_diff(now_ms, self._failed_ms) < _AGAIN_MS:
                return False
            self._failed_ms = None
        if age_ms is not None:
            return True
        is_free = not self._keeper.under_way()
        return is_free and self._is_on_shift() and not self._saves_power()

    def _is_untold(self):
        """Whether an alarm that is raised and not told yet has the chip for itself."""
        return any(alarm.state == life.RAISED for alarm in self._keeper.under_way())

    async def _window(self):
        # The controller takes its time, and the VM stands still meanwhile.
        await self._gate.wait_open()
        if self._is_untold():
            return
        heard = None
        self.is_on = True
        try:
            if self._switch(self._ears.start):
                heard = await self._listen()
        except BleError as error:
            self._log.failure("tags.failed", error)
        finally:
            if self._ears.is_on():
                await self._gate.wait_open()
                self._switch(self._ears.stop)
            self.is_on = False
        if self._is_untold():
            # Cut short: it listens again once that is told.
            return
        now_ms = ticks_ms()
        if heard is None:
            # What was known may still be true.
            self._failed_ms = now_ms
            return
        self._watch.listened(now_ms)
        self._tell(heard)

    def _switch(self, how):
        self._gate.begin()
        try:
            return how()
        finally:
            self._gate.end()

    async def _listen(self):
        """{id: the most dBm} of the tags of the house; None when somebody took the radio."""
        heard = {}
        self._ears.listen(tag_watch.WINDOW_MS)
        began_ms = ticks_ms()
        while ticks_diff(ticks_ms(), began_ms) < tag_watch.WINDOW_MS:
            await self._bell.wait_ms(_TAKE_MS)
            if not self._ears.is_on() or self._is_untold():
                return None
            for _type, _address, dbm, payload in self._ears.take():
                found = tags.decode(payload)
                if found is None or not tags.is_of_house(found[0], found[1], self._houses):
                    continue
                one = tags.id_of(found[0], found[1])
                heard[one] = max(dbm, heard.get(one, dbm))
        return heard

    def _tell(self, heard):
        where = self._keeper.where
        known = None if where.tag is None else where.tag.id
        best = tag_watch.choose(heard, known)
        where.near_tag(None if best is None else Tag(best[0], best[1]))
        self._log.event("tags.heard", number=len(heard), dbm=None if best is None else best[1])
