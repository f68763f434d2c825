"""A serial port on a TCP socket of this machine, as a serial server offers it."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable

import serial
from serial import rfc2217

_LOOK_S = 0.05
# What is to be sent to the client, what to the port.
Carry = Callable[[bytes], bytes]


class _Line(serial.Serial):  # type: ignore[misc]  # pyserial has no types
    """A pseudo-terminal, which has no DTR and RTS: what a client sets them to is noted."""

    def __init__(self, port: str) -> None:
        self.states: list[tuple[bool, bool]] = []
        super().__init__(port, timeout=0)

    def _update_dtr_state(self) -> None:
        self.states.append((self.dtr, self.rts))

    def _update_rts_state(self) -> None:
        self.states.append((self.dtr, self.rts))


class _Manager(rfc2217.PortManager):  # type: ignore[misc]  # pyserial has no types
    def check_modem_lines(self, **_: object) -> None:
        """Nor lines that it could report."""


class _Connection:
    """What the port manager answers the client through."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def write(self, data: bytes) -> None:
        self._client.sendall(data)


class socket_server:  # noqa: N801 - a context manager used like a function
    """Plain bytes, for `socket://`."""

    scheme = "socket"

    def __init__(self, port: str) -> None:
        self._serial = _Line(port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._over = False

    def __enter__(self) -> str:
        self._thread.start()
        return f"{self.scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()
        self._listener.close()
        self._serial.close()

    @property
    def states(self) -> list[tuple[bool, bool]]:
        """DTR and RTS after each time that either was set."""
        return self._serial.states

    def _carriers(self, _client: socket.socket) -> tuple[Carry, Carry]:
        return bytes, bytes

    def _run(self) -> None:
        while not select.select([self._listener], [], [], _LOOK_S)[0]:
            if self._over:
                return
        client, _ = self._listener.accept()
        # Whoever goes away in the middle, client or badge, is none of the server's business.
        with client, contextlib.suppress(ConnectionError, serial.SerialException):
            out, into = self._carriers(client)
            while not self._over:
                port = self._serial.fileno()
                ready, _, _ = select.select([client.fileno(), port], [], [], _LOOK_S)
                if port in ready:
                    client.sendall(out(self._serial.read(4096)))
                if client.fileno() in ready:
                    data = client.recv(4096)
                    if not data:
                        return
                    self._serial.write(into(data))


class rfc2217_server(socket_server):  # noqa: N801 - a context manager used like a function
    """With settings and control lines, for `rfc2217://`, as pyserial's own server does it."""

    scheme = "rfc2217"

    def _carriers(self, client: socket.socket) -> tuple[Carry, Carry]:
        manager = _Manager(self._serial, _Connection(client))
        return (
            lambda data: b"".join(manager.escape(data)),
            lambda data: b"".join(manager.filter(data)),
        )
