"""Brokers that somebody else runs: a receiver is told their addresses, and shares them."""

import ipaddress
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from nabij.errors import NabijError, UsageError

DEFAULT_PORT: Final = 4222
# Of a stream on so many brokers, or more.
REPLICAS: Final = 3
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def parse_addresses(text: str) -> tuple[str, ...]:
    """The URLs in `tls://a,b:4223,c`; UsageError in one sentence for what is none."""
    given = text.removeprefix("tls://")
    return tuple(_url(one.strip().removeprefix("tls://"), text) for one in given.split(","))


def _url(address: str, text: str) -> str:
    wrong = UsageError(
        f"'{text}' does not name brokers: give --nats tls://a.example.org,b.example.org:4222, the "
        "addresses at which receivers meet them."
    )
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname, parts.port or DEFAULT_PORT
        if host and not _NAME.fullmatch(host):
            ipaddress.ip_address(host)
    except ValueError as error:
        raise wrong from error
    if not host or parts.path or parts.query or parts.username is not None:
        raise wrong
    return f"tls://[{host}]:{port}" if ":" in host else f"tls://{host}:{port}"


class NamedBrokers:
    """What a receiver asks of a broker of its own, of those at `urls`."""

    # Neither is known of another's.
    starts = 0
    link_port = None

    def __init__(self, urls: tuple[str, ...], pki: Path, say: Callable[[str], None]) -> None:
        """NabijError when `pki` has not the certificates with which the brokers let us in."""
        self.urls = urls
        self.ca_file = pki / "ca.pem"
        self._pki = pki
        self._say = say
        for name in ("receiver", "observer"):
            for file in (self.ca_file, *self.files(name)):
                if not file.is_file():
                    raise NabijError(
                        f"There is no {file.name} in {pki}: copy there the folder receiver/pki "
                        "that `nabij cluster init` made, or name it with --pki."
                    )

    @property
    def replicas(self) -> int:
        """On how many brokers each message is kept."""
        return REPLICAS if len(self.urls) >= REPLICAS else 1

    def files(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of "receiver" or "observer"."""
        return self._pki / f"{name}.pem", self._pki / f"{name}.key"

    def ready_s(self) -> float:
        """For how long they have taken connections, which is theirs to know."""
        return math.inf

    def restart(self) -> None:
        """Only those who run them can do that."""
        self._say("The brokers are not this receiver's to start again: see how they are.")

    def mend_store(self) -> None:
        """`nabij cluster run` does it, beside each of them."""
