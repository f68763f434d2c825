"""Receiver, database and centre killed at each step of the hand-over: nothing skipped or changed.

The steps: a row is committed and not sent; a frame goes to the centre; its answer went back and is
not committed. All are seen from outside: in the database and on the road to the centre.
"""

from __future__ import annotations

import contextlib
import itertools
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from nabij.centre import asking, operator
from nabij.centre.database.place import choose
from nabij.centre.handover import desk, rows
from nabij.centre.handover.rows import State
from nabij.centre.register.enrol import enrol
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre import postgres
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.handover.arc_process import ArcProcess, without_doubles
from tests.host.centre.handover.live_arc import road
from tests.host.centre.served import Served
from tests.ports import free_port
from tests.waiting import wait_until

STEPS = ("committed", "sent", "answered")
PATIENCE_S = 600.0
EVENTS = 10_000


class Day:
    """`nabij serve`, its database, a hostile road, a centre; and badges that go on and on."""

    def __init__(self, folder: Path, badges: int, run: Path | None) -> None:
        self.state, self._run = folder / "state", run
        self._port = free_port()
        self.killed: list[tuple[str, str]] = []
        # What is to be killed at which step next; empty once it is dead.
        self._next: tuple[str, str] | None = None
        self._lock = threading.Lock()
        names = [f"b{number:02d}" for number in range(badges)]
        if run is not None:
            choose(StatePaths(self.state), postgres.shared(run).new_schema())
        self.accounts = {name: f"{0x1000 + at:04X}" for at, name in enumerate(names)}
        self.folders = [enrol(self.state, name) for name in names]
        self.arc = ArcProcess(folder, list(self.accounts.values()), free_port())

    def begin(self, road_port: int) -> None:
        badges = "".join(
            f'{name} = {{ zone = 1, account = "{account}" }}\n'
            for name, account in self.accounts.items()
        )
        text = (
            f'[arcs.north]\naddresses = ["127.0.0.1:{road_port}"]\naccount = "1000"\n'
            f"[arcs.north.badges]\n{badges}"
        )
        desk.keep(self.state, text)
        self.arc.start()
        self._serve()

    def _serve(self) -> None:
        self.served = Served(self.state, "--quota", "1000000", port=self._port)
        self.served.line()
        # A full pipe would hold it up.
        for stream in (self.served.process.stdout, self.served.process.stderr):
            threading.Thread(target=_drain, args=(stream,), daemon=True).start()

    def kill(self, step: str, victim: str) -> None:
        """Kill it as soon as somebody is at that step, and have it start again."""
        with self._lock:
            self._next = (step, victim)
        look = self._is_committed if step == "committed" else lambda: self._next is None
        wait_until(look, PATIENCE_S)
        if victim == "receiver":
            self.served.process.wait(60)
            self._serve()
        elif victim == "centre":
            self.arc.end()
            self.arc.start()
        else:
            assert self._run is not None
            with contextlib.suppress(Exception):
                postgres.crash(self._run)
            postgres.start_again(self._run)

    def at_step(self, step: str) -> None:
        """Somebody is there now: from the road's thread, which waits for nothing."""
        with self._lock:
            if self._next is None or self._next[0] != step:
                return
            _step, victim = self._next
            self._next = None
            self.killed.append((step, victim))
            if victim == "receiver":
                self.served.process.kill()
            elif victim == "centre":
                self.arc.signal(signal.SIGKILL)
            else:
                assert self._run is not None
                postgres.kill(self._run)

    def _is_committed(self) -> bool:
        if self.waiting():
            self.at_step("committed")
        return self._next is None

    def waiting(self) -> int:
        with contextlib.suppress(NabijError):
            return sum(asking.read(StatePaths(self.state), rows.waiting).values())
        return 0

    def check(self, delivered: dict[str, int]) -> None:
        """Each alarm with a receipt is at the centre, in order, by one number and one body."""
        taken = without_doubles(self.arc.taken())
        dossiers = operator.all_incidents(self.state)
        for badge, count in delivered.items():
            mine = [one.incident for one in dossiers if one.incident.badge == badge]
            assert sorted(one.seq for one in mine) == list(range(1, count + 1))
            by_seq = sorted(mine, key=lambda one: one.seq)
            came = taken.get(self.accounts[badge], [])
            assert [number for _account, number, _body in came] == [
                f"{(at - 1) % 9999 + 1:04d}" for at in range(1, count + 1)
            ]
            for incident, (_account, _number, body) in zip(by_seq, came, strict=True):
                assert f"no. {incident.id}]" in body
        states = {str(one.state) for dossier in dossiers for one in dossier.handed}
        assert states == {str(State.ACKNOWLEDGED)}


