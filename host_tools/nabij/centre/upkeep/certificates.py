"""Certificates: looked at daily, renewed in time, read again when their files change."""

import asyncio
import datetime as dt
import queue
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from cryptography import x509

from nabij.centre.recurring import Job
from nabij.centre.register.pki import RENEWED_DAYS, left_days
from nabij.errors import NabijError
from nabij.paths import read_file

LOOK_S: Final = 0.5
_EACH_S: Final = 3600.0
_NAMES: Final = ("ca", "server", "receiver", "observer")

Pair = tuple[Path, Path]


class Renews(Protocol):
    """The receiver, as far as it is needed here."""

    def renew(self) -> None: ...


class Certificates:
    """Has them read again when that is `asked` (SIGHUP), or a file of `given` changes.

    `own` is the folder of the receiver's own. `given` are certificate and key of the console's
    own, and of whatever else is reached from outside, which somebody else renews; `read` has those
    read that are shown. `say` gets a sentence.
    """

    def __init__(
        self,
        own: Path,
        given: Sequence[Pair],
        asked: "queue.SimpleQueue[None]",
        read: Callable[[], object],
        say: Callable[[str], None],
    ) -> None:
        self._own = own
        self._given = given
        self._read = read
        self._say = say
        self._asked = asked
        self._stamps = self._look_at_files()
        self._next_s = 0.0
        self._found: list[str] = []

    def reading(self, receiver: Renews) -> Job:
        """What reads them again."""
        return Job(
            "nabij-reload",
            LOOK_S,
            lambda: self._read_again(receiver),
            "Certificates are not read again",
            "Certificates are read again.",
        )

    def watching(self, receiver: Renews) -> Job:
        """What looks when they end."""
        return Job(
            "nabij-certificates",
            LOOK_S,
            lambda: self._look(receiver),
            "Nobody looks when certificates end",
            "No certificate ends soon any more.",
        )

    async def _read_again(self, receiver: Renews) -> None:
        stamps = self._look_at_files()
        if self._asked.empty() and stamps == self._stamps:
            return
        # Of two files one may be written yet: the next round looks at both once more.
        for pair in self._given:
            await asyncio.to_thread(check_pair, pair)
        while not self._asked.empty():
            self._asked.get_nowait()
        self._stamps = stamps
        self._next_s = 0.0
        await asyncio.to_thread(receiver.renew)
        self._read()
        self._say("Read again: the certificates, and who is let in.")

    async def _look(self, receiver: Renews) -> None:
        if time.monotonic() >= self._next_s:
            await asyncio.to_thread(receiver.renew)
            self._found = await asyncio.to_thread(self.ending)
            self._next_s = time.monotonic() + _EACH_S
        # In each round: as long as it holds it is said in `nabij status`.
        if self._found:
            raise NabijError(" ".join(self._found))

    def ending(self) -> list[str]:
        """A sentence for each that ends within 30 days, or has ended."""
        own = [self._own / f"{name}.pem" for name in _NAMES]
        given = [certificate for certificate, _key in self._given]
        return endings([file for file in own if file.exists()], given)

    def _look_at_files(self) -> tuple[int, ...]:
        files = [file for pair in self._given for file in pair]
        return tuple(one.stat().st_mtime_ns if one.exists() else 0 for one in files)


def endings(own: Sequence[Path], given: Sequence[Path]) -> list[str]:
    """The same for these files; `given` are those that the receiver cannot renew itself."""
    sentences = []
    for file in (*own, *given):
        data = read_file(file, "the certificate", "restore it")
        try:
            certificate = x509.load_pem_x509_certificate(data)
        except ValueError as error:
            raise NabijError(f"{file} is not a PEM certificate: put one there.") from error
        days = left_days(certificate)
        if days >= RENEWED_DAYS:
            continue
        end = certificate.not_valid_after_utc.astimezone(dt.UTC).date().isoformat()
        when = f"ends on {end}, in {days} days" if days >= 0 else f"HAS ENDED on {end}"
        remedy = (
            "have it renewed; it is read again by itself"
            if file in given
            else "a new authority is needed, and with it each badge has to be provisioned again"
        )
        sentences.append(f"The certificate {file} {when}: {remedy}.")
    return sentences


def check_pair(files: Pair) -> None:
    """NabijError unless they are a certificate and its key; what is in use is not touched."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)
    except (OSError, ssl.SSLError) as error:
        raise NabijError(
            f"{files[0]} and {files[1]} are no certificate and key ({error}): the ones that were "
            "read before stay in use."
        ) from error
