"""A gateway at work: hears beacons, visits who calls, carries what they have to the receiver."""

import asyncio
import collections
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError

from badge.core import ticks
from badge.core.codec import beacon, wire
from badge.core.codec.carried import Carried, decode_brought, encode_carried
from badge.core.codec.cbor import WireError
from badge.core.patience import Patience
from nabij.gateway.callers import Call, Callers
from nabij.gateway.identity import Identity
from nabij.gateway.line import Line
from nabij.gateway.pace import Pace
from nabij.gateway.visit import Visit, within

# At once; adapters have few connections, and each badge calls again.
MOST_VISITS: Final = 3
# So many addresses are remembered.
MOST_ADDRESSES: Final = 1_000
# How often Bluetooth that fails is begun anew.
AGAIN_S: Final = 10.0
_CALLS: Final = 0xFFFFFFFF


@dataclass(frozen=True)
class Stack:
    """Which Bluetooth: that of the system, or for tests another backend of bleak."""

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None

    def scan(self, heard: Callable[[BLEDevice, AdvertisementData], None]) -> BleakScanner:
        """A scanner that tells each advertisement."""
        return BleakScanner(heard, backend=self.scanner)

    def peer(self, device: BLEDevice) -> BleakClient:
        """One to connect to."""
        return BleakClient(device, backend=self.client)


class Gateway:
    """`say` gets a sentence. `counts`: heard, visits, carried, answered, refused, in_vain."""

    def __init__(
        self, identity: Identity, say: Callable[[str], None], stack: Stack | None = None
    ) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self._identity = identity
        self._say = say
        self._stack = stack or Stack()
        self._line = Line(identity, self._brought, say)
        self._patience = Patience(MOST_ADDRESSES)
        self._callers = Callers(MOST_ADDRESSES, time.monotonic)
        self._is_ending = False
        self._pace = Pace(time.monotonic)
        self._visits: dict[str, asyncio.Task[None]] = {}
        self._answered_by: dict[int, Visit] = {}
        # Not from 0 on: an answer to one before a restart must find nobody.
        self._call = time.time_ns() // 1_000_000 & _CALLS
        self._complaint = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; Bluetooth or a broker that fails is tried again for ever."""
        self._line.start()
        try:
            while not stop.is_set():
                await self._scan(stop)
        finally:
            self._is_ending = True
            for visit in list(self._visits.values()):
                visit.cancel()
            await asyncio.gather(*self._visits.values(), return_exceptions=True)
            await self._line.stop()

    @property
    def is_up(self) -> bool:
        """Whether it can carry: its line to the receiver is there."""
        return self._line.is_up

    async def _scan(self, stop: asyncio.Event) -> None:
        try:
            async with self._stack.scan(self._heard):
                if self._complaint:
                    self._complaint = ""
                    self._say("Bluetooth works again.")
                await stop.wait()
        except (BleakError, OSError) as error:
            self._complain(
                f"Bluetooth cannot be used ({error}): see that this machine has an adapter and "
                "its service (bluetoothd on Linux) runs; trying again for ever."
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN_S)

    def _complain(self, sentence: str) -> None:
        if sentence != self._complaint:
            self._complaint = sentence
            self._say(sentence)

    def _heard(self, device: BLEDevice, said: AdvertisementData) -> None:
        data = bytes(said.manufacturer_data.get(beacon.COMPANY, b""))
        if not beacon.is_ours(data):
            return
        self.counts["heard"] += 1
        address = device.address
        if address not in self._visits and self._patience.may_visit(address, _now_ms()):
            self._callers.heard(Call(device, data, _dbm(said.rssi)))
            self._next()

    def _next(self) -> None:
        # Without a line it would only be in the way of a gateway that has one.
        while self._line.is_up and len(self._visits) < MOST_VISITS and not self._is_ending:
            call = self._callers.take()
            if call is None:
                return
            self.counts["visits"] += 1
            self._visits[call.device.address] = asyncio.create_task(self._go(call))

    async def _go(self, call: Call) -> None:
        visit = Visit(
            lambda frame: self._carry(visit, call, frame), lambda: bool(len(self._callers))
        )
        address = call.device.address
        try:
            why = await within(self._meet(call.device, visit))
            self._judge(address, visit, why)
        finally:
            for number in visit.calls:
                del self._answered_by[number]
            del self._visits[address]
            self._next()

    async def _meet(self, device: BLEDevice, visit: Visit) -> None:
        async with self._stack.peer(device) as peer:
            await visit.run(peer)

    def _judge(self, address: str, visit: Visit, why: str) -> None:
        if visit.is_refused:
            self.counts["refused"] += 1
        if visit.written:
            self._patience.was_well(address, _now_ms())
            self._say(f"Carried {visit.fetched} and brought {visit.written} answers back.")
            return
        self._patience.was_in_vain(address, _now_ms())
        self.counts["in_vain"] += 1
        if visit.fetched and not visit.is_refused:
            self._say(
                f"Carried {visit.fetched}; no answer was brought back ({why or 'none came'})."
            )

    def _carry(self, visit: Visit, heard: Call, frame: bytes) -> int | None:
        if not self._pace.may_send():
            return None
        self._call = (self._call + 1) & _CALLS
        who = self._identity
        carried = Carried(who.name, self._call, heard.data, frame, heard.rssi_dbm, _utc_s())
        if not self._line.send(encode_carried(who.key, carried)):
            return None
        self.counts["carried"] += 1
        self._answered_by[self._call] = visit
        return self._call

    def _brought(self, payload: bytes) -> None:
        try:
            brought = decode_brought(self._identity.key, payload)
        except WireError:
            self.counts["no_answer"] += 1
            return
        visit = self._answered_by.get(brought.call)
        if visit is not None:
            self.counts["answered"] += 1
            visit.answer(brought.status)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000 % int(ticks.PERIOD)


def _utc_s() -> int | None:
    """None of a clock that is off by so much that the wire has no room for it."""
    utc_s = int(time.time())
    return utc_s if 0 < utc_s <= wire.U32_MAX else None


def _dbm(rssi: int) -> int:
    """127 is what a stack says that does not know."""
    return max(-127, min(rssi, 20))
