"""A badge on shift that goes, at a real broker: told, and closed when it is back."""

import json
import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from badge.core.codec import wire
from nabij.centre.clocks import Clock, Moment
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.news import News
from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from nabij.data import traces
from nabij.virtual import body_model
from nabij.virtual.badge import Scenario, Trace, VirtualBadge
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.desk import changed, opened
from tests.ports import free_port

# So that the shortest limit, a minute, takes two seconds.
FASTER = 30
PATIENCE_S = 60.0


class FastClock(Clock):
    """Both clocks of the machine, running ahead."""

    def __init__(self) -> None:
        super().__init__()
        self._began = super().now()

    def now(self) -> Moment:
        now = super().now()
        ahead_ms = (now.steady_ms - self._began.steady_ms) * (FASTER - 1)
        return replace(now, wall_ms=now.wall_ms + ahead_ms, steady_ms=now.steady_ms + ahead_ms)


class Watched:
    """A receiver in a hurry, with two badges on shift."""

    def __init__(self, state: Path) -> None:
        self.port = free_port()
        self.state = state
        self.opened: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.changed: queue.SimpleQueue[News] = queue.SimpleQueue()
        self.receiver = Receiver(
            state, port=self.port, say=lambda _sentence: None, quiet_min=1, clock=FastClock()
        )
        self.receiver.listen("incidents", opened(self._hear))
        self.receiver.listen("news", changed(self.changed.put))

    def _hear(self, incident: Incident) -> None:
        if not incident.test:
            self.opened.put(incident.sentence())

    def on_shift(self, name: str) -> BadgeClient:
        badge = BadgeClient(self.state / "badges" / name, port=self.port)
        badge.connect()
        badge.send(1, flags=wire.FLAG_TEST, rev=1, watch_s=86_400)
        assert badge.wait_status(1, PATIENCE_S) is not None
        return badge


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr("nabij.centre.service.LOOK_EVERY_S", 0.1)
    for name in ("anna", "bert"):
        enrol(tmp_path, name, wearer=name.title())
    watched = Watched(tmp_path)
    with watched.receiver:
        yield watched


@pytest.mark.requirement("R07")
def test_badge_that_goes_is_told_and_closed_when_it_is_back_and_the_other_never(
    watched: Watched,
) -> None:
    anna, bert = watched.on_shift("anna"), watched.on_shift("bert")
    anna.close()
    assert "BADGE QUIET  Anna (badge anna)" in watched.opened.get(timeout=PATIENCE_S)
    anna.connect()
    change = watched.changed.get(timeout=PATIENCE_S)
    assert (change.what, change.badge) == ("back", "anna")
    assert change.incident is not None
    assert change.incident.state == wire.STATUS_CLOSED
    anna.close()
    bert.close()
    assert watched.opened.qsize() == 0


@pytest.mark.slow
@pytest.mark.requirement("R07")
def test_badge_with_the_real_firmware_is_watched_from_its_test_on(
    watched: Watched, tmp_path: Path
) -> None:
    """It dies, and never had a deadline."""
    provision = tmp_path / "badges" / "anna"
    identity = json.loads((provision / "identity.json").read_text())
    (provision / "identity.json").write_text(json.dumps(identity | {"port": watched.port}))
    still = traces.write_sim_trace(tmp_path / "still", body_model.Body().standing(2.0))
    scenario = Scenario(
        mode="live",
        provision=provision,
        modem={"rtt_ms": 100, "register_ms": 500, "boot_ms": 500},
        trace=Trace(still),
    )
    with VirtualBadge(scenario, tmp_path / "badge") as badge:
        badge.wait_for(lambda line: "shift.test " in line.text, PATIENCE_S)
        assert watched.opened.qsize() == 0
    assert "BADGE QUIET  Anna (badge anna)" in watched.opened.get(timeout=PATIENCE_S)
