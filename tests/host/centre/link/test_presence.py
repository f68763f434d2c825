"""Who is connected, as the broker tells it: asked for once, then heard, whatever is cut when."""

import contextlib
import itertools
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre.incidents.words import TWICE
from nabij.centre.link.door import Door
from nabij.centre.link.presence import Presence
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.centre.watch.connections import ConnectionWatch, Known
from nabij.centre.worker import LoopThread
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.cut.harness import Cutter, RecordProxy
from tests.host.centre.desk import Desk
from tests.host.centre.light_badges import LightBadge
from tests.host.centre.loops import loop_thread
from tests.waiting import wait_until

# More than what the server sends until all is known.
MOST_RECORDS = 30


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    for badge in ("anna", "bert"):
        enrol(tmp_path, badge)
    desk = Desk(tmp_path)
    with desk.receiver:
        yield desk


class Watched:
    """A presence of our own on the broker of the desk, by way of `port`."""

    def __init__(self, desk: Desk, loop: LoopThread, port: int | None = None) -> None:
        self.came: list[str] = []
        self.refusals = 0
        self._loop = loop
        authority = Authority.open(StatePaths(desk.state).pki)
        broker = desk.receiver.broker
        door = Door(
            lambda: port or broker.link_port, authority.ca_file, authority.files("observer")
        )
        known = Known.of(desk.receiver.store.badges())
        watch = ConnectionWatch(lambda: known, print, lambda: 0.0)
        self._presence = Presence(door, watch, self._note)
        loop.run(self._begin())

    async def _begin(self) -> None:
        self._presence.start()

    async def _note(self, came: dict[str, int]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise NabijError("The database refuses.")
        self.came += came

    def is_unknown(self) -> bool:
        """Whether nobody can tell who is there."""
        return self._loop.run(self._presence.look()) is None

    def wait_for(self, *badges: str) -> None:
        """Return once exactly these are there."""
        wanted = frozenset(badges)
        wait_until(lambda: self._loop.run(self._presence.look()) == wanted)

    def stop(self) -> None:
        self._loop.run(self._presence.stop())


@pytest.mark.requirement("R07")
def test_who_was_there_before_is_known_and_who_comes_and_goes_is_heard(desk: Desk) -> None:
    anna, bert = desk.badge("anna"), desk.badge("bert")
    anna.connect()
    with loop_thread() as loop:
        watched = Watched(desk, loop)
        watched.wait_for("anna")
        bert.connect()
        watched.wait_for("anna", "bert")
        anna.close()
        watched.wait_for("bert")
        anna.connect()
        watched.wait_for("anna", "bert")
        assert watched.came == ["anna", "bert", "anna"]
        watched.stop()
    anna.close()
    bert.close()


@pytest.mark.requirement("R07")
def test_broker_that_dies_is_nobody_known_and_asked_anew_when_it_is_back(desk: Desk) -> None:
    anna = desk.badge("anna")
    anna.connect()
    with loop_thread() as loop:
        watched = Watched(desk, loop)
        watched.wait_for("anna")
        pid = desk.receiver.broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(watched.is_unknown)
        desk.heard("back")
        anna.close()
        bert = desk.badge("bert")
        bert.insist(1)
        watched.wait_for("bert")
        watched.stop()
    bert.close()


def test_who_comes_while_nobody_can_take_it_is_told_afterwards(desk: Desk) -> None:
    """Once the watch knows a connection, the broker names it no more."""
    anna = desk.badge("anna")
    with loop_thread() as loop:
        watched = Watched(desk, loop)
        watched.wait_for()
        watched.refusals = 2
        anna.connect()
        wait_until(lambda: watched.came == ["anna"])
        watched.wait_for("anna")
        watched.stop()
    anna.close()


@pytest.mark.requirement("R07")
def test_frozen_broker_tells_nothing_of_who_is_there(desk: Desk) -> None:
    with loop_thread() as loop:
        watched = Watched(desk, loop)
        watched.wait_for()
        pid = desk.receiver.broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(watched.is_unknown)
        finally:
            os.kill(pid, signal.SIGCONT)
        watched.wait_for()
        watched.stop()


def test_cut_at_each_record_all_is_known_in_the_end(desk: Desk) -> None:
    """In the handshake, in the middle of the list, between the list and what came since."""
    anna = desk.badge("anna")
    anna.connect()
    cutter = Cutter(lambda: None)
    port = desk.receiver.broker.link_port
    assert port is not None
    proxy = RecordProxy("observer", port, cutter)
    with loop_thread() as loop:
        for cut_at in range(1, MOST_RECORDS):
            cutter.arm("observer<", cut_at)
            watched = Watched(desk, loop, proxy.port)
            watched.wait_for("anna")
            watched.stop()
            assert watched.came == ["anna"]
            if not cutter.disarm(wait_s=0):
                break
        else:
            pytest.fail("no run completes uncut")
    assert cut_at > 3
    proxy.close()
    anna.close()


@pytest.mark.requirement("R09")
def test_two_connections_that_fight_for_one_id_are_an_incident_with_both_addresses(
    desk: Desk,
) -> None:
    """As of a badge that was copied; what the receiver finds by itself, a badge is not told."""
    folder = desk.state / "badges" / "anna"
    hosts = itertools.cycle(["127.0.0.1", "127.0.0.2"])
    badges: list[LightBadge] = []

    def fight() -> bool:
        # The server itself lets an id that goes back and forth wait for a second.
        with contextlib.suppress(ConnectionError):
            badges.append(LightBadge(folder, desk.port, 0, next(hosts)))
        time.sleep(0.5)
        return bool(desk.receiver.store.incidents())

    wait_until(fight)
    said = desk.heard("take its client id from each other")
    assert {"127.0.0.1", "127.0.0.2"} <= set(re.findall(r"[0-9.]*[0-9]", said))
    for badge in badges:
        badge.socket.close()
    [incident] = desk.receiver.store.incidents()
    assert incident.kind == TWICE
