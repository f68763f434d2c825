"""A live alarm centre (pysiaalarm) in a process of its own, which can be killed and frozen.

It keeps what it takes before it answers, as a centre has to: what was acknowledged stands in its
log, one JSON object a line, as [account, sequence, data and extended data].
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import subprocess
import sys
from pathlib import Path

from pysiaalarm.account import SIAAccount
from pysiaalarm.aio.server import SIAServerTCP
from pysiaalarm.event import EventsType, SIAEvent
from pysiaalarm.utils.counter import Counter
from pysiaalarm.utils.enums import MessageTypes, ResponseType

from tests.waiting import LONG_S

Taken = tuple[str, str, str]


class KeepingServer(SIAServerTCP):
    """pysiaalarm, with a log that is written before the answer."""

    def __init__(self, accounts: list[str], log: Path) -> None:
        async def nothing(_event: SIAEvent) -> None:
            pass

        super().__init__({one: SIAAccount(one) for one in accounts}, nothing, Counter())
        self._log = log.open("a")

    def parse_and_check_event(self, data: bytes) -> EventsType | None:
        event = super().parse_and_check_event(data)
        if (
            isinstance(event, SIAEvent)
            and event.response == ResponseType.ACK
            and event.message_type != MessageTypes.NULL
        ):
            body = data.decode("ascii").partition("#")[2].rpartition("_")[0]
            self._log.write(json.dumps([str(event.account), str(event.sequence), body]) + "\n")
            self._log.flush()
        return event


class ArcProcess:
    """The process. `taken` is what it has acknowledged, or was about to, in order."""

    def __init__(self, folder: Path, accounts: list[str], port: int) -> None:
        self.port = port
        self._log = folder / "arc.jsonl"
        self._log.touch()
        self._arguments = [str(port), str(self._log), *accounts]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it hears."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, *self._arguments], stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline()

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate(timeout=LONG_S)

    def taken(self) -> list[Taken]:
        return [tuple(json.loads(line)) for line in self._log.read_text().splitlines()]


def without_doubles(taken: list[Taken]) -> dict[str, list[Taken]]:
    """By account; what came twice came one after the other, the same to the last byte."""
    found: dict[str, list[Taken]] = {}
    for one in taken:
        mine = found.setdefault(one[0], [])
        if not mine or mine[-1] != one:
            mine.append(one)
    return found


async def _serve(port: int, log: Path, accounts: list[str]) -> None:
    handler = KeepingServer(accounts, log)
    server = await asyncio.start_server(handler.handle_line, "127.0.0.1", port)
    print("hears", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    # Each frame that the road damaged is a line of its log.
    logging.disable()
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
