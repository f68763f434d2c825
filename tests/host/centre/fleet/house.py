"""A receiver with a fleet, and what it said; and what a test asks a badge by its link."""

import asyncio
import datetime as dt
import queue
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from nabij.acts.act import Request
from nabij.centre.asking import request_name
from nabij.centre.fleet import desk, jobs
from nabij.centre.fleet.fleet import Fleet
from nabij.centre.fleet.jobs import Job, Wanted
from nabij.centre.fleet.order_line import OrderLine
from nabij.centre.service import Receiver
from nabij.event_lines import parse_event
from nabij.settings.asked import Asked
from nabij.virtual.badge import Line

LONG_S = 120.0
# Of a certificate that is to be renewed.
OLD_END = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)


class Asking:
    """What a test asks a badge by the receiver's own link."""

    async def start(self, receiver: Receiver) -> None:
        self._loop = asyncio.get_running_loop()
        self._receiver = receiver

    async def stop(self) -> None:
        pass

    def ask(self, badge: str, key: bytes, *requests: Request) -> list[dict[str, object]]:
        async def work() -> list[dict[str, object]]:
            line = OrderLine(self._receiver.link.client, badge, key)
            async with line.open():
                return [await line.ask(one) for one in requests]

        done: Future[list[dict[str, object]]] = asyncio.run_coroutine_threadsafe(
            work(), self._loop
        )
        return done.result(LONG_S)


@dataclass
class House:
    """A receiver with a fleet, and what it said."""

    state: Path
    port: int
    said: "queue.SimpleQueue[str]"
    asking: Asking

    def receiver(self) -> Receiver:
        made = Receiver(self.state, port=self.port, say=lambda _sentence: None)
        made.attach(Fleet(self.said.put))
        made.attach(self.asking)
        return made

    def begin(self, *badges: str, at_once: int = 5, halt: int = 10, **changes: object) -> Job:
        content = Asked("these", None, changes).to_json()
        return self.begin_job(jobs.CONFIG, content, *badges, at_once=at_once, halt=halt)

    def begin_job(
        self, kind: str, content: bytes, *badges: str, at_once: int = 5, halt: int = 10
    ) -> Job:
        name = request_name()
        return desk.begin(
            self.state, Wanted(name, kind, "k", content, badges, at_once, halt, "Jo", 1)
        )

    def until(self, job: Job, is_so: Callable[[Job], bool]) -> Job:
        end_s = time.monotonic() + LONG_S
        while not is_so(found := desk.job(self.state, job.id)):
            assert time.monotonic() < end_s, found
            time.sleep(0.2)
        return found


def says(what: str) -> Callable[[Line], bool]:
    def is_said(line: Line) -> bool:
        event = parse_event(line.text)
        return event is not None and event.what == what

    return is_said
