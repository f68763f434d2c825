"""Client ids at the broker: they are secrets, and who connects under a false one is told."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from badge.core.codec import wire
from nabij.centre.link import broker_config, mqtt_link
from nabij.centre.link.broker import Broker
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.centre.service import Receiver
from nabij.centre.watch.connections import ConnectionWatch, Hearers, Known
from nabij.paths import StatePaths
from tests.host.centre.badge_client import LONG_S, BadgeClient
from tests.host.centre.desk import Desk

LONGEST = "n" * 32


class Watched:
    """A watch of our own on the broker of a running receiver; it looks when a test says so."""

    def __init__(self, desk: Desk) -> None:
        self.said: list[str] = []
        self.came: dict[str, int] = {}
        receiver = desk.receiver
        self._watch = ConnectionWatch(
            lambda: receiver.broker.monitor,
            lambda: Known.of(receiver.store.badges(), receiver.link.client_id),
            Hearers(self.said.append, self.came.update),
        )

    def look(self) -> list[str]:
        """What this look says."""
        self.said.clear()
        self.came.clear()
        self._watch.look()
        return list(self.said)

    def wait_told_of(self, badge: str) -> list[str]:
        """What the first look says that has something about its certificate."""
        deadline = time.monotonic() + LONG_S
        while not (said := told_of(badge, self.look())):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return said


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("receiver")
    for badge in ("bert", "carl", "erik", "fred", "gina", LONGEST):
        enrol(state, badge)
    desk = Desk(state)
    with desk.receiver:
        yield desk


def told_of(badge: str, said: list[str]) -> list[str]:
    """The sentences about its certificate."""
    return [sentence for sentence in said if f"certificate of {badge} " in sentence]


def guesses(victim: BadgeClient, thief: BadgeClient) -> list[str]:
    """What somebody can try who has one badge and knows the other's name."""
    with_own_key = wire.client_id(victim.badge, thief.key)
    return [victim.badge, with_own_key, f"{victim.badge}-{'0' * 16}"]


@pytest.mark.parametrize("name", ["carl", LONGEST])
def test_stolen_badge_that_knows_a_name_cannot_disturb_that_badge(desk: Desk, name: str) -> None:
    """Neither its connection nor what the broker keeps for older firmware while it is away."""
    victim, bert = desk.badge(name, older=True), desk.badge("bert")
    victim.connect()
    for away in (False, True):
        if away:
            spare = desk.badge(name, client_id=f"{name}-spare", older=True)
            spare.connect()
            victim.close()
            spare.insist(2)
            spare.close()
        for client_id in guesses(victim, bert) * 2:
            thief = desk.badge("bert", client_id=client_id)
            thief.connect()
            thief.close()
        if away:
            victim.connect()
            assert victim.wait_status(2, LONG_S) is not None
        else:
            assert victim.connected()
            victim.send(1)
            assert victim.wait_status(1, LONG_S) is not None
            assert victim.connected()
    victim.close()
    assert [one.seq for one in desk.receiver.store.incidents(name)] == [1, 2]


def test_certificate_under_a_client_id_that_is_not_its_own_is_told(desk: Desk) -> None:
    """While it is connected, and also when it came and went between two looks; once."""
    watched = Watched(desk)
    secret = wire.client_id("fred", desk.badge("fred").key)
    for client_id, words, stays in (
        ("fred", "under the client id of fred", True),
        (secret, "under the client id of fred", False),
        (desk.receiver.link.client_id, "under the client id of the receiver", False),
        ("erik-spare", "under a client id that is not its own ('erik-spare')", False),
    ):
        thief = desk.badge("erik", client_id=client_id)
        thief.connect()
        if not stays:
            thief.close()
        if client_id == secret:
            # The same culprit and victim as a moment ago.
            assert told_of("erik", watched.look()) == []
            continue
        [sentence] = watched.wait_told_of("erik")
        assert told_of("erik", watched.look()) == []
        thief.close()
        assert f"certificate of erik connected {words}" in sentence
        assert "revoke erik" in sentence
        assert secret not in sentence
    assert desk.receiver.link.wait_subscribed(LONG_S)


def test_badge_is_seen_to_come_under_its_secret_id_and_under_that_of_older_firmware(
    desk: Desk,
) -> None:
    """What is owed to a badge is sent when it comes: also to one whose firmware is not updated."""
    watched = Watched(desk)
    for options in ({}, {"client_id": "gina"}):
        gina = desk.badge("gina", **options)
        gina.connect()
        assert not told_of("gina", watched.look())
        assert "gina" in watched.came
        watched.look()
        assert "gina" not in watched.came
        gina.close()


