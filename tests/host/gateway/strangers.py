"""Others in the air, who call with beacons that are none, or were somebody else's."""

from bumble.core import UUID
from bumble.device import Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from badge.core.codec import beacon
from tests.host.gateway.air import Air


class Stranger:
    """Calls with a beacon of its own making, and has a frame to fetch, or no service at all."""

    def __init__(self, device: Device, frame: bytes | None) -> None:
        self._device = device
        self.visits = 0
        device.on("connection", self._came)
        if frame is None:
            return
        may = Characteristic.READABLE | Characteristic.WRITEABLE
        told = CharacteristicValue(read=lambda _: b"", write=lambda _who, _what: None)
        properties = Characteristic.Properties
        device.add_service(
            Service(
                UUID(beacon.SERVICE),
                [
                    Characteristic(UUID(beacon.FRAME), properties.READ, may, frame),
                    Characteristic(UUID(beacon.STATUS), properties.WRITE, may, told),
                ],
            )
        )

    @classmethod
    async def begin(cls, air: Air, data: bytes, frame: bytes | None) -> "Stranger":
        device = await air.switched_on("stranger")
        one = cls(device, frame)
        company = beacon.COMPANY.to_bytes(2, "little")
        payload = b"\x02\x01\x06" + bytes((len(data) + 3, 0xFF)) + company + data
        await device.start_advertising(
            auto_restart=True,
            advertising_data=payload,
            advertising_interval_min=100,
            advertising_interval_max=100,
        )
        return one

    def _came(self, *_: object) -> None:
        self.visits += 1
