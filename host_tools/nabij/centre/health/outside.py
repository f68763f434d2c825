"""Tells an address outside that the receiver lives: whoever watches there notices its silence."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Final

from nabij.centre.recurring import Job
from nabij.centre.worker import Worker
from nabij.errors import NabijError, UsageError

EVERY_S: Final = 60.0
ANSWER_S: Final = 10.0


def check_url(url: str) -> str:
    """The address; UsageError unless it can be pinged."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"'{url}' is no address to ping: give one that begins with https://.")
    return url


class Pinger:
    """Asks for `url` now and then, as long as `is_young()` says that alarms arrive."""

    def __init__(self, url: str, is_young: Callable[[], bool]) -> None:
        self._url = check_url(url)
        self._is_young = is_young
        self._worker = Worker("nabij-ping")

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-ping",
            EVERY_S,
            self.look,
            "The address outside is not pinged",
            "The address outside is pinged again.",
        )

    async def look(self) -> None:
        """One round."""
        if self._is_young():
            await self._worker.run(self._ping)

    def _ping(self) -> None:
        try:
            with urllib.request.urlopen(self._url, timeout=ANSWER_S) as answer:  # noqa: S310
                answer.read(1)
        except (OSError, ValueError) as error:
            host = urllib.parse.urlsplit(self._url).hostname
            raise NabijError(
                f"The address outside at {host} cannot be pinged ({error}): whoever watches there "
                "will think that this receiver is dead."
            ) from error
