"""What an older release's broker holds for its receiver is taken in, and removed there."""

import contextlib
import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from nats.aio.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from nabij.centre.link import old_session, stream
from nabij.centre.link.broker import Broker
from nabij.centre.link.door import Door
from nabij.centre.link.incoming import Incoming
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.centre.service import Receiver
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.badge_client import LONG_S
from tests.host.centre.desk import Desk
from tests.host.centre.loops import loop_thread
from tests.waiting import wait_until

# As release 0.1 wrote it: the receiver came in by MQTT.
OLDER_USERS = """authorization {{ timeout: 30, users: [
  {{ user: "{receiver}", allowed_connection_types: [MQTT], permissions: {{
     publish: ["nabij.*.down"], subscribe: ["nabij.*.up", "$MQTT.sub.>"] }} }}
  {{ user: "{badge}", allowed_connection_types: [MQTT], permissions: {{
     publish: ["nabij.anna.up"], subscribe: ["nabij.anna.down", "$MQTT.sub.>"] }} }}
] }}
"""


class Older:
    """A state folder with one badge, and the broker of a receiver of release 0.1 on it."""

    def __init__(self, state: Path) -> None:
        enrol(state, "anna")
        self.desk = Desk(state)
        self.paths = StatePaths(state)
        with self.desk.receiver:
            pass
        # Nothing of this release.
        shutil.rmtree(self.paths.broker)
        self.authority = Authority.open(self.paths.pki)
        store = Store(self.paths)
        [badge] = store.badges()
        store.close()
        subject = self.authority.ensure_receiver()
        self._users = OLDER_USERS.format(receiver=subject, badge=badge.subject)

    @contextlib.contextmanager
    def broker(self) -> Iterator[Broker]:
        self.paths.broker.mkdir(exist_ok=True)
        self.paths.broker_users.write_text(self._users)
        broker = Broker(self.paths, self.authority, port=self.desk.port)
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()

    def receiver_session(self, client_id: str, *, clean: bool) -> bool:
        """Connect once as its receiver and leave; whether the session was there before."""
        present: queue.SimpleQueue[bool] = queue.SimpleQueue()
        done = threading.Event()
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=clean)
        certificate, key = self.authority.files("receiver")
        client.tls_set(str(self.authority.ca_file), str(certificate), str(key))

        def subscribe(client: mqtt.Client, _u: Any, flags: mqtt.ConnectFlags, *_: Any) -> None:
            present.put(flags.session_present)
            client.subscribe("nabij/+/up", qos=1)

        client.on_connect = subscribe
        client.on_subscribe = lambda *_: done.set()
        client.connect("127.0.0.1", self.desk.port)
        client.loop_start()
        assert done.wait(LONG_S)
        client.disconnect()
        client.loop_stop()
        return present.get(timeout=LONG_S)

    def is_taken_over(self) -> bool:
        file = self.paths.broker_session
        return file.exists() and file.read_text() == stream.NAME

    def send(self, count: int) -> None:
        """Have the badge send so many alarms, and go."""
        anna = self.desk.badge("anna", older=True)
        anna.connect()
        for seq in range(1, count + 1):
            sent = anna.publish(anna.frame(seq))
        sent.wait_for_publish(LONG_S)
        anna.close()


@pytest.fixture
def older(tmp_path: Path) -> Older:
    return Older(tmp_path)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("session", ["nabij-receiver", "nabij-receiver-0123456789abcdef"])
def test_session_of_an_older_release_is_emptied_and_removed(older: Older, session: str) -> None:
    """Alarms that wait in it are taken, no badge repeating them; more than one batch of them."""
    count = 2 * stream.BATCH + 1
    with older.broker():
        assert not older.receiver_session(session, clean=False)
        older.send(count)
    again = Receiver(older.desk.state, port=older.desk.port)
    with again:
        wait_until(older.is_taken_over)
        assert [one.seq for one in again.store.incidents()] == list(range(1, count + 1))
    with older.broker():
        assert not older.receiver_session(session, clean=False)


