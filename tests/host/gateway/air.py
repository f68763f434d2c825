"""The air between virtual badges and gateways: bumble's host, GATT, HCI and link layer.

A badge in live mode says through a socket what its `bluetooth` is told (sim/models/live_air.py); a
gateway runs as it is, with a backend of bleak over another device of the same air (backend.py).
Not in it: loss, range, an adapter and its driver.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from bumble.controller import Controller
from bumble.core import UUID, BaseBumbleError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.gatt_client import ServiceProxy
from bumble.hci import Address, AddressType, HCI_LE_Set_Random_Address_Command
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from badge.core.codec import beacon

Result = TypeVar("Result")
# Interrupts of MicroPython's `bluetooth`, by which a badge says what it asks for.
_SERVICE_DONE, _CHARACTERISTIC_DONE, _READ_DONE, _MTU_EXCHANGED = 10, 12, 16, 21


class Air:
    """A thread with a loop of its own; `port` is what a badge's scenario names as `air_port`."""

    def __init__(self) -> None:
        self.link = LocalLink()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="air", daemon=True)
        self._number = 0
        self.port = 0
        self.badges: list[Radio] = []
        # Who comes to a badge: of two at the same advertisement it takes one, and the other waits
        # for the next one, where bumble would have them believe that both are there.
        self.turn = asyncio.Lock()
        # Whether those who carry may write what was answered; until then they wait.
        self.may_write = asyncio.Event()
        self.may_write.set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self.run(asyncio.start_server(self._badge, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, Result], timeout_s: float = 60) -> Result:
        """Do it in the loop of the air, and wait."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def let_write(self, *, may: bool) -> None:
        """Whether what was answered can be written to a badge."""
        self.loop.call_soon_threadsafe(self.may_write.set if may else self.may_write.clear)

    def device(self, name: str) -> Device:
        """A device that is on, under an address of its own."""
        return self.run(self.switched_on(name))

    async def switched_on(self, name: str) -> Device:
        self._number += 1
        number = f"{self._number:04X}"
        public = f"00:11:22:33:{number[:2]}:{number[2:]}"
        controller = Controller(name, link=self.link, public_address=public)
        address = Address.generate_static_address()
        device = Device(name="", address=address, host=Host(controller, AsyncPipeSink(controller)))
        await device.power_on()
        return device

    async def _badge(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        radio = Radio(self, writer)
        self.badges.append(radio)
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                await radio.take(json.loads(line))
        await radio.gone()
        await radio.leave_air()
        writer.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for one in others:
            one.cancel()
        if others:
            await asyncio.wait(others, timeout=5)


class Radio:
    """What one badge's radio is told, done with a device of the air."""

    def __init__(self, air: Air, writer: asyncio.StreamWriter) -> None:
        self._air = air
        self._writer = writer
        self.device: Device | None = None
        self._values: dict[int, bytes] = {}
        self._connections: dict[int, Connection] = {}
        self._changes_address = False
        self._visitor = Visitor(air, self._say)
        # What anybody can hear and read.
        self.overheard = {"beacon": b"", "frame": b""}

    async def take(self, what: dict[str, Any]) -> None:
        """One line of the badge."""
        do = what.pop("do")
        who = self if hasattr(self, f"_{do}") else self._visitor
        await getattr(who, f"_{do}")(**what)

    @property
    def visitors(self) -> int:
        """How many are connected to it now."""
        return len(self._connections)

    async def gone(self) -> None:
        """The badge has no power any more, or is reset."""
        device, self.device = self.device, None
        if device is not None:
            with contextlib.suppress(Exception):
                await device.stop_advertising()
            for one in list(self._connections.values()):
                with contextlib.suppress(Exception):
                    await one.disconnect()
            self._air.link.controllers.discard(device.host.controller)

    async def leave_air(self) -> None:
        """What it listened with too."""
        await self._visitor.gone()

    async def _register(self, service: str, characteristics: list[tuple[int, str, int]]) -> None:
        await self.gone()
        self._values = {}
        self.device = device = await self._air.switched_on("badge")
        device.add_service(
            Service(UUID(service), [self._characteristic(*one) for one in characteristics])
        )
        device.on("connection", self._came)

    def _characteristic(self, handle: int, uuid: str, flags: int) -> Characteristic[bytes]:
        def write(connection: Connection, value: bytes) -> None:
            number = connection.handle & 7
            self._say(do="written", connection=number, handle=handle, hex=bytes(value).hex())

        return Characteristic(
            UUID(uuid),
            Characteristic.Properties(flags),
            Characteristic.READABLE | Characteristic.WRITEABLE,
            CharacteristicValue(read=lambda _who: self._values.get(handle, b""), write=write),
        )

    async def _value(self, handle: int, hex: str) -> None:  # noqa: A002
        self._values[handle] = bytes.fromhex(hex)
        if hex:
            self.overheard["frame"] = bytes.fromhex(hex)

    async def _address(self) -> None:
        # Another registration has one already; from the next advertisement on.
        self._changes_address = self.device is not None

    async def _advertise(self, hex: str) -> None:  # noqa: A002
        device = self.device
        if device is None:
            return
        if device.is_advertising:
            await device.stop_advertising()
        if self._changes_address:
            self._changes_address = False
            device.random_address = Address.generate_static_address()
            await device.send_sync_command(
                HCI_LE_Set_Random_Address_Command(random_address=device.random_address)
            )
        if hex:
            self.overheard["beacon"] = bytes.fromhex(hex)[-beacon.SIZE :]
            await device.start_advertising(
                advertising_data=bytes.fromhex(hex),
                advertising_interval_min=100,
                advertising_interval_max=100,
            )

    async def _hang_up(self, connection: int) -> None:
        one = self._connections.get(connection)
        if one is not None:
            with contextlib.suppress(Exception):
                await one.disconnect()

    def _came(self, connection: Connection) -> None:
        number = connection.handle & 7
        self._connections[number] = connection
        self._say(do="came", connection=number)

        def left(*_: object) -> None:
            if self._connections.pop(number, None) is not None:
                self._say(do="gone", connection=number)

        connection.on("disconnection", left)

    def _say(self, **what: object) -> None:
        self._writer.write(json.dumps(what).encode() + b"\n")