def test_broker_that_dies_in_the_middle_of_its_list_is_looked_at_the_next_time(
    desk: Desk,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            visitor, _ = listener.accept()
            with visitor:
                visitor.recv(65_536)
                visitor.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"connections": [')

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        known = Known.of(desk.receiver.store.badges(), "receiver")
        came: dict[str, int] = {}
        ConnectionWatch(
            lambda: f"{host}:{port}", lambda: known, Hearers(print, came.update)
        ).look()
        thread.join()
        assert came == {}


def test_badge_with_a_new_key_has_a_new_client_id_and_its_past_is_not_held_against_it(
    desk: Desk,
) -> None:
    enrol(desk.state, "dora")
    desk.heard("dora is enrolled")
    old = desk.badge("dora")
    old.insist(1)
    old.close()
    enrol(desk.state, "dora", force=True)
    desk.heard("dora is enrolled")
    watched = Watched(desk)
    new = desk.badge("dora")
    assert wire.client_id("dora", new.key) != wire.client_id("dora", old.key)
    # Told is not yet done: the broker takes a moment to read its users again.
    new.insist(2)
    assert not told_of("dora", watched.look())
    assert "dora" in watched.came
    new.close()


def test_client_id_of_the_receiver_is_secret_and_stays(tmp_path: Path) -> None:
    """A badge that knew it could end the receiver's connection again and again."""
    ids = set()
    for state in ("one", "two", "two"):
        desk = Desk(tmp_path / state)
        with desk.receiver:
            ids.add(desk.receiver.link.client_id)
    assert len(ids) == 2
    assert all(len(one) > len("nabij-receiver-") + 12 for one in ids)


def receiver_session(desk: Desk, client_id: str, *, clean: bool) -> bool:
    """Connect once as the receiver, subscribe and leave; whether the session was there before."""
    present: queue.SimpleQueue[bool] = queue.SimpleQueue()
    done = threading.Event()
    authority = Authority.open(StatePaths(desk.state).pki)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=clean)
    certificate, key = authority.files("receiver")
    client.tls_set(str(authority.ca_file), str(certificate), str(key))

    def subscribe(client: mqtt.Client, _u: Any, flags: mqtt.ConnectFlags, *_: Any) -> None:
        present.put(flags.session_present)
        client.subscribe("nabij/+/up", qos=1)

    client.on_connect = subscribe
    client.on_subscribe = lambda *_: done.set()
    client.connect("127.0.0.1", desk.port)
    client.loop_start()
    assert done.wait(LONG_S)
    client.disconnect()
    client.loop_stop()
    return present.get(timeout=LONG_S)


def test_session_of_an_older_release_is_emptied_and_removed(tmp_path: Path) -> None:
    """It was called nabij-receiver; an alarm that waits in it is taken, no badge repeating it."""
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    with desk.receiver:
        pass
    paths = StatePaths(tmp_path)
    broker = Broker(paths, Authority.open(paths.pki), port=desk.port)
    broker.start()
    assert not receiver_session(desk, "nabij-receiver", clean=False)
    assert receiver_session(desk, paths.broker_session.read_text(), clean=True) is False
    paths.broker_session.unlink()
    anna = desk.badge("anna")
    anna.connect()
    anna.publish(anna.frame(1)).wait_for_publish(LONG_S)
    anna.close()
    broker.stop()
    again = Receiver(tmp_path, port=desk.port)
    with again:
        assert [one.seq for one in again.store.incidents()] == [1]
        assert not receiver_session(desk, "nabij-receiver", clean=False)


def test_session_under_another_limit_is_emptied_of_more_than_that_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server keeps the limit of a session, and would hold back what is beyond the new one."""
    monkeypatch.setattr(broker_config, "ACK_WAIT_S", 1)
    monkeypatch.setattr(mqtt_link, "QUIET_S", 2.0)
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    paths = StatePaths(tmp_path)
    limit = broker_config.MOST_UNACKNOWLEDGED
    with monkeypatch.context() as before:
        before.setattr(broker_config, "MOST_UNACKNOWLEDGED", 1024)
        with desk.receiver:
            old_id = desk.receiver.link.client_id
        broker = Broker(paths, Authority.open(paths.pki), port=desk.port)
        broker.start()
        anna = desk.badge("anna")
        anna.connect()
        for seq in range(1, 2 * limit + 2):
            sent = anna.publish(anna.frame(seq))
        sent.wait_for_publish(LONG_S)
        anna.close()
        broker.stop()
    again = Receiver(tmp_path, port=desk.port)
    with again:
        assert again.link.client_id != old_id
        assert len(again.store.incidents()) == 2 * limit + 1
        assert not receiver_session(desk, old_id, clean=False)
