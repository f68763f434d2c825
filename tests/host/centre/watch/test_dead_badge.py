"""The real firmware sets an amber, dies, and the receiver raises the alarm in its place."""

import queue
from pathlib import Path

import pytest

from nabij.centre.incidents.incident import Incident
from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from nabij.data import traces
from nabij.event_lines import parse_event
from nabij.virtual import body_model
from nabij.virtual.badge import Line, Scenario, Trace, VirtualBadge
from tests.host.centre import desk
from tests.host.centre.desk import AheadClock
from tests.ports import free_port

# Longer than any amber lasts.
SHIFT_MS = 9 * 3_600_000


@pytest.mark.slow
@pytest.mark.requirement("R04")
def test_amber_of_a_badge_that_died_becomes_an_incident(tmp_path: Path) -> None:
    port, clock = free_port(), AheadClock()
    provision = enrol(tmp_path / "state", "anna", port=port, wearer="A. de Vries")
    (provision / "config.json").write_text("{}")
    still = traces.write_sim_trace(tmp_path / "still", body_model.Body().standing(2.0))
    scenario = Scenario(
        mode="live",
        provision=provision,
        modem={"rtt_ms": 100, "register_ms": 500, "boot_ms": 500},
        trace=Trace(still),
    )
    opened: queue.SimpleQueue[Incident] = queue.SimpleQueue()
    receiver = Receiver(
        tmp_path / "state", port=port, say=lambda _sentence: None, grace_s=0, clock=clock
    )
    receiver.listen("test", desk.opened(opened.put))
    with receiver:
        with VirtualBadge(scenario, tmp_path / "badge") as badge:
            badge.wait_for(lambda line: says(line, "link.up"), 60)
            badge.press(2500, button="left")
            badge.wait_for(lambda line: says(line, "alarm.status", kind="amber"), 60)
        assert receiver.store.running() == 1
        clock.ahead_ms = SHIFT_MS
        incident = opened.get(timeout=60)
        while incident.test:
            incident = opened.get(timeout=60)
        assert (incident.kind_name, incident.by_deadline) == ("amber", True)
        assert "AMBER EXPIRED  A. de Vries (badge anna)" in incident.sentence()


def says(line: Line, what: str, **fields: str) -> bool:
    event = parse_event(line.text)
    return (
        event is not None
        and event.what == what
        and all(event.fields.get(name) == value for name, value in fields.items())
    )
