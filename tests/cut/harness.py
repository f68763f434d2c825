"""Cut one operation of an exchange, the n-th, for n = 1, 2, 3 ... until a run completes uncut.

`Cutter` counts operations and does the cut at one of them. `RecordProxy` is a TCP proxy that makes
each TLS record an operation, labelled with the proxy's name and ">" or "<". Badge and receiver
write each MQTT packet as one record, so cutting at every record cuts at every packet, and in the
handshakes too. It reads record headers only; keys and certificates stay end to end.
"""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Final

HEADER: Final = 5
# Nothing on loopback takes this long: a thread that is still at it then hangs.
_STUCK_S: Final = 20.0


class Cutter:
    """Does `cut` at one operation of those with the armed label; safe from several threads."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self._cut = cut
        self._mutex = threading.Lock()
        self._happened = threading.Event()
        self._label = ""
        self._left = 0

    def arm(self, label: str, at: int) -> None:
        """Cut at the operation number `at` (from 1, counted from now) that has the label."""
        with self._mutex:
            self._happened.clear()
            self._label, self._left = label, at

    def disarm(self, wait_s: float) -> bool:
        """Let all operations pass, after `wait_s` for those under way; True when one was cut."""
        self._happened.wait(wait_s)
        with self._mutex:
            self._left = 0
            return self._happened.is_set()

    def operation(self, label: str) -> bool:
        """Count one operation; True when this is the one that was cut."""
        with self._mutex:
            if label != self._label or self._left == 0:
                return False
            self._left -= 1
            if self._left > 0:
                return False
            # Inside the lock: whatever another thread does next comes after the cut.
            self._cut()
            self._happened.set()
            return True


class RecordProxy:
    """Passes TCP on loopback to `target_port`, each TLS record being an operation of `cutter`.

    The port may be a question that is asked for each connection; None is nobody there.
    The record of a cut is dropped (`forward` False: the cut came before it) or sent on first
    (`forward` True: the cut comes while the other side deals with it).
    """

    def __init__(
        self, name: str, target_port: int | Callable[[], int | None], cutter: Cutter
    ) -> None:
        self.name = name
        self.forward = False
        self._target_port = target_port
        self._cutter = cutter
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def close(self) -> None:
        """End all connections and the listener."""
        self._closing.set()
        for thread in self._threads:
            thread.join(_STUCK_S)
            assert not thread.is_alive(), f"{thread.name} hangs"
        self._listener.close()

    def _run(self, target: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            if not select.select([self._listener], [], [], 0.05)[0]:
                continue
            near, _ = self._listener.accept()
            self._run(self._connection, near)

    def _connection(self, near: socket.socket) -> None:
        with near:
            target = self._target_port
            port = target if isinstance(target, int) else target()
            if port is None:
                return
            try:
                far = socket.create_connection(("127.0.0.1", port))
            except OSError:
                return
            with far, contextlib.suppress(OSError):
                for end in (near, far):
                    end.settimeout(_STUCK_S / 2)
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pump(near, far)

    def _pump(self, near: socket.socket, far: socket.socket) -> None:
        waiting = {near: b"", far: b""}
        while not self._closing.is_set():
            for end in select.select([near, far], [], [], 0.05)[0]:
                data = end.recv(65536)
                if not data:
                    return
                other, label = (far, ">") if end is near else (near, "<")
                waiting[end] += data
                for record in _records(waiting, end):
                    if not self._pass(record, other, label):
                        return

    def _pass(self, record: bytes, other: socket.socket, label: str) -> bool:
        if self.forward:
            other.sendall(record)
            return not self._cutter.operation(self.name + label)
        if self._cutter.operation(self.name + label):
            return False
        other.sendall(record)
        return True


def _records(waiting: dict[socket.socket, bytes], end: socket.socket) -> Iterator[bytes]:
    """Take the whole TLS records off what is waiting (RFC 8446, 5.1: the length is bytes 3, 4)."""
    while len(data := waiting[end]) >= HEADER:
        size = HEADER + int.from_bytes(data[3:HEADER], "big")
        if len(data) < size:
            return
        waiting[end] = data[size:]
        yield data[:size]
