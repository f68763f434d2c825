"""A revoked badge is refused by a real broker and by the receiver; others are not."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre.clocks import Clock
from nabij.centre.link.broker import Broker
from nabij.centre.link.intake import Intake
from nabij.centre.register.enrol import enrol
from nabij.centre.register.revoke import revoke
from nabij.centre.store import Store
from nabij.centre.watch.deadlines import Backlog
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.badge_client import LONG_S, BadgeClient, UnreachableError
from tests.host.centre.desk import Desk

UP = "nabij/{}/up"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("receiver")
    for badge in ("anna", "bert", "carl", "dora"):
        enrol(state, badge)
    desk = Desk(state)
    with desk.receiver:
        yield desk


def ended(client: BadgeClient) -> bool:
    deadline = time.monotonic() + LONG_S
    while client.connected() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not client.connected()


@pytest.mark.requirement("R14")
def test_revoked_badge_is_thrown_out_and_not_let_in_again(desk: Desk) -> None:
    """Within a second, beside the running receiver; the other badge keeps its session."""
    anna, bert = desk.badge("anna"), desk.badge("bert")
    anna.insist(1)
    bert.insist(1)
    revoke(desk.state, "anna")
    desk.heard("anna is revoked")
    assert ended(anna)
    with pytest.raises(UnreachableError):
        anna.connect()
    assert bert.insist(2) >= 1
    bert.close()
    assert [one.seq for one in desk.receiver.store.incidents("anna")] == [1]


@pytest.mark.requirement("R14")
def test_a_revoked_badge_is_out_though_the_broker_has_not_read_its_list_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 100,000 badges that takes it 10 s: meanwhile who comes back is ended again."""
    monkeypatch.setattr(Broker, "reload", lambda _broker: None)
    bert, dora = desk.badge("bert"), desk.badge("dora")
    bert.insist(11)
    dora.insist(1)
    revoke(desk.state, "dora")
    assert ended(dora)
    for _ in range(2):
        with contextlib.suppress(UnreachableError):
            dora.connect()
        assert ended(dora)
    assert bert.connected()
    bert.insist(12)
    bert.close()
    assert desk.receiver.broker.starts == 1


def test_message_under_a_revoked_badges_key_is_refused(desk: Desk) -> None:
    """As one that was still on its way when the badge was revoked."""
    carl = desk.badge("carl")
    carl.insist(1)
    revoke(desk.state, "carl")
    desk.heard("carl is revoked")
    outcome = desk.receiver.intake.take(UP.format("carl"), carl.frame(2))
    assert (outcome.done, outcome.replies, outcome.news) == (True, (), ())
    desk.heard("that badge is revoked")
    carl.close()


def test_revoked_badge_can_be_enrolled_again_with_another_certificate(desk: Desk) -> None:
    enrol(desk.state, "dora")
    desk.heard("dora is enrolled")
    old = desk.badge("dora")
    old.insist(1)
    revoke(desk.state, "dora")
    desk.heard("dora is revoked")
    enrol(desk.state, "dora")
    desk.heard("dora is enrolled")
    new = desk.badge("dora")
    new.insist(2)
    new.close()
    old.close()
    with pytest.raises(UnreachableError):
        old.connect()


def test_revoking_without_a_running_receiver_holds_from_its_next_start(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    enrol(tmp_path, "bert")
    revoke(tmp_path, "anna")
    store = Store(StatePaths(tmp_path))
    try:
        clock = Clock()
        intake = Intake(store, clock, Backlog(clock.now(), None))
        assert intake.refresh().keys() == {"bert"}
        assert store.badge_ids() == ["bert"]
    finally:
        store.close()


def test_waiting_enrolment_is_revoked_too(tmp_path: Path) -> None:
    """Enrolled and revoked within the half second that a running receiver takes to look."""
    enrol(tmp_path, "anna")
    store = Store(StatePaths(tmp_path))
    try:
        enrol(tmp_path, "bert")
        revoke(tmp_path, "bert")
        revoke(tmp_path, "anna")
        enrol(tmp_path, "anna", force=True)
    finally:
        store.close()
    desk = Desk(tmp_path)
    with desk.receiver:
        assert desk.receiver.store.badge_ids() == ["anna"]


@pytest.mark.parametrize("badge", ["nobody", "anna"])
def test_only_a_badge_in_use_can_be_revoked(tmp_path: Path, badge: str) -> None:
    enrol(tmp_path, "anna")
    revoke(tmp_path, "anna")
    with pytest.raises(NabijError, match=f"No badge {badge} is in use"):
        revoke(tmp_path, badge)


def test_folder_without_a_receiver_is_told_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(NabijError, match="no receiver"):
        revoke(tmp_path / "none", "anna")
    assert list(tmp_path.iterdir()) == []
