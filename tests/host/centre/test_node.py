"""Whom a node lets in: what the database says, and its own list while that is away."""

import os
import queue
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre import cluster
from nabij.centre.database import admitted
from nabij.centre.database.postgresql import Use
from nabij.centre.link.floods import REFUSED_MS
from nabij.centre.node import Node
from nabij.centre.store import BadgeRecord, Store, StoreError
from nabij.paths import StatePaths
from tests.host.centre.postgres import Postgres
from tests.ports import free_port
from tests.waiting import LONG_S, wait_until

KEY = bytes(range(32))


class World:
    """A node that is looked at, with a clock that the test moves, and the database."""

    def __init__(self, folder: Path, url: str) -> None:
        ports = [f"{free_port()},{free_port()},{free_port()}" for _ in "abc"]
        nodes = [
            cluster.parse_node(f"{name}=127.0.0.1@{own}")
            for name, own in zip("abc", ports, strict=True)
        ]
        cluster.init(folder / "new", folder / "office", nodes, hosts=(), database=url)
        self.folder = folder / "new" / "a"
        self.store = Store(StatePaths(folder / "office"), url, Use.SEVERAL)
        self.now_s = 100.0
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.node = Node(self.folder, self.said.put, "127.0.0.1", now_s=lambda: self.now_s)

    def enrol(self, *badges: str, subject: str = "") -> None:
        for badge in badges:
            self.store.enrol(BadgeRecord(badge, KEY, f"CN={badge}{subject}", "", len(subject)))

    def let_in(self) -> set[str]:
        """After a look."""
        self.node.look()
        text = StatePaths(self.folder).broker_users.read_text()
        return {line.split('"')[1] for line in text.splitlines() if "[MQTT]" in line}


@pytest.fixture
def world(tmp_path: Path, server: Postgres) -> Iterator[World]:
    world = World(tmp_path, server.new_schema())
    yield world
    world.store.close()


def test_who_is_enrolled_is_let_in_and_who_is_revoked_is_not(world: World) -> None:
    world.enrol("anna", "bert")
    assert world.let_in() == {"CN=anna", "CN=bert"}
    assert not world.node.look()
    world.now_s += 1
    world.store.revoke("anna", 7)
    world.enrol("bert", subject="-2")
    assert world.let_in() == {"CN=bert-2"}


def test_a_badge_that_floods_is_refused_for_a_while_by_the_nodes_own_clock(world: World) -> None:
    world.enrol("anna", "bert")
    world.store.write(lambda connection: admitted.hold(connection, "bert", 1))
    # From before the node began.
    assert world.let_in() == {"CN=anna", "CN=bert"}
    world.store.write(lambda connection: admitted.hold(connection, "anna", 2))
    assert world.let_in() == {"CN=bert"}
    world.now_s += REFUSED_MS / 1000 - 1
    assert world.let_in() == {"CN=bert"}
    world.now_s += 2
    assert world.let_in() == {"CN=anna", "CN=bert"}


def test_of_many_who_come_wait_for_one_another_and_who_goes_does_not(world: World) -> None:
    """To read its list again takes a server with many users seconds."""
    with world.store.batch():
        world.enrol(*(f"b{number}" for number in range(4_000)))
    assert len(world.let_in()) == 4_000
    world.enrol("late")
    world.now_s += 1
    assert "CN=late" not in world.let_in()
    world.store.revoke("b7", 7)
    assert "CN=b7" not in world.let_in()
    world.enrol("later")
    world.now_s += 3
    assert {"CN=late", "CN=later"} <= world.let_in()


def test_a_list_that_is_damaged_when_the_broker_dies_is_written_anew_without_the_database(
    world: World,
) -> None:
    world.enrol("anna")
    users = StatePaths(world.folder).broker_users
    with world.node as node:
        whole = users.read_bytes()
        (world.folder / "database.url").write_text("postgresql://nabij@/x?host=/nowhere\n")
        node.tick()
        assert "have to wait" in world.said.get(timeout=LONG_S)
        pid = node.broker.pid
        assert pid is not None
        users.write_bytes(whole[: len(whole) // 2])
        os.kill(pid, signal.SIGKILL)
        wait_until(node.broker.does_not_start)
        node.tick()
        assert node.broker.wait_ready(LONG_S)
        assert users.read_bytes() == whole


def test_without_the_database_the_list_stays_and_without_a_list_nothing_begins(
    world: World,
) -> None:
    (world.folder / "database.url").write_text("postgresql://nabij@/x?host=/nowhere\n")
    with pytest.raises(StoreError, match="see that it runs"), Node(world.folder, print):
        raise AssertionError("it began")
