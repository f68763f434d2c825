"""Two receivers and one duty: deadlines and quiet badges have one watch, and never none."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from badge.core.alarm.kinds import AMBER, SOS
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database.postgresql import Use
from nabij.centre.incidents.words import QUIET
from nabij.centre.store import BadgeRecord, Store
from nabij.centre.watch.deadlines import DeadlineWatch
from nabij.centre.watch.duty import HEARD_EVERY_MS, Duty, Watches
from nabij.centre.watch.quiet import QuietWatch
from nabij.centre.worker import Worker
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import KEY, FakeClock, message
from tests.host.centre.postgres import Postgres
from tests.waiting import wait_until

LIMIT_S = 300.0
GRACE_S = 90.0


class OtherMachine:
    """The same true time; a machine that runs for long and has an epoch of its own."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def now(self) -> Moment:
        now = self._clock.now()
        return Moment(now.wall_ms, now.steady_ms + 700_000_000, "other")


class Receiver:
    """What of a receiver has to do with its duty."""

    def __init__(self, folder: Path, url: str, clock: FakeClock | OtherMachine) -> None:
        self.store = Store(StatePaths(folder), url, Use.SEVERAL)
        self.clock = clock
        self.said: list[str] = []
        self.news: list[int] = []
        self.duty = Duty(self.store, clock, self._begin, self.said.append)

    def _begin(self) -> Watches:
        deadlines = DeadlineWatch(
            self.store, self.clock, tell=self.news.append, say=self.said.append, grace_s=GRACE_S
        )
        quiet = QuietWatch(
            self.store,
            self.clock,
            tell=self.news.append,
            say=self.said.append,
            limit_ms=round(LIMIT_S * 1000),
        )
        return Watches(deadlines, quiet)


class Pair:
    """Both, and the time between them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.time = FakeClock()
        self.one = Receiver(folder / "one", url, self.time)
        self.two = Receiver(folder / "two", url, OtherMachine(self.time))
        self.one.store.enrol(BadgeRecord("anna", KEY, "CN=anna", "", 0))

    def wait(self, seconds: float, *lives: Receiver, connected: bool = False) -> None:
        """Both, or those that live, look each few seconds."""
        end_ms = self.time.true_ms + round(seconds * 1000)
        there = frozenset({"anna"} if connected else ())
        while self.time.true_ms < end_ms:
            self.time.wait(min(5.0, (end_ms - self.time.true_ms) / 1000))
            for receiver in lives or (self.one, self.two):
                receiver.duty.look()
                if receiver.duty.watches is not None:
                    receiver.duty.watches.quiet.look(there, 0)

    def take_over(self, receiver: Receiver) -> None:
        """Have it watch now: a server frees what a lost connection held some moments later."""

        def is_ours() -> bool:
            receiver.duty.look()
            return receiver.duty.is_ours

        wait_until(is_ours)


@pytest.fixture
def pair(tmp_path: Path, server: Postgres) -> Iterator[Pair]:
    pair = Pair(tmp_path, server.new_schema())
    pair.wait(1)
    yield pair
    pair.one.store.close()
    pair.two.store.close()


def test_one_watches_and_the_other_takes_over(pair: Pair) -> None:
    assert [pair.one.duty.is_ours, pair.two.duty.is_ours] == [True, False]
    pair.one.store.close()
    pair.take_over(pair.two)
    assert pair.two.said == ["This receiver watches deadlines and quiet badges now."]


def test_each_round_says_the_time_with_the_duty_and_without(pair: Pair) -> None:
    """What waits while the time of day is set is as old as it is only if somebody looks."""
    moments: list[Moment] = []
    worker = Worker()

    async def rounds() -> None:
        for receiver in (pair.one, pair.two):
            await receiver.duty.job(worker, moments.append).work()

    asyncio.run(rounds())
    worker.close()
    assert moments == [pair.one.clock.now(), pair.two.clock.now()]


@pytest.mark.requirement("R04")
def test_a_deadline_is_one_incident_whoever_took_it_and_whoever_watches(pair: Pair) -> None:
    pair.two.store.take(message(1, 1, kind=AMBER, due_s=60), b"", pair.two.clock.now())
    pair.two.store.take(message(1, 2, kind=AMBER, due_s=600), b"", pair.two.clock.now())
    pair.wait(59)
    assert pair.one.store.incidents() == []
    pair.wait(6)
    assert [one.seq for one in pair.two.store.incidents()] == [1]
    pair.one.store.close()
    # One that comes due while nobody watches waits for its badge, as after a restart.
    pair.time.wait(540)
    pair.take_over(pair.two)
    pair.wait(GRACE_S - 20, pair.two)
    assert len(pair.two.store.incidents()) == 1
    pair.wait(30, pair.two)
    assert [one.seq for one in pair.two.store.incidents()] == [1, 2]
    assert pair.two.said[-1] == "This receiver watches deadlines and quiet badges now."


@pytest.mark.requirement("R07")
def test_a_badge_that_only_the_other_hears_is_not_quiet(pair: Pair) -> None:
    test = message(1, 9, kind=SOS, flags=wire.FLAG_TEST, watch_s=36_000)
    pair.two.store.take(test, b"", pair.two.clock.now())
    for _ in range(4):
        pair.wait(LIMIT_S - 60)
        pair.two.duty.spoke("anna", 0)
        # Told to the one that watches within so long.
        pair.wait(3 * HEARD_EVERY_MS / 1000)
    assert [one.kind for one in pair.one.store.incidents()] == [SOS]
    pair.wait(LIMIT_S + 30)
    assert [one.kind for one in pair.one.store.incidents()] == [SOS, QUIET]


def test_a_clock_that_is_not_that_of_the_database_is_said(pair: Pair) -> None:
    with pytest.raises(NabijError, match=r"IS [0-9]+ s FROM THAT OF THE DATABASE"):
        pair.one.duty.compare_clocks()
