"""A line to a server that can go dead: nothing comes through, and nobody is told."""

import contextlib
import socket
import threading
import time
from typing import Self


class Line:
    """Listens on `port` and hands on to the server's; while `is_dead` it keeps all that comes."""

    def __init__(self, to_port: int) -> None:
        self.is_dead = False
        self._to_port = to_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = [self._listening]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to_port))
                self._open += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                while self.is_dead:
                    time.sleep(0.05)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
