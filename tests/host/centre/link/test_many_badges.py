"""Many badges: all may listen, receipts come as alarms are kept, who is refused is told."""

import collections
import signal
import statistics
from collections.abc import Iterable
from pathlib import Path

import pytest

from nabij.centre.link import broker_config
from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.desk import Desk
from tests.host.centre.light_badges import Answers, Fleet
from tests.host.centre.served import Served
from tests.waiting import wait_until


def enrolled(state: Path, count: int) -> list[Path]:
    return [enrol(state, f"b{number:04d}") for number in range(count)]


def burst(state: Path, folders: Iterable[Path], each: int) -> Answers:
    """The answers to alarms raised all at once, of a receiver in a process of its own."""
    served = Served(state)
    try:
        served.line()
        with Fleet(folders, served.port) as fleet:
            assert all(badge.is_heard for badge in fleet.badges)
            return fleet.raise_alarms(each)
    finally:
        served.end(signal.SIGINT)


def kept_at(state: Path) -> list[int]:
    """When each transmission of an incident came in, in ms."""
    store = Store(StatePaths(state))
    found = [store.transmissions(incident.id) for incident in store.incidents()]
    store.close()
    return [received_ms for one in found for received_ms, _attempt, _frame in one]


@pytest.mark.requirement("R09")
def test_receipts_come_as_alarms_are_kept_and_not_all_after_the_last(tmp_path: Path) -> None:
    """Who waits behind the whole backlog repeats its alarm, which makes the backlog longer."""
    answers = burst(tmp_path, enrolled(tmp_path, 15), each=10)
    assert len(answers.receipts_s) == 150
    kept_together = collections.Counter(kept_at(tmp_path))
    # In one commit each; the clock of who reads the receipts says little on a busy machine.
    assert kept_together.total() == 150
    assert max(kept_together.values()) <= 150 // 3


@pytest.mark.requirement("R09")
def test_badge_that_may_not_listen_is_told_and_its_alarm_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older firmware is a consumer each; of a badge of this release the broker keeps nothing."""
    monkeypatch.setattr(broker_config, "MOST_CONSUMERS", 2)
    desk = Desk(tmp_path)
    folders = enrolled(tmp_path, 5)
    with desk.receiver, Fleet(folders, desk.port, qos=1) as fleet:
        heard = [badge.is_heard for badge in fleet.badges]
        assert heard == [True, True, False, False, False]
        told = desk.heard("CANNOT BE ANSWERED")
        assert "BADGE b0002" in told
        assert "maximum consumers" in told
        fleet.badges[2].raise_alarm(1)
        wait_until(lambda: desk.receiver.store.incidents("b0002") != [])
        with Fleet(folders[2:], desk.port) as newer:
            assert all(badge.is_heard for badge in newer.badges)


@pytest.mark.soak
@pytest.mark.requirement("R09")
def test_fifteen_hundred_badges_connect_listen_and_deliver(tmp_path: Path) -> None:
    """The server lets a thousand listen unless it is told otherwise."""
    answers = burst(tmp_path, enrolled(tmp_path, 1500), each=1)
    assert len(answers.receipts_s) == 1500


@pytest.mark.soak
@pytest.mark.requirement("R09")
def test_no_alarm_of_a_burst_is_handed_over_twice(tmp_path: Path) -> None:
    """The broker does that with what it has no acknowledgement of for ACK_WAIT_S."""
    answers = burst(tmp_path, enrolled(tmp_path, 150), each=2)
    receipts_s = sorted(answers.receipts_s.values())
    assert len(receipts_s) == 300
    median_s = statistics.median(receipts_s)
    print(f"\n300 alarms: receipts {median_s:.2f} s at the median, {receipts_s[-1]:.2f} at most")
    assert len(kept_at(tmp_path)) == 300
