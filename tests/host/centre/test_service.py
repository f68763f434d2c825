"""The receiver as badges and people meet it: real broker, real TLS, real frames."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.news import News
from nabij.centre.link.floods import TOLD_MS
from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.badge_client import LONG_S, BadgeClient, UnreachableError
from tests.host.centre.databases import full_disk
from tests.host.centre.desk import Desk
from tests.ports import free_port


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("receiver")
    for badge in ("anna", "bert", "carl"):
        enrol(state, badge, wearer=badge.title())
    desk = Desk(state)
    with desk.receiver:
        yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[BadgeClient]:
    client = desk.badge("anna")
    client.connect()
    yield client
    client.close()


def test_an_enrolment_that_is_going_on_does_not_keep_the_receiver_from_starting(
    tmp_path: Path,
) -> None:
    enrol(tmp_path, "anna")
    enrolling = Store(StatePaths(tmp_path))
    done = threading.Timer(0.7, enrolling.close)
    done.start()
    with Receiver(tmp_path, port=free_port()) as receiver:
        assert receiver.store.badge_ids() == ["anna"]
    done.join()


def incidents_of(desk: Desk, badge: str, seq: int) -> list[Incident]:
    return [found for found in desk.receiver.store.incidents(badge) if found.seq == seq]


@pytest.mark.requirement("R09")
def test_alarm_becomes_an_incident_and_an_authenticated_receipt(
    desk: Desk, anna: BadgeClient
) -> None:
    """Committed, told to the listeners, and receipted under the badge's own key."""
    fell = {"kind": kinds.MAN_DOWN, "peak_mg": 6200, "tilt_deg": 71}
    anna.send(10, age_ms=8000, utc_s=int(time.time()) - 8, **fell)
    status = anna.wait_status(10, LONG_S)
    assert status is not None
    assert status.state == wire.STATUS_RECEIVED
    [incident] = incidents_of(desk, "anna", 10)
    assert (incident.kind_name, incident.peak_mg, incident.tilt_deg) == ("man_down", 6200, 71)
    assert desk.seen.get(timeout=LONG_S) == incident
    assert "Anna (badge anna)" in incident.sentence()


@pytest.mark.requirement("R09")
def test_alarm_of_a_kind_of_the_future_is_an_incident_that_says_so(
    desk: Desk, anna: BadgeClient
) -> None:
    """A badge with newer firmware must not lose its alarm at an older receiver."""
    anna.send(15, kind=200)
    status = anna.wait_status(15, LONG_S)
    assert status is not None
    assert status.state == wire.STATUS_RECEIVED
    incident = desk.seen.get(timeout=LONG_S)
    assert (incident.seq, incident.kind, incident.kind_name) == (15, 200, "kind_200")
    assert "ALARM of kind 200, which this release does not know" in incident.sentence()


def test_repeats_get_a_receipt_each_and_no_second_incident(desk: Desk, anna: BadgeClient) -> None:
    for attempt in (1, 2, 3):
        anna.send(20, attempt=attempt)
        assert anna.wait_status(20, LONG_S) is not None
    [incident] = incidents_of(desk, "anna", 20)
    attempts = [attempt for _, attempt, _ in desk.receiver.store.transmissions(incident.id)]
    assert attempts == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("truncated", "not CBOR"),
        ("empty", "not CBOR"),
        ("wrong mac", "authentication code"),
        ("status upwards", "not an alarm"),
        ("unknown badge", "no badge of that name"),
        ("other badge", "of another badge"),
        ("too long", "not an alarm"),
    ],
)
def test_hostile_message_is_refused_in_one_sentence_and_the_next_alarm_arrives(
    desk: Desk, anna: BadgeClient, name: str, words: str
) -> None:
    good = anna.frame(30)
    bert = desk.badge("bert")
    payload = {
        "truncated": good[:-1],
        "empty": b"",
        "wrong mac": good[:-1] + bytes([good[-1] ^ 1]),
        "status upwards": wire.encode_status(anna.key, "anna", 1, 30, 1, 1),
        "unknown badge": wire.encode_alarm(anna.key, "nobody", 1, 30, 1, 0),
        "other badge": bert.frame(30),
        "too long": bytes(5000),
    }[name]
    before = len(desk.receiver.store.incidents())
    # Of many in a minute only some are told.
    desk.clock.ahead_ms += TOLD_MS
    anna.publish(payload)
    desk.heard(words)
    assert len(desk.receiver.store.incidents()) == before
    seq = 1000 + before
    anna.send(seq)
    assert anna.wait_status(seq, LONG_S) is not None


