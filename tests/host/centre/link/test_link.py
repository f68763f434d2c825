"""The receiver's link to a real broker: batches, done with or brought again; lost, refused."""

import asyncio
import os
import queue
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from nabij.centre.link import link as link_module
from nabij.centre.link import stream, teller
from nabij.centre.link.broker import Broker
from nabij.centre.link.broker_config import write_users
from nabij.centre.link.door import Door
from nabij.centre.link.incoming import Incoming, Message, Outcome
from nabij.centre.link.link import Link, Uses
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.centre.store import Store
from nabij.centre.worker import LoopThread, Worker
from nabij.paths import StatePaths
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.loops import loop_thread
from tests.ports import free_port
from tests.waiting import LONG_S, wait_until


class House:
    """A broker that lets two badges in, and a link to it that takes as the test says."""

    def __init__(self, state: Path, loop: LoopThread) -> None:
        paths = StatePaths(state)
        folder, other_folder = enrol(state, "anna"), enrol(state, "bert")
        store = Store(paths)
        badges = {one.badge: one.subject for one in store.badges()}
        store.close()
        self.authority = Authority.open(paths.pki)
        own = self.authority.ensure_receiver(), self.authority.ensure_observer()
        write_users(paths, *own, badges)
        self.broker = Broker(paths, self.authority, port=free_port(), say=lambda _sentence: None)
        self.broker.start()
        self.badge = BadgeClient(folder, port=self.broker.port)
        self.other = BadgeClient(other_folder, port=self.broker.port)
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.batches: list[list[bytes]] = []
        self.go_on = threading.Event()
        self.go_on.set()
        # How often each of these is refused, and which are a fault of ours.
        self.refused: dict[bytes, int] = {}
        self.faulty: set[bytes] = set()
        self._loop = loop
        self._worker = Worker()
        self.told: list[int] = []
        self.aside: list[Message] = []
        self.taking = 0
        self._with_news: set[bytes] = set()
        self.back: list[bytes] = []
        uses = Uses(
            take=self._take,
            tell=self.told.extend,
            set_aside=self.aside.append,
            up=lambda _up: None,
            back=self.back.append,
            is_full=lambda: False,
            say=self.said.put,
        )
        self.link = Link(self.door(), self._worker, uses)

    def door(self) -> Door:
        """The receiver's."""
        files = self.authority.files("receiver")
        return Door(lambda: self.broker.link_port, self.authority.ca_file, files)

    def start(self) -> None:
        self._loop.run(self.link.start())
        self.badge.connect()

    def close(self) -> None:
        self.go_on.set()
        self.badge.close()
        self.other.close()
        self._loop.run(self.link.stop())
        self._worker.close()
        self.broker.stop()

    def send(self, *frames: bytes) -> None:
        for frame in frames:
            self.badge.publish(frame).wait_for_publish(LONG_S)

    def taken(self) -> list[bytes]:
        return [frame for batch in self.batches for frame in batch]

    def left(self) -> int:
        """How many messages the stream holds."""

        async def ask() -> int:
            async with self.door().open() as client:
                return int((await client.jetstream().stream_info(stream.NAME)).state.messages)

        return self._loop.run(ask())

    def handed_over(self) -> int:
        """How many messages have been sent to the receiver and are not acknowledged."""

        async def ask() -> int:
            async with self.door().open() as client:
                found = await client.jetstream().consumer_info(stream.NAME, stream.CONSUMER)
                return int(found.num_ack_pending or 0)

        return self._loop.run(ask())

    def _take(self, messages: Sequence[Incoming]) -> list[Outcome]:
        self.taking += 1
        assert self.go_on.wait(LONG_S)
        frames = [one.frame for one in messages]
        if self.faulty.intersection(frames):
            raise ZeroDivisionError("a fault of ours")
        self.batches.append(frames)
        return [
            Outcome(done=not self._is_refused(frame), news=self._news(frame)) for frame in frames
        ]

    def _news(self, frame: bytes) -> tuple[int, ...]:
        if frame in self._with_news:
            return ()
        self._with_news.add(frame)
        return (int(frame),)

    def _is_refused(self, frame: bytes) -> bool:
        left = self.refused.get(frame, 0)
        self.refused[frame] = left - 1
        return left > 0


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    with loop_thread() as loop:
        yield loop


@pytest.fixture
def house(tmp_path: Path, loop: LoopThread) -> Iterator[House]:
    house = House(tmp_path, loop)
    yield house
    house.close()