def _drain(stream: IO[str]) -> None:
    with stream:
        for _line in stream:
            pass


@contextlib.contextmanager
def day(folder: Path, *, badges: int, share: float, run: Path | None = None) -> Iterator[Day]:
    made = Day(folder, badges, run)
    with road(made.arc.port, 7, share) as way:
        way.at_step = made.at_step
        made.begin(way.port)
        try:
            yield made
        finally:
            made.served.process.kill()
            made.served.process.wait(60)
            made.arc.end()


class Fleet:
    """The badges: each delivers alarm after alarm, at least so many, and until told to end."""

    def __init__(self, made: Day, least: int, pause_s: float) -> None:
        self.delivered = {folder.name: 0 for folder in made.folders}
        self._port, self._least, self._pause_s = made.served.port, least, pause_s
        self._ending = threading.Event()
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._work, args=(folder,), daemon=True)
            for folder in made.folders
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(3600)
        assert self._failed == []

    def _work(self, folder: Path) -> None:
        badge = BadgeClient(folder, port=self._port)
        try:
            while self.delivered[folder.name] < self._least or not self._ending.is_set():
                seq = self.delivered[folder.name] + 1
                badge.insist(seq, timeout_s=PATIENCE_S)
                self.delivered[folder.name] = seq
                time.sleep(self._pause_s)
        except BaseException as error:  # noqa: BLE001 - told by the thread of the test
            self._failed.append(error)
        finally:
            badge.close()


def live(made: Day, pairs: list[tuple[str, str]], *, least: int, pause_s: float) -> int:
    """Badges at work while that is killed; in the end all that was delivered is there."""
    fleet = Fleet(made, least, pause_s)
    for step, victim in pairs:
        made.kill(step, victim)
        time.sleep(pause_s)
    fleet.end()
    wait_until(lambda: made.waiting() == 0, 600)
    made.check(fleet.delivered)
    assert made.killed == pairs
    return sum(fleet.delivered.values())


def test_receiver_and_centre_are_killed_at_each_step(tmp_path: Path) -> None:
    pairs = [(step, "receiver") for step in STEPS]
    pairs += [("sent", "centre"), ("answered", "centre")]
    with day(tmp_path, badges=1, share=0.0) as made:
        live(made, pairs, least=1, pause_s=0.2)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A PostgreSQL server of its own, which may be killed: the folder by which it is known."""
    with postgres.of_its_own(tmp_path / "run") as run:
        yield run


@pytest.mark.soak
@pytest.mark.timeout(7200)
# Badges whose connection is killed leave sockets behind.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_ten_thousand_events_while_all_three_are_killed_at_each_step(
    tmp_path: Path, database: Path
) -> None:
    pairs = list(itertools.product(STEPS, ("receiver", "database", "centre"))) * 10
    with day(tmp_path, badges=10, share=0.1, run=database) as made:
        began_s = time.monotonic()
        events = live(made, pairs, least=EVENTS // 10, pause_s=0.2)
        taken = made.arc.taken()
        once = sum(len(found) for found in without_doubles(taken).values())
        print(
            f"\n{events} events, {len(pairs)} kills, {len(taken) - once} came twice, "
            f"{time.monotonic() - began_s:.0f} s"
        )