class Visitor:
    """The same as a central, with a device of its own: who is heard, and visits to them."""

    def __init__(self, air: Air, say: Callable[..., None]) -> None:
        self._air = air
        self._say = say
        self._device: Device | None = None
        self._peers: dict[int, Peer] = {}
        self._services: dict[int, ServiceProxy] = {}
        self._work: set[asyncio.Task[None]] = set()

    async def gone(self) -> None:
        """The badge has no power any more."""
        device, self._device = self._device, None
        if device is None:
            return
        for one in list(self._peers.values()):
            with contextlib.suppress(Exception):
                await one.connection.disconnect()
        with contextlib.suppress(Exception):
            await device.stop_scanning()
        self._air.link.controllers.discard(device.host.controller)

    async def _scan(self, *, is_on: bool) -> None:
        if self._device is None:
            self._device = await self._air.switched_on("listener")
            self._device.on("advertisement", self._heard)
        if is_on:
            await self._device.start_scanning(active=False, filter_duplicates=False)
        elif self._device.is_scanning:
            await self._device.stop_scanning()

    def _heard(self, said: Advertisement) -> None:
        address = bytes(said.address)[::-1].hex()
        kind = int(said.address.address_type)
        self._say(do="heard", kind=kind, address=address, dbm=said.rssi, hex=said.data_bytes.hex())

    async def _connect(self, kind: int, address: str) -> None:
        self._later(self._join(kind, address))

    async def _join(self, kind: int, address: str) -> None:
        device = self._device
        whom = Address(bytes.fromhex(address)[::-1], AddressType(kind))
        try:
            assert device is not None
            async with self._air.turn:
                connection = await device.connect(whom, timeout=8)
        except (BaseBumbleError, TimeoutError, asyncio.CancelledError):
            self._say(do="not_joined")
            return
        number = (connection.handle & 7) + 8
        self._peers[number] = Peer(connection)
        self._say(do="joined", connection=number, kind=kind, address=address)

        def left(*_: object) -> None:
            if self._peers.pop(number, None) is not None:
                self._say(do="left", connection=number)

        connection.on("disconnection", left)

    async def _cancel(self) -> None:
        if self._device is not None and self._device.le_connecting:
            with contextlib.suppress(BaseBumbleError):
                await self._device.cancel_connection()

    async def _leave(self, connection: int) -> None:
        peer = self._peers.pop(connection, None)
        if peer is not None:
            with contextlib.suppress(Exception):
                await peer.connection.disconnect()

    async def _ask(self, connection: int, event: int, what: dict[str, Any]) -> None:
        self._later(self._answer(connection, event, what))

    async def _answer(self, connection: int, event: int, what: dict[str, Any]) -> None:
        status, rows, peer = 0, [], self._peers.get(connection)
        try:
            if peer is not None:
                rows = await self._asked(peer, connection, event, what)
        except (BaseBumbleError, TimeoutError):
            status = 1
        is_value = event == _READ_DONE
        self._say(
            do="answered", connection=connection, status=status, rows=rows, is_value=is_value
        )

    async def _asked(
        self, peer: Peer, connection: int, event: int, what: dict[str, Any]
    ) -> list[Any]:
        if event == _MTU_EXCHANGED:
            return [await peer.request_mtu(what["mtu"])]
        if event == _SERVICE_DONE:
            found = await peer.discover_service(UUID(what["uuid"]))
            self._services.update((connection, one) for one in found)
            return [(one.handle, one.end_group_handle, what["uuid"]) for one in found]
        if event == _CHARACTERISTIC_DONE:
            characteristics = await peer.discover_characteristics(
                service=self._services[connection]
            )
            return [
                (one.end_group_handle, one.handle, int(one.properties), _text(one.uuid))
                for one in characteristics
            ]
        if event == _READ_DONE:
            value = await peer.gatt_client.read_value(what["handle"], no_long_read=True)
            return [(what["handle"], bytes(value).hex())]
        await self._air.may_write.wait()
        await peer.gatt_client.write_value(
            what["handle"], bytes.fromhex(what["value"]), with_response=True
        )
        return []

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)


def _text(uuid: UUID) -> str:
    return str(uuid.to_hex_str("-")).lower()
