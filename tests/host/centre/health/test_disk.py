"""A disk that fills is told hours before; full, alarms get through on the reserve."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nabij.centre.health.disk import HOURS, MB, SHORTEST_S, STEP_S, Disk, Usage
from tests.places import REPO

TOTAL = 8_000 * MB


class Machine:
    """A disk of which the test says how full it is; the reserve counts."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "reserve"
        self.others = 1_000 * MB
        self.now_s = 0.0
        self.said: list[str] = []
        self.disk = Disk(self.file, self.said.append, 64 * MB, self._usage, lambda: self.now_s)

    @property
    def kept(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def look(self, seconds: float = 1.0) -> None:
        self.now_s += seconds
        asyncio.run(self.disk.look())

    def _usage(self) -> Usage:
        return Usage(TOTAL, max(0, TOTAL - self.others - self.kept))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_reserve_is_kept_and_given_up_in_steps_when_the_disk_is_full(machine: Machine) -> None:
    machine.look()
    assert machine.kept == 64 * MB
    assert machine.said == []
    machine.others = TOTAL
    kept = [machine.kept]
    for _ in range(100):
        machine.look(STEP_S / 2)
        # Whatever fills the disk takes what is given up.
        machine.others = TOTAL
        kept.append(machine.kept)
    assert kept == sorted(kept, reverse=True)
    assert len(set(kept)) == 9
    assert kept[-1] == 0
    assert [one for one in machine.said if "IS FULL" in one] == machine.said
    # Told once, though it was found a hundred times.
    assert len(machine.said) == 1
    machine.others = 1_000 * MB
    machine.look()
    assert machine.kept == 64 * MB
    assert machine.said[1:] == ["The disk has room again."]
    assert machine.disk.sentence == ""


def test_little_room_is_told_before_it_is_none(machine: Machine) -> None:
    machine.others = TOTAL - 300 * MB
    machine.look()
    assert machine.said[0].startswith("LITTLE IS LEFT ON THE DISK")
    assert machine.disk.sentence == machine.said[0]


def test_a_disk_that_will_be_full_within_hours_is_told(machine: Machine) -> None:
    """Of 7 GB a GB an hour goes, which is the end in seven hours."""
    for minute in range(60):
        machine.others = 1_000 * MB + minute * 17 * MB
        machine.look(60.0)
    assert f"will be full within {HOURS} hours" in machine.said[0]
    assert machine.said[1:] == [f"Still: {machine.said[0]}"]


def test_a_disk_that_fills_slowly_is_no_news(machine: Machine) -> None:
    for minute in range(round(2 * SHORTEST_S / 60)):
        machine.others = 1_000 * MB + minute * MB
        machine.look(60.0)
    assert machine.said == []


def test_what_an_earlier_run_left_is_given_up_before_a_start_on_a_full_disk(
    machine: Machine,
) -> None:
    machine.look()
    machine.others = TOTAL
    machine.disk.begin()
    assert machine.kept == 0
    machine.disk.end()
    machine.disk.end()


def _can_have_a_disk() -> bool:
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    command = [unshare, "-rm", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def full_disk(folder: Path, rounds: int) -> list[dict[str, float]]:
    """Fill a small file system under a receiver so often, in a namespace; what was measured."""
    if not _can_have_a_disk():
        pytest.skip("this machine lets nobody mount a file system in a user namespace")
    script = REPO / "tests" / "host" / "centre" / "health" / "fill_disk.py"
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, str(script), str(folder), str(rounds)],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
        env={**os.environ, "PYTHONPATH": str(REPO)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: list[dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.requirement("R09")
def test_alarms_get_through_on_a_disk_that_is_really_full_and_after_it(tmp_path: Path) -> None:
    [found] = full_disk(tmp_path, 1)
    assert found["on_reserve"] == 1
    assert found["sentences"] <= 30


@pytest.mark.soak
@pytest.mark.requirement("R09")
def test_ten_of_ten_deliver_within_30_s_of_room(tmp_path: Path) -> None:
    found = full_disk(tmp_path, 10)
    print("\n", found)
    assert len(found) == 10
    assert all(one["on_reserve"] == 1 for one in found)
    assert max(one["healed_s"] for one in found) <= 30.0