def is_taken(desk: Desk, badge: BadgeClient, seq: int) -> bool:
    """Wait for its receipt; False once the database has refused it."""
    while badge.wait_status(seq, 0.1) is None:
        if desk.receiver.intake.counts["deferred"]:
            return False
    return True


@pytest.mark.requirement("R09")
def test_full_disk_withholds_receipt_and_the_alarm_arrives_when_there_is_room(
    tmp_path: Path,
) -> None:
    """SQLite's own "database is full"; the receiver runs on and the badge repeats."""
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    with desk.receiver:
        with full_disk(desk.receiver.store):
            anna = desk.badge("anna")
            anna.connect()
            seq = 0
            # The pages at hand have some room yet.
            for seq in range(1, 200):
                anna.send(seq)
                if not is_taken(desk, anna, seq):
                    break
            assert "full" in desk.heard("refused")
            assert incidents_of(desk, "anna", seq) == []
        anna.insist(seq)
        assert len(incidents_of(desk, "anna", seq)) == 1
        anna.close()


def test_badge_certificate_reads_and_writes_its_own_topics_only(
    desk: Desk, anna: BadgeClient
) -> None:
    bert = desk.badge("bert")
    bert.connect()
    for topic in ("nabij/anna/down", "nabij/anna/up", "nabij/+/down", "nabij/#", "#"):
        assert not bert.subscription_granted(topic), topic
    assert not bert.subscription_granted("$MQTT/sub/#")
    # Acknowledged by the broker's rule, but delivered to nobody.
    bert.publish(anna.frame(40), topic="nabij/anna/up").wait_for_publish(LONG_S)
    anna.send(41)
    assert anna.wait_status(41, LONG_S) is not None
    assert incidents_of(desk, "anna", 40) == []
    bert.close()


def test_taking_over_another_badges_session_yields_nothing(desk: Desk) -> None:
    """Bert's certificate with Carl's client id: the receipt kept for Carl goes to Carl alone."""
    carl = desk.badge("carl", older=True)
    carl.connect()
    carl.close()
    spare = desk.badge("carl", client_id="carl-spare", older=True)
    spare.connect()
    spare.insist(50)
    spare.close()
    thief = desk.badge("bert", client_id="carl", older=True)
    thief.connect()
    assert not thief.subscription_granted("nabij/carl/down")
    time.sleep(0.3)
    assert thief.statuses.empty()
    assert thief.refused == []
    thief.close()
    carl.connect()
    assert carl.wait_status(50, LONG_S) is not None
    carl.close()


def test_badge_enrolled_beside_a_running_receiver_connects(desk: Desk) -> None:
    enrol(desk.state, "dora", host="alarm.example.org")
    desk.heard("dora is enrolled")
    dora = desk.badge("dora")
    assert dora.insist(60) >= 1
    dora.close()
    assert len(incidents_of(desk, "dora", 60)) == 1


def test_forced_enrolment_ends_the_old_certificate(desk: Desk) -> None:
    enrol(desk.state, "emma")
    desk.heard("emma is enrolled")
    old = desk.badge("emma")
    old.insist(70)
    enrol(desk.state, "emma", force=True)
    desk.heard("emma is enrolled")
    deadline = time.monotonic() + LONG_S
    while old.connected() and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(UnreachableError):
        old.connect()
    new = desk.badge("emma")
    new.insist(71)
    new.close()


def test_listener_that_fails_stops_neither_receipt_nor_the_next_listener(tmp_path: Path) -> None:
    def broken(_change: News) -> None:
        raise RuntimeError("a fault in a later part")

    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    desk.receiver.listen("broken", broken)
    with desk.receiver:
        anna = desk.badge("anna")
        anna.insist(80)
        anna.close()
        desk.heard("Listener broken failed")
        assert desk.seen.get(timeout=LONG_S).seq == 80
        assert len(incidents_of(desk, "anna", 80)) == 1
