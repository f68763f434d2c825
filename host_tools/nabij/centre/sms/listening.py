"""Where services post to: a server of its own, on a loop and a thread of its own.

With a certificate it speaks TLS and may be reached from anywhere; without, only a proxy on this
machine reaches it.
"""

import contextlib
import ipaddress
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from nabij.centre.console import served
from nabij.centre.console.address import Address, Options
from nabij.centre.console.connections import Impatient
from nabij.centre.serving import Kept, listen_at
from nabij.centre.worker import LoopThread
from nabij.errors import NabijError, UsageError

# The files that this process may have open are those of the alarms as well.
MOST_AT_ONCE: Final = 300
LOOK_S: Final = 5.0
OPTIONS: Final = Options("--sms-listen", "--sms-cert", "--sms-key")


class Few(Impatient):
    """Fewer connections than a console has: services hold none."""

    most = MOST_AT_ONCE


def checked(address: Address) -> Address:
    """The address; UsageError for one that is open to others and has no certificate."""
    if address.files is None and not _is_here(address.host):
        raise UsageError(
            f"--sms-listen {address} is open to others, and services post by TLS only: give "
            "--sms-cert and --sms-key, or listen on 127.0.0.1 behind a proxy that has them."
        )
    return address


class Listening:
    """Serves an ASGI application at an address, from `start` to `stop`."""

    def __init__(self, address: Address, application: Any) -> None:
        self._address = address
        name = f"--sms-listen {address}"
        listen = partial(listen_at, address.host, address.port, address.family, name)
        made = served.config(application, Few, address.files, OPTIONS)
        self._kept = Kept(made, listen, name)
        self._thread: LoopThread | None = None

    def start(self) -> None:
        """Listen; NabijError when the port cannot be had."""
        self._thread = LoopThread()
        try:
            self._thread.run(self._on_loop(self._kept.start))
        except NabijError:
            self.stop()
            raise

    def look(self) -> None:
        """Begin anew what has ended by itself; NabijError that says so."""
        thread = self._thread
        if thread is not None:
            thread.run(self._on_loop(self._kept.look), LOOK_S)

    def renew(self) -> None:
        """Show the certificate that its files have now, to whoever connects from now on."""
        served.renew(self._kept.config)

    def stop(self) -> None:
        """End, with what is being answered; safe to call twice, or without start."""
        thread, self._thread = self._thread, None
        if thread is not None:
            with contextlib.suppress(TimeoutError):
                thread.run(self._kept.stop(), served.STOP_S + 2)
            thread.close()

    @staticmethod
    async def _on_loop(work: Callable[[], None]) -> None:
        work()


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
