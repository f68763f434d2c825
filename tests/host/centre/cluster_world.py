"""Three brokers, two receivers and a PostgreSQL server, each in a process that can be killed."""

import contextlib
import itertools
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nabij.centre import cluster
from nabij.centre.link.peer import Peer
from nabij.centre.register.enrol import enrol
from tests.host.centre import steps
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.postgres import Postgres
from tests.host.centre.served import NABIJ
from tests.places import REPO
from tests.ports import free_port
from tests.waiting import LONG_S

NODES = ("a", "b", "c")
RECEIVERS = ("one", "two")


class Part:
    """A `nabij` command that runs until it is killed or ended.

    With a folder for `stops` it stops at the steps that are armed there (steps.py), and has a
    clock that is so far ahead.
    """

    def __init__(
        self, *arguments: str | Path, stops: Path | None = None, ahead_s: int = 0
    ) -> None:
        program = NABIJ if stops is None else steps.NABIJ
        self._arguments = [*program, *map(str, arguments)]
        self._environment = None if stops is None else steps.environment(stops, ahead_s)
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.all_lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def start(self, timeout_s: float | None = LONG_S) -> None:
        """Return when it is ready; at once with None."""
        self.process = subprocess.Popen(
            self._arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=REPO,
            env=self._environment,
        )
        self.lines = queue.SimpleQueue()
        reading = (self.process, self.lines)
        threading.Thread(target=self._read, args=reading, daemon=True).start()
        if timeout_s is not None:
            self.hears("Ready", timeout_s)

    def hears(self, words: str, timeout_s: float = LONG_S) -> str:
        """The next line that has the words."""
        while words not in (line := self.lines.get(timeout=timeout_s)):
            assert line, f"it ended without saying {words}: {self.all_lines}"
        return line

    @property
    def pid(self) -> int | None:
        return None if self.process is None else self.process.pid

    def kill(self) -> None:
        """As a machine that loses its power; a broker dies with the process that keeps it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(LONG_S)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            self.process.kill()
            self.process.wait(LONG_S)

    def _read(self, process: Any, lines: queue.SimpleQueue[str]) -> None:
        with process.stdout:
            for line in process.stdout:
                self.all_lines.append(line.rstrip())
                lines.put(line.rstrip())
        lines.put("")


class ClusterWorld:
    """All of it below one folder; `badges` are enrolled before anything runs."""

    def __init__(
        self, folder: Path, database: str, badges: tuple[str, ...], ahead_s: Mapping[str, int]
    ) -> None:
        self.folder = folder
        self.stops = folder / "stops"
        self.stops.mkdir()
        self.office = folder / "office"
        self.database = database
        self.nodes = [
            Peer(name, "127.0.0.1", free_port(), free_port(), free_port()) for name in NODES
        ]
        self.nats = cluster.init(
            folder / "cluster", self.office, self.nodes, hosts=(), database=database
        )
        (self.office / "database.url").write_text(f"{database}\n")
        for badge in badges:
            enrol(self.office, badge)
        self.parts = {
            name: Part("cluster", "run", folder / "cluster" / name, "--listen", "127.0.0.1")
            for name in NODES
        }
        for name in RECEIVERS:
            shutil.copytree(folder / "cluster" / cluster.RECEIVER, folder / name)
            self.parts[name] = Part(
                *("serve", "--state", folder / name, "--nats", self.nats, "--json"),
                # Of a badge of this test come more alarms than a day has.
                *("--quota", "1000000"),
                stops=self.stops,
                ahead_s=ahead_s.get(name, 0),
            )
        self._turns = itertools.count()

    def start(self) -> None:
        for name in NODES:
            self.parts[name].start(None)
        for name in NODES:
            self.parts[name].hears("Ready")
        for name in RECEIVERS:
            self.parts[name].start()

    def end(self) -> None:
        for part in reversed(self.parts.values()):
            part.end()

    def client(self, badge: str, node: str | None = None) -> BadgeClient:
        """A badge at a node, or at the next one."""
        found = self.nodes[next(self._turns) % 3 if node is None else NODES.index(node)]
        return BadgeClient(self.office / "badges" / badge, port=found.port)


@contextlib.contextmanager
def running(
    folder: Path, server: Postgres, *badges: str, ahead_s: Mapping[str, int] | None = None
) -> Iterator[ClusterWorld]:
    """All parts run, until the end of `with`; clocks of some receivers are ahead."""
    world = ClusterWorld(folder, server.new_schema(), badges, ahead_s or {})
    try:
        world.start()
        yield world
    finally:
        world.end()
        if os.environ.get("NABIJ_SHOW"):
            for name, part in world.parts.items():
                print(name, *part.all_lines, sep="\n  ")
