"""A backend of bleak over a device of the air, so that a gateway runs as it does on a system."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic
from bumble.hci import Address

from nabij.gateway.gateway import Stack

_MTU = 247


def stack_of(device: Device, turn: asyncio.Lock, may_write: asyncio.Event) -> Stack:
    """Scanner and client of this device, which connects in its turn and writes once it may."""

    class Scanner(BumbleScanner):
        radio = device

    class Client(BumbleClient):
        radio = device

        async def write_gatt_char(self, *given: Any, **more: Any) -> None:
            self._must_be_there()
            await may_write.wait()
            await super().write_gatt_char(*given, **more)

    Client.turn = turn
    return Stack(Scanner, Client)


@contextlib.asynccontextmanager
async def _as_bleak_says() -> AsyncIterator[None]:
    try:
        yield
    except (BaseBumbleError, asyncio.InvalidStateError, TimeoutError) as error:
        raise BleakError(str(error) or type(error).__name__) from error


class BumbleScanner(BaseBleakScanner):
    """Hears what a device of the air hears."""

    radio: Device

    def __init__(self, detection_callback: Any, service_uuids: Any, *_: Any, **__: Any) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        self.radio.on("advertisement", self._heard)
        async with _as_bleak_says():
            await self.radio.start_scanning(filter_duplicates=False)

    async def stop(self) -> None:
        self.radio.remove_listener("advertisement", self._heard)
        async with _as_bleak_says():
            await self.radio.stop_scanning()

    def _heard(self, said: Advertisement) -> None:
        field = said.data.get(AdvertisingData.MANUFACTURER_SPECIFIC_DATA, raw=True)
        data = {} if field is None else {int.from_bytes(field[:2], "little"): bytes(field[2:])}
        found = AdvertisementData(None, data, {}, [], None, said.rssi, ())
        address = said.address.to_string(with_type_qualifier=False)
        device = self.create_or_update_device(address, address, None, said.address, found)
        self.call_detection_callbacks(device, found)


class BumbleClient(BaseBleakClient):
    """Connects by a device of the air, to one peer after the other."""

    radio: Device
    turn: asyncio.Lock

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._connection: Connection | None = None
        self._peer: Peer | None = None

    @property
    def mtu_size(self) -> int:
        return 23 if self._connection is None else int(self._connection.att_mtu)

    @property
    def name(self) -> str:
        return "air"

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        async with _as_bleak_says(), self.turn:
            self._connection = await self.radio.connect(Address(self.address), timeout=8)
            self._connection.on("disconnection", self._lost)
        async with _as_bleak_says():
            self._peer = Peer(self._connection)
            await self._peer.request_mtu(_MTU)
            await self._peer.discover_services()
            await self._peer.discover_characteristics()
        self.services = self._collected(self._peer)

    def _lost(self, *_: object) -> None:
        self._connection = None

    def _collected(self, peer: Peer) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        for one in peer.services:
            service = BleakGATTService(one, one.handle, _text(one.uuid))
            found.add_service(service)
            for value in one.characteristics:
                names: list[Any] = [
                    str(flag.name).lower().replace("_", "-")
                    for flag in Characteristic.Properties
                    if value.properties & flag
                ]
                found.add_characteristic(
                    BleakGATTCharacteristic(
                        value,
                        value.handle,
                        _text(value.uuid),
                        names,
                        lambda: self.mtu_size - 3,
                        service,
                    )
                )
        return found

    async def disconnect(self) -> None:
        connection = self._connection
        if connection is not None:
            async with _as_bleak_says():
                await connection.disconnect()
        self._connection = None

    async def pair(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        self._must_be_there()
        async with _as_bleak_says():
            return bytearray(await characteristic.obj.read_value())

    async def read_gatt_descriptor(self, *_: Any, **__: Any) -> bytearray:
        raise NotImplementedError

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: Any,
        response: bool,
    ) -> None:
        self._must_be_there()
        async with _as_bleak_says():
            await characteristic.obj.write_value(bytes(data), with_response=response)

    async def write_gatt_descriptor(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    async def start_notify(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    async def stop_notify(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    def _must_be_there(self) -> None:
        if self._connection is None:
            raise BleakError("Not connected")


def _text(uuid: UUID) -> str:
    text = str(uuid.to_hex_str("-")).lower()
    return text if len(text) > 8 else f"0000{text[-4:]}-0000-1000-8000-00805f9b34fb"
