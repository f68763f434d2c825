"""An escalation at work on a real database, with real channels of this machine."""

import asyncio
import contextlib
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from nabij.centre.escalation import outbox, plan_file, plan_rows
from nabij.centre.escalation.outbox import Row
from nabij.centre.escalation.plan import Book
from nabij.centre.escalation.runner import Escalation, Uses
from nabij.centre.incidents.news import News
from nabij.centre.notify.sender import Sender
from nabij.centre.worker import Worker
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import World
from tests.waiting import LONG_S

State = outbox.State


@dataclass
class Webhook:
    """A server that keeps what it gets; `status` is its answer, and it waits for `gate` first."""

    status: int = 200
    got: list[dict[str, Any]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append(json.loads(content) | {"path": self.path})
                hook.gate.wait(LONG_S)
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Nobody reads it."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def url(self, path: str) -> str:
        return f"json://127.0.0.1:{self.port}/{path}"

    def paths(self) -> list[str]:
        return [one["path"] for one in self.got]

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass
class Mail:
    """A mail server of this machine; `answer` is what it says to a letter."""

    answer: str = "250 taken"
    got: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())
        self._controller.start()

    @property
    def url(self) -> str:
        port = self._controller.port
        return (
            f"mailto://127.0.0.1:{port}?from=nabij@example.org&to=smit@example.org&mode=insecure"
        )

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.got.append(envelope.original_content or b"")
        return self.answer

    def close(self) -> None:
        self._controller.stop()


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Rig:
    """`with Rig(world, text) as rig`: what happens goes to `hear`, and time is the world's."""

    def __init__(self, world: World, text: str, timeout_s: float = LONG_S) -> None:
        self.world = world
        self.said: list[str] = []
        self.news: list[News] = []
        self.worker = Worker()
        self._loop = asyncio.new_event_loop()
        self._sender = Sender(timeout_s)
        self.uses = Uses(
            world.store, world.clock, self.worker, tell=self._tell, say=self.said.append
        )
        world.store.write(lambda one: plan_rows.replace(one, plan_file.read(text)))
        self.restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.end()
        self.worker.close()
        self._loop.close()

    @property
    def book(self) -> Book:
        return self.world.store.read(plan_rows.read)

    def restart(self) -> None:
        """As after a crash: nothing is known but what is in the database."""
        self.escalation = Escalation(self.uses, StatePaths(self.world.folder), self._sender)

    def end(self) -> None:
        self._loop.run_until_complete(self.escalation.stop())

    def happens(self) -> None:
        """The listener hears of all that happened since the last time."""
        self.news += self.world.told
        for news in self.world.told:
            self.escalation.hear(news)
        self.world.told = []

    def look(self) -> None:
        """One round, without waiting for what it sends."""
        self._loop.run_until_complete(self.escalation.look())

    def settle(self, escalation_id: int = 1) -> None:
        """A round, and what it sends, to its end."""

        async def all_sent() -> None:
            async with asyncio.timeout(LONG_S):
                await self.escalation.look()
                pause_s = 0.02
                while State.SENDING in self.states(escalation_id):
                    await asyncio.sleep(pause_s)
                    # A machine that is busy must not make more rounds of it.
                    pause_s = min(1, pause_s * 1.5)
                    # What could not be recorded is recorded by the next round.
                    await self.escalation.look()

        self._loop.run_until_complete(all_sent())

    def land(self) -> None:
        """What those that ended had on its way arrives too."""
        if on_its_way := asyncio.all_tasks(self._loop):
            self._loop.run_until_complete(asyncio.wait(on_its_way, timeout=LONG_S))

    def wait(self, seconds: float) -> None:
        """Time passes, and what is due then is sent."""
        self.world.clock.wait(seconds)
        self.settle()

    def rows(self, escalation_id: int = 1) -> list[Row]:
        return self.world.store.read(lambda one: outbox.rows_of(one, escalation_id))

    def states(self, escalation_id: int = 1) -> list[State]:
        return [row.state for row in self.rows(escalation_id)]

    def _tell(self, ids: tuple[int, ...]) -> None:
        for news_id in ids:
            self.world.tell(news_id)


def plan(channels: dict[str, dict[str, str]], steps: str, last: str) -> str:
    """A plan in which everybody can be called at any hour."""
    people = ""
    for key, ways in channels.items():
        listed = ", ".join(f"{name} = {json.dumps(url)}" for name, url in ways.items())
        people += f'[people.{key}]\nname = "{key.title()}"\nzone = "Europe/Amsterdam"\n'
        people += f"channels = {{ {listed} }}\n"
    head = '[plans.yard]\nzone = "UTC"\nbadges = ["*"]\nlink = "https://alarm.example.org"\n'
    return f"{people}{head}steps = [{steps}]\nlast = {{ {last} }}\n"
