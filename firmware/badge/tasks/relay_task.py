"""Carries for colleagues: listens now and then, fetches what one calls, brings the answer back.

It gives way to all that is the wearer's own, and at once: a press, a pre-alarm, an alarm, a link
that falls. What was fetched is nobody's to read here, is kept in RAM for the visit alone, and goes
up after all that the badge has to send itself. Nothing of it is felt.
"""

import os
from collections import namedtuple
from time import ticks_add, ticks_diff, ticks_ms

from badge.core import relay
from badge.core.codec.advertised import beacon_in
from badge.core.codec.carried import Carried, decode_brought, encode_carried
from badge.core.codec.cbor import WireError
from badge.core.patience import Patience
from badge.core.portable import const
from badge.link.ble.central import Central
from badge.link.ble.controller import BleError
from badge.tasks.bell import IrqBell

# So often it looks whether something of its own has come up.
_LOOK_MS = const(50)
_AGAIN_MS = const(250)
_FEED_MS = const(10_000)
_MOST_ADDRESSES = const(16)
_CALLS = const(0xFFFFFFFF)
# So many windows a radio that fails is left alone at most, at first one and then twice as many.
_DEAD_MAX = const(64)

_Sight = namedtuple("_Sight", ("address_type", "address", "dbm", "beacon"))


class _GivesWay(Exception):
    """Something of the badge's own has come up."""


