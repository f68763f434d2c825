"""A broker whose store has failed is started again at once, and not for ever at once."""

import shutil
from pathlib import Path

import pytest

from nabij.centre.link.store_faults import FIRST_PAUSE_S, MOST_PAUSE_S, STEADY_S, StoreFaults
from nabij.centre.register.enrol import enrol
from tests.host.centre.desk import Desk

LINES = {
    "[9] 2026/11/29 11:53:57.0 [ERR] Filestore [NABIJ_UP] Critical write error: lmb missing": (
        "lmb missing"
    ),
    "[9] [ERR] JetStream stream '$G > NABIJ_UP' critical write error: input/output error": (
        "input/output error"
    ),
    "[9] [ERR] JetStream out of space, will be DISABLED": "out of space",
    "[9] [ERR] JetStream out of resources, will be DISABLED": "out of resources",
}


@pytest.mark.requirement("R09")
def test_a_store_removed_under_a_running_broker_is_mended_before_a_probe_is_missed(
    tmp_path: Path,
) -> None:
    """The broker itself goes on as if nothing were the matter, and keeps nothing."""
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    with desk.receiver as receiver:
        anna = desk.badge("anna")
        anna.insist(1)
        shutil.rmtree(receiver.paths.broker / "jetstream")
        seq = 1
        while receiver.broker.starts == 1:
            seq += 1
            anna.insist(seq)
        assert "store has failed" in desk.heard("The broker")
        anna.insist(seq + 1)
        anna.close()
        assert len(receiver.store.incidents()) == seq + 1
    said = [desk.said.get() for _ in range(desk.said.qsize())]
    assert not [one for one in said if "NO ALARM CAN ARRIVE" in one]


@pytest.mark.parametrize("line", LINES)
def test_what_the_server_says_of_it_is_known_until_the_next_start(line: str) -> None:
    faults = StoreFaults()
    faults.read(line)
    assert faults.reason == LINES[line]
    faults.began()
    assert faults.reason == ""
    assert not faults.is_due(0.0)


@pytest.mark.parametrize(
    "line",
    [
        "[9] [INF] Server is ready",
        "[9] [ERR] JetStream failed to store a msg on stream '$G > NABIJ_UP': maximum messages",
        "",
    ],
)
def test_other_lines_say_nothing(line: str) -> None:
    faults = StoreFaults()
    faults.read(line)
    assert faults.reason == ""


def test_a_start_that_mends_nothing_is_repeated_less_and_less_often() -> None:
    """Each one throws all badges off."""
    faults = StoreFaults()
    waited: list[int] = []
    for _ in range(12):
        faults.began()
        faults.read(next(iter(LINES)))
        waited.append(next(ran_s for ran_s in range(1_000) if faults.is_due(ran_s)))
    assert waited[:4] == [0, FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert waited[-1] == MOST_PAUSE_S
    faults.began()
    faults.read(next(iter(LINES)))
    assert faults.is_due(STEADY_S + MOST_PAUSE_S)
    faults.began()
    faults.read(next(iter(LINES)))
    assert faults.is_due(FIRST_PAUSE_S)