def numbered(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


@pytest.mark.requirement("R09")
def test_what_comes_meanwhile_is_taken_together_in_order_and_is_then_gone(house: House) -> None:
    house.start()
    house.go_on.clear()
    frames = numbered(2 * stream.BATCH + 2)
    house.send(*frames)
    wait_until(lambda: house.handed_over() == len(frames))
    house.go_on.set()
    wait_until(lambda: len(house.taken()) == len(frames))
    assert house.taken() == frames
    assert len(house.batches) < len(frames)
    assert max(map(len, house.batches)) <= stream.BATCH
    wait_until(lambda: house.left() == 0)


@pytest.mark.requirement("R09")
def test_a_badge_that_fills_its_room_loses_no_earlier_message_and_nobody_elses(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_OF_A_BADGE", 3)
    house.start()
    house.other.connect()
    house.go_on.clear()
    house.send(*numbered(5))
    house.other.publish(b"7").wait_for_publish(LONG_S)
    house.go_on.set()
    wait_until(lambda: len(house.taken()) == 4)
    assert sorted(house.taken()) == [b"0", b"1", b"2", b"7"]
    wait_until(lambda: house.left() == 0)
    # As the badge does that has no receipt.
    house.send(*numbered(5)[3:], b"8" * (stream.MOST_BYTES + 1), b"9")
    wait_until(lambda: len(house.taken()) == 7)
    assert house.taken()[4:] == [b"3", b"4", b"9"]


def test_badges_that_fill_the_stream_are_named(
    house: House, loop: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_OF_A_BADGE", 10)
    house.start()

    async def look() -> str | None:
        async with house.door().open() as client:
            return await stream.crowding(client)

    assert loop.run(look()) is None
    house.go_on.clear()
    house.send(*numbered(9))
    sentence = loop.run(look())
    assert sentence is not None
    assert "1 BADGE (anna)" in sentence
    monkeypatch.setattr(stream, "MOST_MESSAGES", 10)
    sentence = loop.run(look())
    assert sentence is not None
    assert "NEARLY FULL" in sentence
    house.go_on.set()
    wait_until(lambda: house.left() == 0)
    assert loop.run(look()) is None


def test_news_of_a_burst_are_told_in_order_and_those_that_wait_at_the_end_too(
    house: House, loop: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teller, "PAUSE_S", LONG_S)
    house.start()
    house.send(b"0")
    wait_until(lambda: house.told == [0])
    house.send(*numbered(20)[1:])
    wait_until(lambda: len(house.taken()) == 20)
    loop.run(house.link.stop())
    assert house.told == list(range(20))


@pytest.mark.requirement("R09")
def test_what_was_kept_while_the_broker_died_is_told(house: House) -> None:
    """It is brought again, but then there is nothing new about it."""
    house.start()
    house.go_on.clear()
    house.send(b"7")
    wait_until(lambda: house.taking)
    pid = house.broker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    # The end of the link is tried several times meanwhile.
    wait_until(lambda: house.broker.starts == 2)
    assert house.broker.wait_ready(LONG_S)
    time.sleep(0.5)
    house.go_on.set()
    wait_until(lambda: house.told == [7])


@pytest.mark.requirement("R09")
def test_what_cannot_be_kept_comes_again_and_holds_up_nothing_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "RETRY_S", 0.2)
    house.start()
    house.refused[b"1"] = 2
    house.send(*numbered(4))
    wait_until(lambda: house.taken().count(b"1") == 3)
    assert [house.taken().count(frame) for frame in numbered(4)] == [1, 3, 1, 1]
    wait_until(lambda: house.left() == 0)


@pytest.mark.requirement("R09")
def test_fault_in_one_message_is_told_once_and_costs_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "RETRY_S", 0.5)
    house.start()
    house.go_on.clear()
    house.faulty.add(b"1")
    house.send(*numbered(4))
    house.go_on.set()
    wait_until(lambda: sorted(house.taken()) == [b"0", b"2", b"3"])
    assert "because of a fault in nabij; going on." in house.said.get(timeout=LONG_S)
    # What can never be taken in must not come for ever: enough of it would keep all else away.
    wait_until(lambda: house.aside == [("nabij/anna/up", b"1")])
    wait_until(lambda: house.left() == 0)
    assert house.said.empty()


@pytest.mark.requirement("R09")
def test_fault_that_passes_costs_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "MOST_TRIES", 1000)
    monkeypatch.setattr(stream, "RETRY_S", 0.1)
    house.start()
    house.faulty.add(b"1")
    house.send(b"1")
    house.said.get(timeout=LONG_S)
    house.faulty.clear()
    wait_until(lambda: house.taken() == [b"1"])
    wait_until(lambda: house.left() == 0)


@pytest.mark.requirement("R09")
def test_stream_that_is_refused_is_told_once_and_asked_for_until_it_is_granted(
    house: House, loop: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver that stays connected and deaf would never take an alarm again."""
    monkeypatch.setattr(link_module, "MAX_RECONNECT_S", 0.05)

    async def refuse() -> None:
        async with house.door().open() as client:
            await client.jetstream().add_stream(name="OTHER", subjects=[stream.SUBJECTS])

    async def grant() -> None:
        # Asked for several times by then.
        await asyncio.sleep(0.3)
        async with house.door().open() as client:
            await client.jetstream().delete_stream("OTHER")

    async def start_and_grant() -> None:
        await asyncio.gather(house.link.start(LONG_S), grant())

    loop.run(refuse())
    loop.run(start_and_grant())
    told = house.said.get(timeout=LONG_S)
    assert told.startswith("THE BROKER REFUSES THE RECEIVER ITS STREAM")
    assert house.said.empty()
    house.badge.connect()
    house.send(b"1")
    wait_until(lambda: house.taken() == [b"1"])


@pytest.mark.requirement("R09")
def test_broker_that_dies_is_met_again_and_both_are_said(house: House) -> None:
    house.start()
    house.send(b"1")
    pid = house.broker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert house.said.get(timeout=LONG_S) == "The receiver lost its broker; connecting again."
    assert "connected to the broker again" in house.said.get(timeout=LONG_S)
    house.badge.close()
    house.badge.connect()
    house.send(b"2")
    wait_until(lambda: b"2" in house.taken())


@pytest.mark.requirement("R09")
def test_stream_that_somebody_deletes_is_made_again(house: House, loop: LoopThread) -> None:
    async def delete() -> None:
        async with house.door().open() as client:
            await client.jetstream().delete_stream(stream.NAME)

    house.start()
    house.send(b"1")
    wait_until(lambda: house.taken() == [b"1"])
    loop.run(delete())
    assert house.said.get(timeout=LONG_S) == "The receiver lost its broker; connecting again."
    assert "connected to the broker again" in house.said.get(timeout=LONG_S)
    house.send(b"2")
    wait_until(lambda: b"2" in house.taken())
