"""A live badge out of reach of every network, a real receiver, and gateways that hear it."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from badge.core.codec import beacon, veil, wire
from nabij.centre.incidents import carriers
from nabij.centre.register.enrol import enrol
from nabij.centre.register.revoke import revoke
from nabij.centre.service import Receiver
from nabij.gateway import identity
from nabij.gateway.gateway import Gateway
from nabij.virtual.badge import Scenario, VirtualBadge
from tests.host.gateway.air import Air
from tests.host.gateway.backend import stack_of
from tests.host.gateway.strangers import Stranger
from tests.ports import free_port
from tests.waiting import wait_until

AFTER_S = 5
# In virtual time it is 2 s (tests/sim/test_nearby.py); here other tests have the machine too.
LATE_S = 15
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

    def incidents(self) -> list[Any]:
        return [one for one in self.receiver.store.incidents(BADGE) if one.boot]


class Running:
    """A gateway at work in the air, until it is ended or killed."""

    def __init__(self, house: House, name: str, *, writes: bool = True) -> None:
        self._air = house.air
        device = house.air.device(name)
        self.gateway = Gateway(
            identity.load(house.folders[name]), house.said.append, stack_of(device, writes=writes)
        )
        self._stop = asyncio.Event()
        self._work: Future[None] = asyncio.run_coroutine_threadsafe(
            self.gateway.run(self._stop), house.air.loop
        )
        wait_until(lambda: self.gateway.is_up)

    def end(self) -> None:
        self._air.loop.call_soon_threadsafe(self._stop.set)
        self._work.result(20)

    def kill(self) -> None:
        """As when its machine loses power: nothing of it is done any more."""
        self._work.cancel()


def heard(badge: VirtualBadge, text: str, timeout_s: float = 60) -> float:
    """When the badge says it, on the host's clock."""
    return badge.wait_for(lambda line: text in line.text, timeout_s).at_s


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Air() as air:
        house = House(tmp_path / "state", air)
        with house.receiver:
            yield house


def test_a_squeeze_is_carried_its_receipt_brought_back_and_the_way_shown(
    house: House, tmp_path: Path
) -> None:
    hall = Running(house, "hall")
    with house.badge(tmp_path / "badge") as badge:
        heard(badge, "armed")
        pressed_s = time.monotonic()
        badge.press(1600)
        took_s = heard(badge, "state=RECEIVED") - pressed_s - 1.6
    print(f"squeeze to receipt {took_s:.1f} s with ble_after_s = {AFTER_S}")
    assert AFTER_S < took_s < AFTER_S + LATE_S
    [incident] = house.incidents()
    [carrier] = house.carriers(incident.id)
    assert carrier.carrier == "gw_hall"
    assert "carried by gateway hall" in carrier.sentence()
    hall.end()
    assert hall.gateway.counts["carried"] >= 1
    assert hall.gateway.counts["refused"] == 0


@pytest.mark.parametrize("rounds", [2, pytest.param(100, marks=pytest.mark.soak)])
def test_each_squeeze_is_called_fetched_and_answered(
    house: House, tmp_path: Path, rounds: int
) -> None:
    """By one badge, each an incident of its own; how long each took is printed."""
    hall = Running(house, "hall")
    took_s = []
    with house.badge(tmp_path / "badge", ble_after_s=1) as badge:
        heard(badge, "armed")
        for _ in range(rounds):
            pressed_s = time.monotonic()
            badge.press(1600)
            heard(badge, "alarm.opened")
            took_s.append(heard(badge, "alarm.status") - pressed_s - 1.6)
            time.sleep(1)
    took_s.sort()
    print(f"{len(took_s)} of {rounds}, p50 {took_s[rounds // 2]:.1f} s, worst {took_s[-1]:.1f} s")
    assert len(house.incidents()) == rounds
    assert hall.gateway.counts["carried"] >= rounds
    hall.end()


def test_two_gateways_at_once_make_one_incident(house: House, tmp_path: Path) -> None:
    gateways = [Running(house, name) for name in house.folders]
    with house.badge(tmp_path / "badge") as badge:
        heard(badge, "armed")
        badge.press(1600)
        heard(badge, "state=RECEIVED")
        time.sleep(3)
    assert len(house.incidents()) == 1
    assert sum(one.gateway.counts["carried"] for one in gateways) >= 2


