"""The process of a gateway is killed, wherever it is: one incident, and the badge its receipt."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.virtual.badge import VirtualBadge
from tests.host.gateway.adapters import Adapters
from tests.host.gateway.house import House, felt, heard
from tests.host.gateway.own_process import STEPS
from tests.places import REPO
from tests.waiting import LONG_S


class Processes:
    """Starts gateways of the house as processes of their own, and leaves none behind."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._adapters = Adapters(house.air)
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, dies_at: str = "never") -> subprocess.Popen[bytes]:
        module = "tests.host.gateway.own_process"
        folder = str(self._house.folders[name])
        one = subprocess.Popen(
            [sys.executable, "-m", module, str(self._adapters.port), dies_at, folder],
            cwd=REPO,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.all.append(one)
        return one

    def end(self) -> None:
        for one in self.all:
            one.kill()
            one.communicate()
        self._adapters.close()


def died(process: subprocess.Popen[bytes]) -> None:
    """It ends by the signal, and by no fault of its own before that."""
    output, _ = process.communicate(timeout=LONG_S)
    assert process.returncode == -signal.SIGKILL, output.decode()


def heard_of(process: subprocess.Popen[bytes], word: bytes) -> None:
    """Wait until it says so."""
    assert process.stdout is not None
    for line in process.stdout:
        if word in line:
            return


@pytest.fixture
def processes(house: House) -> Iterator[Processes]:
    one = Processes(house)
    yield one
    one.end()


def test_killed_at_each_step_of_one_alarm_the_next_one_goes_on(
    house: House, processes: Processes, tmp_path: Path
) -> None:
    """The same gateway restarted, and in the end another."""
    with house.badge(tmp_path / "badge", ble_after_s=1) as badge:
        heard(badge, "armed")
        badge.press(1600)
        for step in STEPS:
            if step == "written":
                # One whose answer is on its way to flash when it dies has brought it.
                assert "RECEIVED" not in felt(badge)
            died(processes.start("attic" if step == "written" else "hall", step))
            count = len(house.incidents())
            assert count in {"connected": {0}, "fetched": {0}, "published": {0, 1}}.get(step, {1})
        heard(badge, "state=RECEIVED")
        # What comes then finds nothing to make an incident of.
        last = processes.start("hall")
        time.sleep(4)
        last.send_signal(signal.SIGTERM)
        output, _ = last.communicate(timeout=LONG_S)
        assert last.returncode == 0, output.decode()
        assert felt(badge).count("RECEIVED") == 1
    assert len(house.incidents()) == 1
    assert house.brought_by() == {"gw_hall", "gw_attic"}
    assert house.receiver.intake.counts["created"] == 1


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("alarms", [100])
def test_killed_at_random_in_a_hundred_alarms_each_is_one_incident_with_its_receipt(
    house: House, processes: Processes, tmp_path: Path, alarms: int
) -> None:
    draw = random.Random(13)
    killed = 0
    with house.badge(tmp_path / "badge", ble_after_s=1) as badge:
        heard(badge, "armed")
        for number in range(alarms):
            badge.press(1600)
            heard(badge, "alarm.opened")
            while not _received(badge, number + 1):
                process = processes.start(draw.choice(("hall", "attic")))
                heard_of(process, b"Connected")
                time.sleep(draw.uniform(0.0, 2.0))
                process.kill()
                process.communicate()
                killed += 1
                assert killed < 20 * alarms
    print(f"{alarms} alarms, {killed} gateways killed")
    assert len(house.incidents()) == alarms
    assert felt(badge).count("RECEIVED") == alarms


def _received(badge: VirtualBadge, count: int) -> bool:
    return felt(badge).count("RECEIVED") >= count
