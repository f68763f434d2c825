"""A live alarm centre (pysiaalarm), and a road to it that drops, delays, doubles and cuts."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pysiaalarm.account import SIAAccount
from pysiaalarm.aio.server import SIAServerTCP
from pysiaalarm.event import SIAEvent
from pysiaalarm.utils.counter import Counter
from pysiaalarm.utils.enums import MessageTypes

from nabij.centre.worker import LoopThread
from tests.host.centre.loops import loop_thread

# Its keys are texts, of which it takes the characters.
KEYS = ("", "0123456789ABCDEF", "0123456789ABCDEF01234567", "0123456789ABCDEF0123456789ABCDEF")

HARM = ("drop", "deaf", "double", "cut", "late", "flip")


@dataclass
class Arc:
    """What came at which account, in order: (sequence, code, message), as the centre reads it."""

    port: int = 0
    events: list[SIAEvent] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    loop: LoopThread | None = None
    _server: asyncio.Server | None = None

    def of(self, account: str) -> list[tuple[str, str]]:
        """(sequence, code) of all that it took of an account."""
        return [
            (str(one.sequence), str(one.code))
            for one in list(self.events)
            if str(one.account) == account and one.message_type != MessageTypes.NULL
        ]

    def down(self) -> None:
        """It hears nothing any more."""
        assert self.loop is not None
        self.loop.run(self._stop())

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def begin(self, accounts: list[SIAAccount], port: int) -> None:
        async def took(event: SIAEvent) -> None:
            self.events.append(event)

        known = {one.account_id: one for one in accounts}
        handler = SIAServerTCP(known, took, self.counts)
        self._server = await asyncio.start_server(handler.handle_line, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    def up(self, accounts: list[SIAAccount]) -> None:
        """It hears again, where it was."""
        assert self.loop is not None
        self.loop.run(self.begin(accounts, self.port))


def accounts(*names: str, key: str = "") -> list[SIAAccount]:
    return [SIAAccount(name, key or None) for name in names]


@contextlib.contextmanager
def live_arc(known: list[SIAAccount]) -> Iterator[Arc]:
    """A centre that hears."""
    with loop_thread() as loop:
        arc = Arc(loop=loop)
        loop.run(arc.begin(known, 0))
        yield arc
        arc.down()


@dataclass
class Road:
    """A proxy in front of a centre that does to each frame what the dice say."""

    to_port: int
    seed: int
    # Of the frames, by what is done to them; the rest passes.
    share: float = 0.4
    port: int = 0
    done: list[str] = field(default_factory=list)
    # Told that a frame goes to the centre ("sent"), and that its answer went back ("answered").
    # Each answer takes so long.
    delay_s: float = 0.0
    # Told that a frame goes to the centre ("sent"), and that its answer went back ("answered").
    at_step: Callable[[str], None] = lambda _step: None

    async def begin(self) -> None:
        self._dice = random.Random(self.seed)
        self._shuffle()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def end(self) -> None:
        self._server.close()

    def _shuffle(self) -> None:
        self._deck = list(HARM)
        self._dice.shuffle(self._deck)

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, ahead = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            back.close()
            return
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while frame := await near.readuntil(b"\r"):
                what = self._deck.pop() if self._dice.random() < self.share else "pass"
                if not self._deck:
                    self._shuffle()
                self.done.append(what)
                if what == "drop":
                    break
                if what == "cut":
                    ahead.write(frame[: len(frame) // 2])
                    await ahead.drain()
                    break
                if what == "flip":
                    at = self._dice.randrange(len(frame) - 1)
                    frame = frame[:at] + bytes((frame[at] ^ 1,)) + frame[at + 1 :]
                self.at_step("sent")
                ahead.write(frame)
                answer = await asyncio.wait_for(far.readuntil(b"\r"), 2.0)
                if what == "double":
                    ahead.write(frame)
                    await far.readuntil(b"\r")
                if what == "deaf":
                    break
                if what == "late":
                    await asyncio.sleep(0.4)
                await asyncio.sleep(self.delay_s)
                back.write(answer)
                await back.drain()
                self.at_step("answered")
        for writer in (ahead, back):
            writer.close()


@contextlib.contextmanager
def road(to_port: int, seed: int, share: float = 0.4) -> Iterator[Road]:
    """The road, open."""
    with loop_thread() as loop:
        made = Road(to_port, seed, share)
        loop.run(made.begin())
        yield made
        loop.run(made.end())
