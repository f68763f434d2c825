"""The receiver sees for itself that alarms do not arrive, says so, and mends it: real broker."""

import asyncio
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from nats.aio.client import Client

from nabij.centre.incidents.news import News
from nabij.centre.link import prober, stream
from nabij.centre.link.door import Door
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.centre.watch.probe import ProbeWatch
from nabij.centre.worker import LoopThread
from tests.host.centre.badge_client import LONG_S
from tests.host.centre.desk import Desk
from tests.host.centre.loops import loop_thread
from tests.waiting import wait_until


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    with loop_thread() as loop:
        yield loop


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A receiver that takes a minute for a second where it waits for probes."""
    monkeypatch.setattr("nabij.centre.watch.probe.EVERY_S", 0.3)
    monkeypatch.setattr("nabij.centre.watch.probe.BACK_S", 3.0)
    monkeypatch.setattr("nabij.centre.watch.probe.FIRST_PAUSE_S", 5.0)
    monkeypatch.setattr("nabij.centre.link.prober.BACK_S", 0.0)
    monkeypatch.setattr("nabij.centre.link.prober.LOOK_S", 0.1)
    monkeypatch.setattr("nabij.centre.link.prober.LATE_S", 1.0)
    enrol(tmp_path, "anna")
    return Desk(tmp_path)


def ask(desk: Desk, loop: LoopThread, subject: str, **what: Any) -> None:
    """As an administrator who has the receiver's certificate."""
    authority = Authority.open(desk.receiver.paths.pki)
    door = Door(
        lambda: desk.receiver.broker.link_port, authority.ca_file, authority.files("receiver")
    )

    async def request(client: Client) -> None:
        answer = await client.request(f"$JS.API.{subject}", json.dumps(what).encode())
        assert "error" not in json.loads(answer.data)

    async def work() -> None:
        async with door.open() as client:
            await request(client)

    loop.run(work())


def alarm_arrives(desk: Desk, seq: int) -> None:
    badge = desk.badge("anna")
    badge.insist(seq)
    badge.close()


@pytest.mark.requirement("R10")
def test_a_probe_goes_the_whole_way_and_comes_back(desk: Desk) -> None:
    with desk.receiver as receiver:
        wait_until(receiver.probes.is_young)
        before = receiver.store.read(lambda one: one.exec_driver_sql("SELECT * FROM alive").all())
        wait_until(
            lambda: (
                receiver.store.read(lambda one: one.exec_driver_sql("SELECT * FROM alive").all())
                != before
            )
        )
        assert receiver.store.incidents() == []


@pytest.mark.requirement("R09")
def test_a_consumer_that_somebody_paused_is_made_anew(desk: Desk, loop: LoopThread) -> None:
    with desk.receiver as receiver:
        wait_until(receiver.probes.is_young)
        ask(
            desk,
            loop,
            f"CONSUMER.PAUSE.{stream.NAME}.{stream.CONSUMER}",
            pause_until="2099-01-01T00:00:00Z",
        )
        assert "does not hand it over" in desk.heard("NO ALARM CAN ARRIVE")
        alarm_arrives(desk, 1)
        desk.heard("Probes come back again")


@pytest.mark.requirement("R09")
def test_a_broker_that_lives_and_does_not_serve_is_started_again(desk: Desk) -> None:
    with desk.receiver as receiver:
        wait_until(receiver.probes.is_young)
        pid = receiver.broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        desk.heard("NO ALARM CAN ARRIVE")
        wait_until(lambda: receiver.broker.pid not in {None, pid})
        alarm_arrives(desk, 1)
        desk.heard("Probes come back again")


@pytest.mark.requirement("R09")
def test_a_stream_that_is_gone_is_made_again(desk: Desk, loop: LoopThread) -> None:
    with desk.receiver as receiver:
        wait_until(receiver.probes.is_young)
        ask(desk, loop, f"STREAM.DELETE.{stream.NAME}")
        alarm_arrives(desk, 1)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("file", ["o.dat", "meta.inf"])
def test_a_consumer_whose_file_is_damaged_costs_no_message(desk: Desk, file: str) -> None:
    with desk.receiver as receiver:
        alarm_arrives(desk, 1)
        store = receiver.paths.broker
    [damaged] = store.rglob(f"obs/{stream.CONSUMER}/{file}")
    damaged.write_bytes(damaged.read_bytes()[:4])
    for seq in (2, 3):
        again = Desk(desk.state)
        with again.receiver:
            alarm_arrives(again, seq)
        assert not refusals(again)


@pytest.mark.requirement("R09")
def test_a_stream_that_cannot_be_used_at_all_is_made_anew_and_that_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nabij.centre.link.link.MAX_RECONNECT_S", 0.1)
    with desk.receiver as receiver:
        alarm_arrives(desk, 1)
        store = receiver.paths.broker
    [consumer] = store.rglob(f"obs/{stream.CONSUMER}")
    for name in stream.CONSUMERS:
        folder = consumer.with_name(name)
        if not folder.exists():
            shutil.copytree(consumer, folder)
            meta = folder / "meta.inf"
            meta.write_bytes(meta.read_bytes().replace(b'"receiver"', b'"%s"' % name.encode()))
        (folder / "o.dat").write_bytes(b"damaged")
    again = Desk(desk.state)
    with again.receiver:
        assert any("DAMAGED and is made anew" in one for one in refusals(again))
        alarm_arrives(again, 2)


def refusals(desk: Desk) -> list[str]:
    """What was said so far of a stream that is refused."""
    said = [desk.said.get_nowait() for _ in range(desk.said.qsize())]
    return [one for one in said if "STREAM" in one]


@pytest.mark.requirement("R09")
def test_a_listener_that_hangs_keeps_no_alarm_and_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr("nabij.centre.listeners.HANGING_S", 0.5)

    def hang(_change: News) -> None:
        go_on.wait(LONG_S)

    desk.receiver.listen("hangs", hang)
    with desk.receiver as receiver:
        alarm_arrives(desk, 1)
        desk.heard("A LISTENER HAS NOT RETURNED")
        alarm_arrives(desk, 2)
        assert len(receiver.store.incidents()) == 2
        go_on.set()
        desk.heard("Those who listen are told again")
    assert [desk.seen.get(timeout=LONG_S).seq for _ in range(2)] == [1, 2]


def test_what_is_late_is_said_and_not_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is started again throws all badges off, and makes it later for all."""
    now_s = [0.0]
    said: list[str] = []
    mended: list[str] = []

    class Busy:
        """A link that has more to do than it can."""

        taken = 0

        async def send_probe(self, _token: bytes) -> bool:
            return True

        async def begin_anew(self) -> None:
            mended.append("link")

        def is_up(self) -> bool:
            return True

    class Steady:
        """A broker that has run for long."""

        def ready_s(self) -> float:
            return 1_000.0

        def restart(self) -> None:
            mended.append("broker")

        def mend_store(self) -> None:
            """Nothing is the matter with it."""

    busy = Busy()
    watch = ProbeWatch(lambda: now_s[0])
    one = prober.Prober(watch, cast("Any", busy), cast("Any", Steady()), said.append)

    def look(seconds: int, taken: int) -> None:
        for _ in range(seconds):
            now_s[0] += 1.0
            busy.taken += taken
            asyncio.run(one.look())

    look(200, 1)
    assert said == [prober.LATE]
    assert mended == []
    # Nothing is taken any more: that is another matter.
    monkeypatch.setattr(prober, "LATE_S", 0.0)
    look(100, 0)
    assert "NO ALARM CAN ARRIVE" in said[1]
    assert mended
