"""Broker and receiver frozen and killed amid alarms: none is lost and none is doubled."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

import pytest

from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre import steps
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.served import Served
from tests.ports import free_port
from tests.waiting import wait_until

# Of a badge that has no receipt.
REPEAT_S = 1.0
# From the first attempt after the fault.
RECEIPT_S = 10.0
# Twenty kills of a receiver last for minutes on a busy machine, and a badge may wait through all.
PATIENCE_S = 600.0


class Receipt(NamedTuple):
    """Of one alarm: when each of its attempts began, a connection that failed among them."""

    badge: str
    seq: int
    attempts_s: tuple[float, ...]
    at_s: float

    @property
    def raised_s(self) -> float:
        return self.attempts_s[0]

    def after_s(self, end_s: float) -> float:
        """From the first attempt after that to the receipt; 0 when there was none."""
        return max((self.at_s - one for one in self.attempts_s if one >= end_s), default=0.0)


def note(times_s: list[float]) -> None:
    times_s.append(time.monotonic())


class BadDay:
    """`nabij serve` and badges that raise one alarm after the other until they are told to end."""

    def __init__(self, state: Path, badges: int) -> None:
        self.state = state
        self.stops = state / "stops"
        self.stops.mkdir(parents=True)
        self._port = str(free_port())
        self._folders = [enrol(state, f"b{number:02d}") for number in range(badges)]
        self._serve()
        self._ending = threading.Event()
        self.receipts: list[Receipt] = []
        self.failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._raise_alarms, args=(folder,), daemon=True)
            for folder in self._folders
        ]

    def _serve(self) -> None:
        self.served = Served(
            self.state, "--port", self._port, "--quota", "1000000", stops=self.stops
        )
        assert self.served.line().startswith("Ready")

    @property
    def receiver_pid(self) -> int:
        return self.served.process.pid

    @property
    def broker_pid(self) -> int:
        """The receiver's one child; waits for one that is being started again."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            with contextlib.suppress(FileNotFoundError):
                for task in Path(f"/proc/{self.receiver_pid}/task").iterdir():
                    for child in (task / "children").read_text().split():
                        return int(child)
            time.sleep(0.02)
        raise AssertionError("no broker")

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        """Have each badge deliver what it has raised, then end all."""
        self._ending.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        self.served.end(signal.SIGINT)

    def restart(self) -> None:
        """Kill the receiver, and with it its broker, and start it again."""
        self.served.end(signal.SIGKILL)
        self._serve()

    def kill_at(self, step: str) -> None:
        """Kill the receiver when an alarm has come so far, and start it again."""
        steps.arm(self.stops, step)
        wait_until(lambda: steps.reached(self.stops, step) is not None)
        self.restart()
        steps.go_on(self.stops, step)

    def check(self) -> None:
        """Each alarm that had a receipt, and no other, is one incident."""
        assert self.failed == []
        assert not any(thread.is_alive() for thread in self._threads)
        store = Store(StatePaths(self.state))
        incidents = sorted((one.badge, one.seq) for one in store.incidents())
        store.close()
        assert incidents == sorted((one.badge, one.seq) for one in self.receipts)

    def slowest_since(self, end_s: float) -> float:
        """The longest from the first attempt of an alarm after that to its receipt."""
        return max(one.after_s(end_s) for one in self.receipts)

    def _raise_alarms(self, folder: Path) -> None:
        badge = BadgeClient(folder, port=int(self._port))
        seq = 0
        try:
            while not self._ending.is_set():
                seq += 1
                tried_s: list[float] = []
                badge.insist(
                    seq,
                    timeout_s=PATIENCE_S,
                    repeat_s=REPEAT_S,
                    tries=partial(note, tried_s),
                )
                done = Receipt(badge.badge, seq, tuple(tried_s), time.monotonic())
                self.receipts.append(done)
                time.sleep(0.1)
        except BaseException as error:  # noqa: BLE001 - told by the thread of the test
            self.failed.append(error)
        finally:
            badge.close()


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        # A broker that is frozen for longer than a probe is waited for was ended meanwhile.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def freeze(day: BadDay, pid_of: Callable[[BadDay], int], seconds: float) -> float:
    """Freeze for so long amid alarms; the time of its end."""
    time.sleep(1.0)
    with frozen(pid_of(day)):
        time.sleep(seconds)
    return time.monotonic()


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program writes to it and does not end."""
    other = sqlite3.connect(database, timeout=PATIENCE_S, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


def scribble(folder: Path) -> None:
    """Each file in it."""
    chance = random.Random(10)
    for file in folder.rglob("*"):
        if file.is_file():
            scribble_file(file, chance)


def scribble_file(file: Path, chance: random.Random) -> None:
    """Every fiftieth byte, and one at least, is another."""
    data = bytearray(file.read_bytes())
    for _ in range(max(1, len(data) // 50) if data else 0):
        data[chance.randrange(len(data))] = chance.randrange(256)
    file.write_bytes(data)


def broker(day: BadDay) -> int:
    return day.broker_pid


def receiver(day: BadDay) -> int:
    return day.receiver_pid


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("pid_of", [broker, receiver])
def test_short_freeze_loses_and_doubles_nothing(
    tmp_path: Path, pid_of: Callable[[BadDay], int]
) -> None:
    """Longer than a message may be unacknowledged, so that it is handed over again."""
    with BadDay(tmp_path, 3) as day:
        freeze(day, pid_of, 6.0)
    day.check()
    assert len(day.receipts) >= 3


@pytest.mark.requirement("R09")
def test_a_few_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    with BadDay(tmp_path, 3) as day:
        time.sleep(0.5)
        os.kill(day.broker_pid, signal.SIGKILL)
        time.sleep(0.5)
        day.restart()
    day.check()


@pytest.mark.requirement("R09")
def test_a_broker_whose_own_files_are_damaged_when_it_dies_is_back_by_itself(
    tmp_path: Path,
) -> None:
    with BadDay(tmp_path, 3) as day:
        time.sleep(0.5)
        for file in (StatePaths(tmp_path).broker_users, StatePaths(tmp_path).broker / "nats.conf"):
            pid = day.broker_pid
            scribble_file(file, random.Random(10))
            os.kill(pid, signal.SIGKILL)
            end_s = time.monotonic()
            time.sleep(RECEIPT_S)
            assert day.slowest_since(end_s) <= RECEIPT_S
    day.check()


@pytest.mark.requirement("R09")
def test_a_receiver_that_is_killed_at_any_step_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with BadDay(tmp_path, 3) as day:
        for step in steps.STEPS:
            day.kill_at(step)
    day.check()


@pytest.mark.soak
@pytest.mark.requirement("R09")
@pytest.mark.parametrize("step", [steps.COMMITTED, steps.TOLD])
def test_twenty_kills_between_commit_and_acknowledgement_lose_and_double_nothing(
    tmp_path: Path, step: str
) -> None:
    with BadDay(tmp_path, 5) as day:
        for _ in range(20):
            day.kill_at(step)
        end_s = time.monotonic()
        time.sleep(RECEIPT_S)
    day.check()
    slowest_s = day.slowest_since(end_s)
    print(f"\n{len(day.receipts)} alarms; a receipt took {slowest_s:.1f} s after the last kill")
    assert slowest_s <= RECEIPT_S


@pytest.mark.soak
@pytest.mark.requirement("R09")
@pytest.mark.parametrize(("pid_of", "seconds"), [(broker, 60.0), (receiver, 30.0)])
def test_freeze_amid_twenty_badges_loses_nothing_and_receipts_follow_at_once(
    tmp_path: Path, pid_of: Callable[[BadDay], int], seconds: float
) -> None:
    with BadDay(tmp_path, 20) as day:
        end_s = freeze(day, pid_of, seconds)
        time.sleep(RECEIPT_S)
    day.check()
    slowest_s = day.slowest_since(end_s)
    print(f"\nthe last receipt came {slowest_s:.1f} s after the end of the freeze")
    assert slowest_s <= RECEIPT_S


@pytest.mark.soak
@pytest.mark.requirement("R09")
def test_twenty_kills_of_each_at_random_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(10)
    kills = ["broker", "receiver"] * 20
    chance.shuffle(kills)
    with BadDay(tmp_path, 20) as day:
        for kill in kills:
            time.sleep(chance.uniform(0.1, 2.0))
            if kill == "broker":
                os.kill(day.broker_pid, signal.SIGKILL)
            else:
                day.restart()
        end_s = time.monotonic()
        time.sleep(RECEIPT_S)
    day.check()
    slowest_s = day.slowest_since(end_s)
    print(f"\n{len(day.receipts)} alarms; the last receipt {slowest_s:.1f} s after the last kill")
    assert slowest_s <= RECEIPT_S


@pytest.mark.soak
@pytest.mark.requirement("R09")
def test_a_database_that_another_program_locks_for_20_s_loses_nothing(tmp_path: Path) -> None:
    with BadDay(tmp_path, 5) as day:
        time.sleep(1.0)
        with locked(StatePaths(tmp_path).database):
            began_s = time.monotonic()
            time.sleep(20.0)
            assert not [one for one in day.receipts if one.at_s > began_s + REPEAT_S]
        end_s = time.monotonic()
        time.sleep(RECEIPT_S)
    day.check()
    slowest_s = day.slowest_since(end_s)
    print(f"\n{len(day.receipts)} alarms; the last receipt {slowest_s:.1f} s after the lock")
    assert slowest_s <= RECEIPT_S


@pytest.mark.soak
@pytest.mark.requirement("R09")
@pytest.mark.parametrize("spoil", [remove, scribble])
def test_a_store_of_the_broker_that_is_gone_or_damaged_at_its_start_loses_nothing(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    with BadDay(tmp_path, 5) as day:
        time.sleep(1.0)
        pid = day.broker_pid
        # It cannot write again what is spoilt.
        os.kill(pid, signal.SIGSTOP)
        spoil(StatePaths(tmp_path).broker / "jetstream")
        os.kill(pid, signal.SIGKILL)
        end_s = time.monotonic()
        time.sleep(RECEIPT_S)
    day.check()
    slowest_s = day.slowest_since(end_s)
    print(f"\n{len(day.receipts)} alarms; the last receipt {slowest_s:.1f} s after the kill")
    assert slowest_s <= RECEIPT_S


@pytest.mark.soak
@pytest.mark.requirement("R09")
def test_a_store_that_is_removed_under_a_running_broker_is_noticed_and_made_anew(
    tmp_path: Path,
) -> None:
    with BadDay(tmp_path, 5) as day:
        time.sleep(1.0)
        remove(StatePaths(tmp_path).broker / "jetstream")
        time.sleep(3 * RECEIPT_S)
    day.check()
    slowest_s = max(one.at_s - one.raised_s for one in day.receipts)
    print(f"\n{len(day.receipts)} alarms; the slowest receipt took {slowest_s:.1f} s")
    assert slowest_s <= RECEIPT_S
