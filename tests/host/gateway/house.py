"""A receiver, the air around it, a badge out of reach of every network, and who carries for it."""

import asyncio
import json
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from nabij.centre.incidents import carriers
from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from nabij.event_lines import parse_event
from nabij.gateway import identity
from nabij.gateway.gateway import Gateway
from nabij.virtual.badge import Scenario, VirtualBadge
from tests.host.gateway.air import Air
from tests.host.gateway.backend import stack_of
from tests.ports import free_port
from tests.waiting import wait_until

AFTER_S = 5
NEVER = [[0, 100_000_000]]
BADGE = "badge-1"


class House:
    """A receiver, the air around it, and who is in it."""

    def __init__(self, state: Path, air: Air) -> None:
        self.state = state
        self.air = air
        self.port = free_port()
        self.provision = enrol(state, BADGE, port=self.port)
        self.folders = {
            name: enrol(state, name, port=self.port, gateway=True) for name in ("hall", "attic")
        }
        self.receiver = Receiver(state, port=self.port)
        self.said: list[str] = []

    def badge(self, folder: Path, **settings: Any) -> VirtualBadge:
        config = {"shift_test": False, "ble_after_s": AFTER_S, **settings}
        (self.provision / "config.json").write_text(json.dumps(config))
        return VirtualBadge(
            Scenario(
                mode="live",
                provision=self.provision,
                modem={"no_coverage_ms": NEVER},
                ble={"air_port": self.air.port},
            ),
            folder,
        )

    def colleague(self, folder: Path) -> VirtualBadge:
        """Another badge, in coverage, that carries for others."""
        provision = enrol(self.state, "badge-2", port=self.port)
        (provision / "config.json").write_text('{"shift_test": false, "relay_scan_s": 10}')
        return VirtualBadge(
            Scenario(
                mode="live",
                provision=provision,
                modem={"boot_ms": 0, "register_ms": 0},
                ble={"air_port": self.air.port},
            ),
            folder,
        )

    def carriers(self, incident_id: int) -> list[carriers.Carrier]:
        found = self.receiver.store.read(lambda one: carriers.of(one, [incident_id]))
        return found.get(incident_id, [])

    def brought_by(self) -> set[str]:
        """Who carried anything of the incidents of the badge."""
        return {carrier.carrier for one in self.incidents() for carrier in self.carriers(one.id)}

    def incidents(self) -> list[Any]:
        return [one for one in self.receiver.store.incidents(BADGE) if one.boot]


class Running:
    """A gateway at work in the air, until it is ended or killed."""

    def __init__(self, house: House, name: str) -> None:
        self._air = house.air
        device = house.air.device(name)
        self.gateway = Gateway(
            identity.load(house.folders[name]),
            house.said.append,
            stack_of(device, house.air.turn, house.air.may_write),
        )
        self._stop = asyncio.Event()
        self._work: Future[None] = asyncio.run_coroutine_threadsafe(
            self.gateway.run(self._stop), house.air.loop
        )
        wait_until(lambda: self.gateway.is_up)

    def end(self) -> None:
        self._air.loop.call_soon_threadsafe(self._stop.set)
        self._work.result(20)


def heard(badge: VirtualBadge, text: str, timeout_s: float = 60) -> float:
    """When the badge says it, on the host's clock."""
    return badge.wait_for(lambda line: text in line.text, timeout_s).at_s


def felt(badge: VirtualBadge) -> list[str]:
    """What the motor has played until now, by the badge's own words."""
    for _ in badge.lines(0):
        pass
    events = [parse_event(line.text) for line in badge.seen]
    return [one.fields["pattern"] for one in events if one and one.what == "haptic"]
