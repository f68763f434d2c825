"""Where the console listens, and whatever else has TLS, as it is typed."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from nabij.errors import UsageError

_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9._-]+")


class Options(NamedTuple):
    """How the flags are called by which it was typed."""

    address: str
    certificate: str
    key: str


CONSOLE: Final = Options("--console", "--console-cert", "--console-key")


@dataclass(frozen=True)
class Address:
    """Host and port, and certificate and key of its own; without those the receiver's are used."""

    host: str
    port: int
    files: tuple[Path, Path] | None = None

    @property
    def family(self) -> socket.AddressFamily:
        """Of the socket that listens there."""
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parsed(
    text: str,
    certificate: Path | None = None,
    key: Path | None = None,
    options: Options = CONSOLE,
) -> Address:
    """The address of HOST:PORT, or PORT alone for this machine; UsageError for what is none."""
    host, _, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    is_port = port.isascii() and port.isdigit() and 1 <= int(port) <= 65535
    if not is_port or not _is_host(host):
        raise UsageError(
            f"'{text[:60]}' is no address for {options.address}: give HOST:PORT as "
            "127.0.0.1:8443, or a port alone for this machine."
        )
    if (certificate is None) != (key is None):
        raise UsageError(f"Give both {options.certificate} and {options.key}, or neither.")
    files = None if certificate is None or key is None else (certificate, key)
    return Address(host, int(port), files)


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _NAME.fullmatch(host) is not None
    return True
