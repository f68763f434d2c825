"""Lets others see how the receiver is: `nabij status`, monitoring, systemd, an address outside."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from nabij.centre.health import supervisor
from nabij.centre.health.endpoint import Endpoint
from nabij.centre.health.look import Parts, look
from nabij.centre.health.outside import Pinger
from nabij.centre.health.status import Status
from nabij.centre.recurring import Job
from nabij.centre.watch.probe import Stage
from nabij.errors import NabijError

# systemd is told that we live as long as the loop turns and the database's thread answers, and no
# longer than this after the last probe: by then all is tried that a process can mend itself.
HOPELESS_S: Final = 300.0
ANSWER_S: Final = 10.0
# Ready is who receives: the first probe is back. One that is not by then has to be told of, and a
# service manager that waits would only end it.
READY_S: Final = 60.0
_LOOK_S: Final = 0.1
# systemd need not be asked how often when it does not watch.
_IDLE_S: Final = 10.0


class Health:
    """`port` and `ping_url` are None for none. `say` gets a sentence."""

    def __init__(
        self, parts: Parts, port: int | None, ping_url: str | None, say: Callable[[str], None]
    ) -> None:
        self._parts = parts
        self._say = say
        self._endpoint = Endpoint(parts.folder / "status.sock", port, self.look)
        self._pinger = None if ping_url is None else Pinger(ping_url, parts.probes.is_young)
        self._readying: asyncio.Task[None] | None = None

    async def look(self) -> Status:
        """How the receiver is now."""
        return await look(self._parts)

    def jobs(self) -> tuple[Job, ...]:
        """What has to recur."""
        every_s = supervisor.watchdog_s()
        alive = Job(
            "nabij-watchdog",
            _IDLE_S if every_s is None else every_s / 3,
            self.tell_supervisor,
            "The service manager is not told that the receiver lives",
            "The service manager is told again that the receiver lives.",
        )
        return (alive,) if self._pinger is None else (alive, self._pinger.job())

    async def start(self) -> None:
        """Begin; NabijError for a port that cannot be had."""
        await self._endpoint.start()
        self._readying = asyncio.create_task(self._tell_ready(), name="nabij-ready")

    async def stop(self) -> None:
        """End; safe to call twice, or without start."""
        supervisor.notify("STOPPING=1")
        if self._readying is not None:
            self._readying.cancel()
        await self._endpoint.stop()

    async def tell_supervisor(self) -> None:
        """Say that we live, if that is so."""
        probes = self._parts.probes
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._parts.worker.run(lambda: None), ANSWER_S)
            is_refused = probes.stage is Stage.REFUSED
            if is_refused or probes.age_s() < HOPELESS_S:
                supervisor.notify("WATCHDOG=1", self._in_words())
                return
        raise NabijError("THE RECEIVER CANNOT HELP ITSELF: a service manager starts it anew.")

    async def _tell_ready(self) -> None:
        probes = self._parts.probes
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_S):
                while not probes.is_young():  # noqa: ASYNC110 - no event: what is young grows old
                    await asyncio.sleep(_LOOK_S)
        supervisor.notify("READY=1", self._in_words())

    def _in_words(self) -> str:
        probes = self._parts.probes
        words = "Alarms arrive." if probes.is_young() else f"{probes.stage.value}."
        return f"STATUS={words[0].upper()}{words[1:]}"