def test_two_gateways_and_a_colleague_at_once_make_one_incident(
    house: House, tmp_path: Path
) -> None:
    """The badge calls on for what becomes of its alarm, and each of the three carries for it."""
    colleague = house.colleague(tmp_path / "colleague")
    gateways = [Running(house, name) for name in house.folders]
    with colleague, house.badge(tmp_path / "badge", ble_after_s=1) as badge:
        heard(colleague, "link.up")
        heard(badge, "armed")
        badge.press(1600)
        heard(badge, "state=RECEIVED")
        heard(colleague, "relay.visit brought=1")
        time.sleep(3)
    assert len(house.incidents()) == 1
    assert sum(one.gateway.counts["carried"] for one in gateways) >= 1
    assert house.receiver.intake.counts["air.unknown"] == 0
    for one in gateways:
        one.end()


@pytest.mark.soak
def test_a_colleague_alone_brings_the_receipt_and_is_named(house: House, tmp_path: Path) -> None:
    colleague = house.colleague(tmp_path / "colleague")
    with colleague, house.badge(tmp_path / "badge", ble_after_s=1) as badge:
        heard(colleague, "link.up")
        heard(badge, "armed")
        badge.press(1600)
        heard(badge, "state=RECEIVED")
    [incident] = house.incidents()
    [by] = house.carriers(incident.id)
    assert "carried by badge badge-2 at " in by.sentence()


def test_a_gateway_that_dies_with_the_alarm_in_hand_leaves_one_incident(
    house: House, tmp_path: Path
) -> None:
    """The receiver has it, the badge does not know; another gateway brings the receipt."""
    hall = Running(house, "hall", writes=False)
    with house.badge(tmp_path / "badge") as badge:
        heard(badge, "armed")
        badge.press(1600)
        wait_until(lambda: hall.gateway.counts["answered"])
        hall.kill()
        assert len(house.incidents()) == 1
        attic = Running(house, "attic")
        heard(badge, "state=RECEIVED")
    [incident] = house.incidents()
    assert {one.carrier for one in house.carriers(incident.id)} == {"gw_hall", "gw_attic"}
    attic.end()


def test_what_is_forged_foreign_or_played_back_is_refused_and_stops_nobody(
    house: House, tmp_path: Path
) -> None:
    air = house.air
    strangers = [
        # A beacon and nobody behind it, a frame of rubbish, one of another receiver's badge.
        air.run(Stranger.begin(air, bytes((0x1B,)) + bytes(17), None)),
        air.run(Stranger.begin(air, bytes((0x1B,)) + bytes(range(17)), bytes(range(80)))),
        air.run(Stranger.begin(air, *_of_another_house())),
        # Not ours at all.
        air.run(Stranger.begin(air, b"\x02\x15" + bytes(16), b"x")),
    ]
    hall = Running(house, "hall")
    counts = house.receiver.intake.counts
    wait_until(lambda: counts["air.unknown"] >= 2)
    assert house.incidents() == []
    with house.badge(tmp_path / "badge") as badge:
        heard(badge, "armed")
        badge.press(1600)
        heard(badge, "state=RECEIVED")
        overheard = dict(air.badges[0].overheard)
    assert strangers[3].visits == 0
    # What anybody could hear and read then, played back when the badge is gone.
    created, known = counts["created"], counts["duplicate"]
    air.run(Stranger.begin(air, overheard["beacon"], overheard["frame"]))
    wait_until(lambda: counts["duplicate"] > known)
    assert counts["created"] == created
    assert len(house.incidents()) == 1
    hall.end()


def test_a_receiver_that_is_restarted_is_found_again(house: House) -> None:
    hall = Running(house, "hall")
    house.receiver.stop()
    wait_until(lambda: not hall.gateway.is_up)
    house.receiver.start()
    wait_until(lambda: hall.gateway.is_up)
    assert house.said[0] == "Connected to the receiver's broker."
    assert house.said[-1] == "Connected to the receiver's broker."
    hall.end()


def test_one_that_is_revoked_is_let_in_no_more(house: House) -> None:
    hall = Running(house, "hall")
    revoke(house.state, "gw_hall")
    wait_until(lambda: not hall.gateway.is_up)
    wait_until(lambda: any("does not let" in one or "ends the" in one for one in house.said))
    assert not hall.gateway.is_up
    hall.end()


def _of_another_house() -> tuple[bytes, bytes]:
    """Beacon and frame of a badge that is real, and not here."""
    key = bytes(32)
    frame = wire.encode_alarm(key, BADGE, 1, 1, 1, 0, rev=1)
    call = beacon.call_of(1, 1, 1, 1)
    return beacon.encode(key, b"1234", call), veil.veil(key, veil.FRAME, b"5678", frame)
