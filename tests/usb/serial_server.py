"""A serial port on a TCP socket of this machine, as a serial server offers it."""

import socket
import threading

import serial


class socket_server:  # noqa: N801 - a context manager used like a function
    def __init__(self, port: str) -> None:
        self._serial = serial.Serial(port, timeout=0.05)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._over = False

    def __enter__(self) -> str:
        self._thread.start()
        return f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()
        self._listener.close()
        self._serial.close()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        client.settimeout(0.05)
        with client:
            while not self._over:
                client.sendall(self._serial.read(4096))
                try:
                    data = client.recv(4096)
                except TimeoutError:
                    continue
                if not data:
                    return
                self._serial.write(data)