class RelayTask:
    """`facts()` returns relay.Facts as of now; `link` is the Uplink, `desk` its CarriedDesk."""

    def __init__(self, common, controller, who, desk, link, facts):
        self._every_ms = relay.every_ms(common.config.relay_scan_s)
        self._clock = common.clock
        self._gate = common.gate
        self._log = common.log
        self._who = who
        self._desk = desk
        self._link = link
        self._facts = facts
        self._bell = IrqBell()
        self._central = Central(controller, self._bell.set, self._wait)
        self._patience = Patience(_MOST_ADDRESSES)
        self._budget = relay.Budget(ticks_ms())
        self._is_spent = False
        # An answer to a call of before a restart must find nobody.
        self._call = int.from_bytes(os.urandom(4), "big")
        self._dead = self._skip = 0
        self._vain = 0
        # With the radio on the chip must not sleep.
        self.is_on = False

    async def run(self, feed):
        """Open a window now and then, for ever."""
        next_ms = ticks_add(ticks_ms(), self._every_ms)
        while True:
            feed()
            now_ms = ticks_ms()
            # Asked all the time, for it forgets by being asked.
            self._is_spent = self._budget.is_spent(now_ms)
            left_ms = ticks_diff(next_ms, now_ms)
            if 0 < left_ms <= self._every_ms:
                await self._bell.wait_ms(min(left_ms, _FEED_MS))
                continue
            next_ms = ticks_add(now_ms, self._every_ms)
            if self._skip:
                self._skip -= 1
            elif relay.may_listen(self._facts()):
                await self._window()

    async def _window(self):
        # The controller takes its time, and the VM stands still meanwhile.
        await self._gate.wait_open()
        if not relay.may_listen(self._facts()):
            return
        ears = self._central.ears
        self.is_on = True
        try:
            if self._switch(ears.start):
                await self._listen()
            self._dead = 0
        except _GivesWay:
            pass
        except BleError as error:
            self._log.failure("relay.failed", error)
            self._dead = self._skip = min(2 * self._dead, _DEAD_MAX) or 1
        finally:
            if ears.is_on():
                # Who presses waits for no radio.
                await self._gate.wait_open()
                self._switch(ears.stop)
            self.is_on = False

    def _switch(self, how):
        self._gate.begin()
        try:
            return how()
        finally:
            self._gate.end()

    async def _listen(self):
        ears = self._central.ears
        ears.listen(relay.WINDOW_MS)
        began_ms = ticks_ms()
        best = None
        while ticks_diff(ticks_ms(), began_ms) < relay.WINDOW_MS:
            await self._wait(_LOOK_MS)
            for address_type, address, dbm, payload in ears.take():
                if best is not None and dbm <= best.dbm:
                    continue
                data = beacon_in(payload)
                if data is not None and self._may_visit(address):
                    best = _Sight(address_type, address, dbm, data)
        if best is not None:
            await self._visit(best)

    def _may_visit(self, address):
        is_spent = self._is_spent and not self._facts().is_on_charger
        return not is_spent and self._patience.may_visit(address, ticks_ms())

    async def _visit(self, sight):
        began_ms = ticks_ms()
        visit = _Visit(began_ms)
        why = ""
        self._desk.open(self._bell.set)
        try:
            await self._central.join(sight.address_type, sight.address)
            await self._carry(sight, visit)
        except BleError as error:
            why = error.code
        finally:
            self._desk.close()
            self._central.part()
            self._judge(sight.address, visit, why)

    async def _carry(self, sight, visit):
        """Fetch what is new and write what is answered, for as long as either comes."""
        last = b""
        while not visit.is_over(ticks_ms()):
            value = await self._central.frame()
            if not value:
                return
            if value != last and len(visit.calls) < relay.MOST_FRAMES:
                self._hand_on(sight, value, visit)
                last = value
            await self._wait(_AGAIN_MS)
            await self._bring(visit)

    def _hand_on(self, sight, value, visit):
        self._call = (self._call + 1) & _CALLS
        who = self._who
        dbm = max(-127, min(sight.dbm, 20))
        one = Carried(who.badge, self._call, sight.beacon, value, dbm, self._clock.utc_s())
        self._desk.put(encode_carried(who.hmac_key, one))
        visit.calls.append(self._call)
        visit.heard_ms = ticks_ms()
        self._link.look()

    async def _bring(self, visit):
        payload = self._desk.brought()
        if payload is None:
            return
        try:
            brought = decode_brought(self._who.hmac_key, payload)
        except WireError as error:
            self._log.failure("relay.refused", error)
            return
        if brought.call not in visit.calls:
            return
        if not brought.status:
            visit.is_refused = True
            return
        await self._central.answer(brought.status)
        visit.brought += 1
        visit.heard_ms = ticks_ms()

    def _judge(self, address, visit, why):
        now_ms = ticks_ms()
        was_well = visit.brought > 0
        took_ms = ticks_diff(now_ms, visit.began_ms)
        has_sent = bool(visit.calls)
        self._budget.visited(took_ms, now_ms, has_sent=has_sent, was_well=was_well)
        if was_well:
            self._patience.was_well(address, now_ms)
        else:
            self._patience.was_in_vain(address, now_ms)
            self._vain += 1
            # Whoever is near can call: the log must not be theirs to fill.
            if self._vain & (self._vain - 1):
                return
        self._log.event(
            "relay.visit",
            fetched=len(visit.calls),
            brought=visit.brought,
            took_ms=took_ms,
            vain=self._vain,
            why=why or "-",
        )

    async def _wait(self, wait_ms):
        """Until news, or this time; whatever is the badge's own ends the visit."""
        await self._bell.wait_ms(min(wait_ms, _LOOK_MS))
        if not relay.may_listen(self._facts()) or not self._central.ears.is_on():
            raise _GivesWay


class _Visit:
    def __init__(self, began_ms):
        self.began_ms = self.heard_ms = began_ms
        self.calls = []
        self.brought = 0
        # The receiver says that it is nothing of its badges.
        self.is_refused = False

    def is_over(self, now_ms):
        quiet_ms = relay.QUIET_MS if self.brought else relay.FIRST_ANSWER_MS
        return (
            self.is_refused
            or ticks_diff(now_ms, self.heard_ms) >= quiet_ms
            or ticks_diff(now_ms, self.began_ms) >= relay.LONGEST_MS
        )
