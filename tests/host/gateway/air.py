"""The air between virtual badges and gateways: bumble's host, GATT, HCI and link layer.

A badge in live mode says through a socket what its `bluetooth` is told (sim/models/live_air.py); a
gateway runs as it is, with a backend of bleak over another device of the same air (backend.py).
Not in it: loss, range, an adapter and its driver.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from bumble.controller import Controller
from bumble.core import UUID
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, HCI_LE_Set_Random_Address_Command
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from badge.core.codec import beacon

Result = TypeVar("Result")


class Air:
    """A thread with a loop of its own; `port` is what a badge's scenario names as `air_port`."""

    def __init__(self) -> None:
        self.link = LocalLink()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="air", daemon=True)
        self._number = 0
        self.port = 0
        self.badges: list[Radio] = []

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
        # What anybody can hear and read.
        self.overheard = {"beacon": b"", "frame": b""}

    async def take(self, what: dict[str, Any]) -> None:
        """One line of the badge."""
        await getattr(self, f"_{what.pop('do')}")(**what)

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
