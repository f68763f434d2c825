"""The broker killed at every packet of an alarm: exactly one incident, and the badge knows."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from tests.cut.harness import Cutter, RecordProxy
from tests.host.centre.badge_client import BadgeClient
from tests.ports import free_port

BADGE = "cut-1"
# Handshake and CONNECT .. receipt take about ten records each way; more would be a loop.
MOST_RECORDS = 40


class Exchange:
    """A receiver and a badge that both meet the broker through proxies."""

    def __init__(self, state: Path) -> None:
        port = free_port()
        self.cutter = Cutter(self._kill_broker)
        self.badge_side = RecordProxy("badge", port, self.cutter)
        self.receiver_side = RecordProxy(
            "receiver", lambda: self.receiver.broker.link_port, self.cutter
        )
        enrol(state, BADGE)
        self.receiver = Receiver(
            state, port=port, link_port=self.receiver_side.port, say=lambda _sentence: None
        )
        self.receiver.start()
        self.folder = state / "badges" / BADGE

    def close(self) -> None:
        self.receiver.stop()
        self.badge_side.close()
        self.receiver_side.close()

    def run(self, seq: int, label: str, cut_at: int, *, forward: bool) -> bool:
        """One alarm from a cold badge, cut at one record; True when the cut came about."""
        assert self.receiver.link.wait_up(20)
        self.badge_side.forward = self.receiver_side.forward = forward
        badge = BadgeClient(self.folder, port=self.badge_side.port)
        self.cutter.arm(label, cut_at)
        badge.insist(seq, repeat_s=0.5)
        # The badge is content before the last acknowledgements between receiver and broker.
        cut = self.cutter.disarm(wait_s=1.0)
        badge.close()
        return cut

    def _kill_broker(self) -> None:
        pid = self.receiver.broker.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    exchange = Exchange(tmp_path)
    yield exchange
    exchange.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # paho leaks the socket of a cut handshake
@pytest.mark.parametrize("label", ["badge>", "badge<", "receiver>", "receiver<"])
@pytest.mark.parametrize("forward", [False, True], ids=["before", "during"])
def test_broker_killed_at_each_record_of_an_alarm_gives_one_incident(
    exchange: Exchange, label: str, forward: bool
) -> None:
    """Before: the record never arrives. During: the broker dies while it deals with it."""
    for cut_at in range(1, MOST_RECORDS):
        cut = exchange.run(cut_at, label, cut_at, forward=forward)
        found = [i for i in exchange.receiver.store.incidents() if i.seq == cut_at]
        assert len(found) == 1, f"{len(found)} incidents after cut {cut_at} of {label}"
        if not cut:
            break
    assert not cut, "no run completed uncut"
    # The alarm and its receipt at least, each with its acknowledgement.
    assert cut_at > 2
    assert exchange.receiver.broker.starts == cut_at
