"""Ports of this machine for servers that a test starts."""

import secrets
import socket

# Below what systems give to outgoing connections (Linux from 32768, the others from 49152): one
# of those could take a port away between here and the start of the server.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A TCP port on loopback that nothing listens on at the moment."""
    while True:
        port = secrets.choice(_PORTS)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
