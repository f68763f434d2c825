"""The real broker is killed at each packet of a virtual badge's alarm: exactly one incident."""

import json
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from badge.core.alarm import kinds
from nabij.centre.service import Receiver
from nabij.event_lines import parse_event
from nabij.virtual.badge import Line, Scenario, VirtualBadge
from tests.cut.harness import Cutter, RecordProxy
from tests.ports import free_port
from tests.worlds import make_site

# One way on one side an alarm takes a few packets of a link that is up, with pings in between
# where the machine is slow; more would be a loop.
MOST_PACKETS = 20
LABELS = ("badge>", "badge<", "receiver>", "receiver<")
WAIT_S = 60.0


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # paho leaks a cut handshake's socket
@pytest.mark.requirement("R09")
@pytest.mark.parametrize("forward", [False, True], ids=["before", "during"])
def test_one_incident_whatever_packet_the_broker_dies_at(tmp_path: Path, forward: bool) -> None:
    """Before: the packet never arrives. During: the broker dies while it deals with it."""
    port = free_port()

    def kill_broker() -> None:
        pid = receiver.broker.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    cutter = Cutter(kill_broker)
    badge_side = RecordProxy("badge", port, cutter)
    receiver_side = RecordProxy("receiver", lambda: receiver.broker.link_port, cutter)
    badge_side.forward = receiver_side.forward = forward
    site = make_site(tmp_path, port=badge_side.port)
    config = {"retry_first_ms": 500, "retry_max_ms": 2000, "shift_test": False}
    (site.provision / "config.json").write_text(json.dumps(config))
    receiver = Receiver(
        site.state, port=port, link_port=receiver_side.port, say=lambda _sentence: None
    )
    scenario = Scenario(
        mode="live",
        provision=site.provision,
        stalls="off",
        modem={"rtt_ms": 20, "register_ms": 100, "boot_ms": 100},
    )
    try:
        with receiver, VirtualBadge(scenario, tmp_path / "badge") as badge:
            badge.wait_for(lambda line: _is(line, "link.up"), WAIT_S)
            alarms: list[int] = []
            for label in LABELS:
                _cut_at_each(label, badge, receiver, cutter, alarms)
            assert receiver.broker.starts == 1 + len(alarms) - len(LABELS)
    finally:
        badge_side.close()
        receiver_side.close()


def _cut_at_each(
    label: str, badge: VirtualBadge, receiver: Receiver, cutter: Cutter, alarms: list[int]
) -> None:
    """Raise alarms, each cut at the next packet, until one is not cut; adds their numbers.

    A badge whose broker dies again and again tells that too, by a message with a number.
    """
    for cut_at in range(1, MOST_PACKETS):
        _wait_for_link(badge)
        assert receiver.link.wait_up(WAIT_S)
        cutter.arm(label, cut_at)
        badge.press(1600)
        opened = badge.wait_for(partial(_is, what="alarm.opened", kind="sos"), WAIT_S)
        event = parse_event(opened.text)
        assert event is not None
        seq = event.fields["seq"]
        alarms.append(int(seq))
        badge.wait_for(partial(_is, what="alarm.status", seq=seq), WAIT_S)
        # What follows the receipt (its PUBACK) may be the packet to cut at.
        badge.wait_for(lambda line: _is(line, "haptic", pattern="RECEIVED"), WAIT_S)
        cut = cutter.disarm(wait_s=1.0)
        print(f"cut at packet {cut_at} of {label}: {'cut' if cut else 'uncut'}")
        found = [one.seq for one in receiver.store.incidents() if one.kind == kinds.SOS]
        assert found == alarms, f"cut at packet {cut_at} of {label}"
        if not cut:
            # At least the alarm or its receipt went this way.
            assert cut_at > 1
            return
    pytest.fail(f"no run completes uncut at {label}")


def _wait_for_link(badge: VirtualBadge) -> None:
    """Return with the link up; a kill that came last is noticed within the second."""
    for _ in badge.lines(1.0):
        pass
    states = [event for line in badge.seen if (event := parse_event(line.text)) is not None]
    last = [event.what for event in states if event.what in ("link.up", "link.down")][-1]
    if last == "link.down":
        badge.wait_for(lambda line: _is(line, "link.up"), WAIT_S)


def _is(line: Line, what: str, **fields: str) -> bool:
    event = parse_event(line.text)
    return (
        event is not None
        and event.what == what
        and all(event.fields.get(name) == value for name, value in fields.items())
    )