async def _take_over(older: Older, broker: Broker, *answers: bool) -> tuple[bool, list[bytes]]:
    """Take over with these answers, the last of them for all that follows; without one, die."""
    frames: list[bytes] = []

    async def take(messages: Sequence[Incoming]) -> list[bool]:
        if not answers:
            raise ConnectionAbortedError
        frames.extend(one.frame for one in messages)
        return [answers[min(number, len(answers) - 1)] for number in range(len(messages))]

    door = Door(
        lambda: broker.link_port, older.authority.ca_file, older.authority.files("receiver")
    )
    async with door.open() as client:
        return await old_session.take_over(client, take), frames


@pytest.mark.requirement("R09")
def test_what_is_not_taken_stays_for_the_next_time(older: Older) -> None:
    """As when the disk is full just then."""
    with older.broker():
        older.receiver_session("nabij-receiver", clean=False)
        older.send(3)
    desk = older.desk
    desk.receiver = Receiver(desk.state, port=desk.port)
    older.paths.broker_session.write_text(stream.NAME)
    with desk.receiver, loop_thread() as loop:
        broker = desk.receiver.broker
        done, frames = loop.run(_take_over(older, broker, True, False))
        assert (done, len(frames)) == (False, 3)
        # It goes on where it was.
        done, frames = loop.run(_take_over(older, broker, True))
        assert (done, len(frames)) == (True, 2)
        done, frames = loop.run(_take_over(older, broker, True))
        assert (done, frames) == (True, [])


@pytest.mark.requirement("R09")
def test_what_a_receiver_that_died_had_in_its_hands_is_taken_by_the_next(older: Older) -> None:
    """The broker gives it again only after a while: until then nothing is removed."""
    with older.broker():
        older.receiver_session("nabij-receiver", clean=False)
        older.send(3)
    desk = older.desk
    desk.receiver = Receiver(desk.state, port=desk.port)
    older.paths.broker_session.write_text(stream.NAME)
    with desk.receiver, loop_thread() as loop:
        broker = desk.receiver.broker
        with pytest.raises(ConnectionAbortedError):
            loop.run(_take_over(older, broker))
        assert loop.run(_take_over(older, broker, True)) == (False, [])
        taken: list[bytes] = []

        def is_done() -> bool:
            done, frames = loop.run(_take_over(older, broker, True))
            taken.extend(frames)
            return done

        wait_until(is_done)
        assert len(taken) == 3


@pytest.mark.requirement("R09")
def test_sessions_of_badges_with_older_firmware_are_left_alone(older: Older) -> None:
    async def consumers(client: Client) -> list[str | None]:
        found = await client.jetstream().consumers_info(old_session.KEPT)
        return [one.config.filter_subject for one in found]

    async def ask() -> list[str | None]:
        async with door.open() as client:
            return await consumers(client)

    with older.broker():
        older.receiver_session("nabij-receiver", clean=False)
        older.send(1)
    again = Receiver(older.desk.state, port=older.desk.port)
    with again, loop_thread() as loop:
        door = Door(
            lambda: again.broker.link_port,
            older.authority.ca_file,
            older.authority.files("receiver"),
        )
        wait_until(older.is_taken_over)
        assert loop.run(ask()) == ["$MQTT.msgs.nabij.anna.down"]


@pytest.mark.requirement("R09")
def test_receiver_starts_and_takes_alarms_beside_an_old_session_that_is_not_emptied_yet(
    older: Older, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that takes: new alarms are in a stream of their own."""
    with older.broker():
        older.receiver_session("nabij-receiver", clean=False)
        older.send(3)
    again = Receiver(older.desk.state, port=older.desk.port)
    with monkeypatch.context() as slow:
        slow.setattr(old_session, "drain", _never)
        again.start()
        anna = older.desk.badge("anna")
        anna.insist(9)
        anna.close()
        assert [one.seq for one in again.store.incidents()] == [9]
    wait_until(older.is_taken_over)
    assert [one.seq for one in again.store.incidents()] == [9, 1, 2, 3]
    again.stop()


async def _never(*_arguments: object) -> bool:
    return False
