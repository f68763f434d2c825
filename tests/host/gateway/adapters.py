"""Bluetooth adapters of the air for other processes: a controller behind a socket, by HCI."""

import asyncio
import contextlib

from bumble.controller import Controller
from bumble.hci import HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR
from bumble.ll import TerminateInd
from bumble.transport.common import PacketParser, StreamPacketSink

from tests.host.gateway.air import Air


class Adapters:
    """`port`: who connects there has an adapter of its own, until the connection ends."""

    def __init__(self, air: Air) -> None:
        self._air = air
        self._number = 0
        self._server = air.run(asyncio.start_server(self._plugged, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """No more of them."""
        self._air.loop.call_soon_threadsafe(self._server.close)

    async def _plugged(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._number += 1
        address = f"00:11:22:44:00:{self._number & 0xFF:02X}"
        controller = Controller(
            f"adapter{self._number}",
            host_sink=StreamPacketSink(writer.transport),
            link=self._air.link,
            public_address=address,
        )
        parser = PacketParser(controller)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                parser.feed_data(data)
        # Its machine is dead: nothing is heard of it any more.
        for one in list(controller.le_connections.values()):
            one.send_ll_control_pdu(TerminateInd(HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR))
        controller.host = None
        self._air.link.controllers.discard(controller)
        writer.close()
