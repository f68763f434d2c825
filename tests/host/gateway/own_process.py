"""`nabij gateway` as a process of its own, on an adapter of the air, killed where it is told.

`python -m tests.host.gateway.own_process PORT STEP FOLDER`; STEP is one of STEPS, or "never". All
of it is the real one but the backend of bleak, which an adapter and its driver stand behind else.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from bumble.device import Device
from bumble.hci import Address
from bumble.transport import open_transport

from nabij.cli.app import app
from nabij.gateway import gateway, line
from tests.host.gateway import backend

# Each is where it dies, by SIGKILL: before it has read the frame, with the frame in hand, as the
# broker is handed it, with the answer in hand, and with the answer written.
STEPS = ("connected", "fetched", "published", "answered", "written")


def stack(port: int, step: str) -> Callable[[], gateway.Stack]:
    """Makes the Stack of a gateway on the adapter at that port."""

    class Scanner(backend.BumbleScanner):
        async def start(self) -> None:
            if not hasattr(Scanner, "radio"):
                source, sink = await open_transport(f"tcp-client:127.0.0.1:{port}")
                address = Address.generate_static_address()
                Scanner.radio = Client.radio = Device.with_hci("", address, source, sink)
                await Scanner.radio.power_on()
            await super().start()

    class Client(backend.BumbleClient):
        turn = asyncio.Lock()

        async def read_gatt_char(self, *given: Any, **more: Any) -> bytearray:
            die(step, "connected")
            value = await super().read_gatt_char(*given, **more)
            if value:
                die(step, "fetched")
            return value

        async def write_gatt_char(self, *given: Any, **more: Any) -> None:
            die(step, "answered")
            await super().write_gatt_char(*given, **more)
            die(step, "written")

    made = gateway.Stack(Scanner, Client)
    return lambda: made


def die(step: str, at: str) -> None:
    """At the step that was asked for, as when its machine loses power."""
    if step == at:
        os.kill(os.getpid(), signal.SIGKILL)


class Line(line.Line):
    """Dies as soon as the broker was handed something."""

    step = ""

    def send(self, frame: bytes) -> bool:
        is_sent = super().send(frame)
        if is_sent:
            die(self.step, "published")
        return is_sent


def main() -> None:
    """Run the verb."""
    port, Line.step = int(sys.argv[1]), sys.argv[2]
    vars(gateway)["Stack"] = stack(port, Line.step)
    vars(gateway)["Line"] = Line
    app(["gateway", *sys.argv[3:]])


if __name__ == "__main__":
    main()
