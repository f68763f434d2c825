"""The receiving side without its link: a database, what is told of it, and the hand-over."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from badge.core.alarm import kinds
from nabij.centre.handover import arcs, rows
from nabij.centre.handover.handover import Handover
from nabij.centre.recurring import RecurringJob
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import World, message
from tests.host.centre.loops import loop_thread


class Centre:
    """The receiving side without its link: a database, listeners, and the hand-over."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: list[str] = []
        self._heard = 0
        # Of a second receiver of the same database.
        self.own_store: Store | None = None

    @property
    def store(self) -> Store:
        return self.own_store or self.world.store

    @property
    def paths(self) -> StatePaths:
        return StatePaths(self.world.folder)

    def changed(self) -> None:
        """Nobody watches."""

    def told_of(self, *ports: int, more: str = "", key: str = "") -> None:
        """Of which centres, at these addresses in turn."""
        addresses = ", ".join(f'"127.0.0.1:{port}"' for port in ports)
        sealed = f'key = "{key.encode().hex()}"' if key else ""
        text = (
            f'[arcs.north]\naddresses = [{addresses}]\naccount = "1234"\n{sealed}\n{more}\n'
            "[arcs.north.badges]\nanna = 7\n"
        )
        kept = arcs.read(text, {})
        self.world.store.write(lambda one: rows.replace_arcs(one, kept, 1))

    def press(self, seq: int, kind: int = kinds.SOS) -> None:
        self.world.take(message(seq=seq, kind=kind))

    @contextlib.contextmanager
    def at_work(self, ahead_ms: int = 0) -> Iterator[Handover]:
        """While a receiver runs; it hears what it has not heard, like a listener's cursor."""
        handing = self.handing(ahead_ms)
        for news in self.world.told[self._heard :]:
            handing.hear(news)
        self._heard = len(self.world.told)
        with loop_thread() as loop:

            async def begin() -> RecurringJob:
                await handing.start(None)
                job = RecurringJob(handing.job(), self.said.append)
                job.start()
                return job

            job = loop.run(begin())
            yield handing
            loop.run(job.stop())
            loop.run(handing.stop())

    def handing(self, ahead_ms: int = 0) -> Handover:
        """With a clock that is ahead by so much."""
        return Handover(self, self.said.append, lambda: time.time_ns() // 1_000_000 + ahead_ms)

    def states(self) -> list[str]:
        found = self.store.read(lambda one: rows.newest(one, 100_000))
        return [str(row.state) for row in found]

    def tries(self) -> list[int]:
        found = self.store.read(lambda one: rows.newest(one, 100_000))
        return [row.tries for row in found]

    def all_done(self) -> bool:
        return "waiting" not in self.states()
