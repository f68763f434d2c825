"""A receiver that is killed or starts anew: receipts, news and deadlines are not lost with it."""

import signal
from pathlib import Path

import pytest
import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre import beside
from nabij.centre.clocks import Clock
from nabij.centre.database import schema
from nabij.centre.database.events import TERMINAL
from nabij.centre.register.enrol import enrol, take_in
from nabij.centre.service import Receiver
from nabij.centre.store import Store
from nabij.centre.watch.deadlines import GRACE_S
from nabij.paths import StatePaths
from tests.host.centre.badge_client import LONG_S
from tests.host.centre.desk import Desk, opened
from tests.host.centre.scripts import running
from tests.ports import free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("each_engine")

KILLED_AFTER_COMMIT = """
    import contextlib, os, signal, sys, threading
    from pathlib import Path
    from nabij.centre.service import Receiver

    receiver = Receiver(Path(sys.argv[1]), port=int(sys.argv[2]))
    receiver.start()
    batch = receiver.store.batch

    @contextlib.contextmanager
    def commit_and_die(badges):
        with batch(badges):
            yield
        os.kill(os.getpid(), signal.SIGKILL)

    receiver.store.batch = commit_and_die
    print("ready", flush=True)
    threading.Event().wait()
"""


@pytest.mark.requirement("R09")
def test_receiver_killed_between_commit_and_receipt_sends_it_after_restart(tmp_path: Path) -> None:
    """Kept by the broker, not yet acknowledged: no repeat by the badge is needed.

    It may come again before the badge is there to hear of it; then its hello is answered.
    """
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    with running(KILLED_AFTER_COMMIT, desk) as process:
        anna = desk.badge("anna")
        anna.connect()
        anna.send(90)
        assert process.wait(60) == -signal.SIGKILL
    anna.close()
    count = sa.select(sa.func.count()).select_from(schema.incident)
    assert beside.read(StatePaths(tmp_path), lambda one: one.execute(count).scalar_one()) == 1
    with desk.receiver:
        anna.connect()
        anna.hello(wire.Standing(1, 90, 1, 0, 0))
        assert anna.wait_status(90, LONG_S) is not None
        anna.close()
        [incident] = desk.receiver.store.incidents("anna")
        wait_until(lambda: len(desk.receiver.store.transmissions(incident.id)) >= 2)


def test_an_incident_that_a_crash_kept_from_its_listeners_is_told_at_the_next_start(
    tmp_path: Path,
) -> None:
    enrol(tmp_path, "anna")
    frame = wire.encode_alarm(bytes(32), "anna", 1, 1, kind=kinds.SOS, age_ms=0)
    alarm = wire.decode_alarm(frame, lambda _badge: bytes(32))
    store = Store(StatePaths(tmp_path))
    take_in(StatePaths(tmp_path), store)
    store.take(alarm, frame, Clock().now())
    store.close()
    assert _told_at_start(tmp_path) == [1]
    assert _told_at_start(tmp_path) == []


def _told_at_start(state: Path) -> list[int]:
    told: list[int] = []
    receiver = Receiver(state, port=free_port(), say=lambda _sentence: None)
    receiver.listen(TERMINAL, opened(lambda incident: told.append(incident.seq)))
    with receiver:
        return told


KILLED_WITH_A_DEADLINE = """
    import sys, threading
    from pathlib import Path
    from nabij.centre.service import Receiver

    receiver = Receiver(Path(sys.argv[1]), port=int(sys.argv[2]))
    receiver.start()
    print("ready", flush=True)
    threading.Event().wait()
"""


@pytest.mark.requirement("R04")
def test_deadline_outlives_badge_and_killed_receiver(tmp_path: Path) -> None:
    """The badge is heard once; the receiver is killed with the deadline running."""
    enrol(tmp_path, "anna")
    enrol(tmp_path, "bert")
    desk = Desk(tmp_path)
    with running(KILLED_WITH_A_DEADLINE, desk):
        for name in ("anna", "bert"):
            badge = desk.badge(name)
            badge.connect()
            badge.send(1, kind=kinds.AMBER, due_s=1, rev=1)
            status = badge.wait_status(1, LONG_S)
            badge.close()
            assert status is not None
            assert (status.state, status.rev) == (wire.STATUS_RECEIVED, 1)
    # Both come due while nobody watches.
    desk.clock.ahead_ms = 2000
    with desk.receiver:
        # Bert was well all the time, and could not say so.
        bert = desk.badge("bert")
        bert.connect()
        bert.send(1, kind=kinds.AMBER, due_s=0, rev=2, flags=wire.FLAG_CANCELLED)
        assert bert.wait_status(1, LONG_S) is not None
        desk.clock.ahead_ms += round(GRACE_S * 1000)
        incident = desk.seen.get(timeout=60)
        assert (incident.badge, incident.by_deadline) == ("anna", True)
        assert "AMBER EXPIRED" in incident.sentence()
        # Much too late, the badge comes back: its own alarm is the same incident.
        anna = desk.badge("anna")
        anna.connect()
        anna.send(1, kind=kinds.AMBER, rev=2, age_ms=5000)
        status = anna.wait_status(1, LONG_S)
        assert status is not None
        assert status.rev == 2
        anna.close()
        bert.close()
        assert [one.badge for one in desk.receiver.store.incidents()] == ["anna"]
