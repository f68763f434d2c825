"""Client ids at the broker: the receiver's is a secret, and a badge under a false one is told."""

import queue
import threading
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from nabij.enrol import enrol
from nabij.paths import StatePaths
from nabij.pki import Authority
from nabij.receive.broker import Broker
from nabij.receive.connections import ConnectionWatch
from nabij.receive.service import Receiver
from tests.host.desk import Desk


def test_certificate_under_the_client_id_of_another_is_told(tmp_path: Path) -> None:
    """While it is connected, and also when it came and went between two looks."""
    enrol(tmp_path, "bert")
    enrol(tmp_path, "carl")
    desk = Desk(tmp_path)
    said: list[str] = []
    with desk.receiver:
        known = {"bert", "carl", desk.receiver.link.client_id}
        subject = Authority.open(StatePaths(tmp_path).pki).ensure_receiver()
        monitor = desk.receiver.broker.monitor
        watch = ConnectionWatch(lambda: monitor, lambda: known, said.append, subject)
        spare = desk.badge("carl", client_id="carl-spare")
        spare.connect()
        for victim, stays in (("carl", True), (desk.receiver.link.client_id, False)):
            thief = desk.badge("bert", client_id=victim)
            thief.connect()
            if not stays:
                thief.close()
            watch.look()
            watch.look()
            thief.close()
            [sentence] = said
            assert f"certificate of bert connected under the client id of {victim}" in sentence
            assert "revoke bert" in sentence
            said.clear()
        spare.close()
        assert desk.receiver.link.wait_subscribed(10)


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
    assert done.wait(5)
    client.disconnect()
    client.loop_stop()
    return present.get(timeout=5)


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
    anna.publish(anna.frame(1)).wait_for_publish(5)
    anna.close()
    broker.stop()
    again = Receiver(tmp_path, port=desk.port)
    with again:
        assert [one.seq for one in again.store.incidents()] == [1]
        assert not receiver_session(desk, "nabij-receiver", clean=False)
