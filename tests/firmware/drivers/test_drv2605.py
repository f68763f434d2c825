"""The motor's driver chip: what is felt, whatever became of its supply or its bus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import Run
from tests.sim.stub import run_main

_LIFE = """
import asyncio, time
from badge.boards.active import Board
from badge.assembly import chips
board = Board()
gauge, line = chips.gauge(board)
motor = chips.motor(board)
def play(*pattern):
    asyncio.run(motor.play(pattern))
"""


def life(folder: Path, script: str, **more: Any) -> Run:
    return run_main(folder, _LIFE + script, board="t_watch_s3", **more)


def turned(run: Run) -> list[int]:
    return [fact["motor"] for fact in run.facts if "motor" in fact]


def test_pulses_turn_the_motor_as_strongly_as_they_say_and_end(tmp_path: Path) -> None:
    run = life(
        tmp_path,
        "gauge.start()\nplay((300, 100, 80), (100, 0, 100))\nprint(motor.is_on(), motor.pulses)",
    )
    strong, off, full, last = turned(run)
    assert (off, last) == (0, 0)
    assert abs(strong - 80) <= 1
    assert full == 100
    assert run.console == ["False 4"]
    times = [fact["t_ms"] for fact in run.facts if "motor" in fact]
    assert 295 <= times[1] - times[0] <= 305


def test_between_pulses_the_chip_is_in_standby(tmp_path: Path) -> None:
    run = life(
        tmp_path,
        """
gauge.start()
play((100, 0, 80))
mode = bytearray(1)
board.haptic_i2c().readfrom_mem_into(0x5A, 0x01, mode)
print(mode[0])
""",
    )
    assert run.console == ["69"]


def test_one_that_had_no_supply_or_forgot_all_turns_at_the_next_pulse(tmp_path: Path) -> None:
    """Nothing else fails of it meanwhile: the pattern ends, and says to itself that it failed."""
    run = life(
        tmp_path,
        """
play((100, 100, 80))
print(motor.fails())
gauge.start()
play((100, 100, 80))
print(motor.fails())
bus = board.pmu_i2c()
ldo = bytearray(1)
bus.readfrom_mem_into(0x34, 0x90, ldo)
bus.writeto_mem(0x34, 0x90, bytes([ldo[0] & 0xDF]))
bus.writeto_mem(0x34, 0x90, ldo)
play((100, 0, 80))
print(motor.fails())
""",
    )
    assert run.console == ["True", "False", "False"]
    assert [percent > 0 for percent in turned(run)] == [True, False] * 2


def test_another_chip_at_its_address_is_not_played(tmp_path: Path) -> None:
    run = life(
        tmp_path,
        """
gauge.start()
from sim.world import current
class Other:
    def read_into(self, register, buf):
        buf[0] = 0x80
    def write(self, register, data):
        pass
current.board.bus(11, 10).devices[0x5A] = Other()
play((100, 0, 80))
print(motor.fails())
""",
    )
    assert run.console == ["True"]
    assert turned(run) == []


@pytest.mark.requirement("R19")
def test_a_stop_that_fails_once_is_a_stop_and_one_that_was_not_heard_is_no_silence(
    tmp_path: Path,
) -> None:
    """A motor that shakes on betrays who raised an alarm in silence."""
    run = life(
        tmp_path,
        """
gauge.start()
play((500, 100, 80))
play((500, 100, 80))
print(motor.is_on(), motor.fails())
time.sleep_ms(500)
motor.off()
print(motor.is_on())
""",
        events=[
            {"at_ms": 800, "do": "i2c_fault", "kind": "nak", "chip": "haptic", "nth": 1},
            {"at_ms": 1500, "do": "i2c_fault", "kind": "nak", "chip": "haptic", "for_ms": 500},
        ],
    )
    assert run.console == ["True True", "False"]
    assert [percent > 0 for percent in turned(run)] == [True, False] * 2
    times = [fact["t_ms"] for fact in run.facts if "motor" in fact]
    assert times[1] - times[0] == pytest.approx(500, abs=5)
    assert times[3] - times[2] > 900
