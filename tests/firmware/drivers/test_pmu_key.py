"""The key on the power chip: every press is followed, and holding it switches nothing off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import Fact, Run
from tests.sim.lives import at
from tests.sim.stub import run_main

_POWER_CUT = 43
_LIFE = """
import time
from badge.assembly import chips
from badge.boards.active import Board
from badge.drivers.pmu_key import PmuKey
gauge, line = chips.gauge(Board())
gauge.start()
time.sleep_ms(2000 - time.ticks_ms())
key = PmuKey(gauge, line)
def watch(ms, every_ms=5):
    seen = []
    for _ in range(ms // every_ms):
        time.sleep_ms(every_ms)
        edges = key.edges()
        if edges:
            seen.append((edges, key.value()))
    return seen
"""


def life(folder: Path, script: str, *events: Fact, **more: Any) -> Run:
    # Times from the first line of a script on: the chip takes a while to boot.
    later = [event | {"at_ms": 2_000 + event["at_ms"]} for event in events]
    return run_main(folder, _LIFE + script, board="t_watch_s3", events=later, **more)


def press(at_ms: int, ms: int) -> Fact:
    return at(at_ms, "press", ms=ms)


def test_each_press_is_two_edges_and_the_level_follows(tmp_path: Path) -> None:
    run = life(tmp_path, "print(watch(3000))", press(500, 120), press(1000, 1500))
    assert run.console == ["[(1, 1), (1, 0), (1, 1), (1, 0)]"]


def test_a_press_that_nobody_looked_at_is_two_edges(tmp_path: Path) -> None:
    run = life(tmp_path, "print(watch(2000, 500))", press(600, 120), press(1100, 900))
    assert run.console == ["[(2, 0), (1, 1), (1, 0)]"]


def test_a_hold_that_began_hidden_behind_a_tap_is_known_after_a_second(tmp_path: Path) -> None:
    """Three edges in one look could be two: the chip tells of a long press once more."""
    run = life(
        tmp_path, "time.sleep_ms(400)\nprint(watch(3000))", press(100, 80), press(250, 2500)
    )
    assert run.console == ["[(2, 0), (1, 1), (1, 0)]"]


@pytest.mark.parametrize("held_ms", [7_000, 20_000, 60_000])
def test_holding_it_switches_nothing_off(tmp_path: Path, held_ms: int) -> None:
    run = life(tmp_path, "print(watch(62_000))", press(1_000, held_ms), duration_ms=65_000)
    assert run.console == ["[(1, 1), (1, 0)]"]


@pytest.mark.parametrize("register", ["0x22", "0x10"])
def test_without_our_setting_the_chip_would_switch_off(tmp_path: Path, register: str) -> None:
    script = f"""
one = bytearray(1)
bus = Board().pmu_i2c()
bus.readfrom_mem_into(0x34, {register}, one)
bus.writeto_mem(0x34, {register}, bytes([one[0] | 6]))
watch(30_000)
"""
    run = life(tmp_path, script, press(1_000, 25_000), duration_ms=40_000, respawn=[])
    assert run.exit_codes == [_POWER_CUT]


def test_what_the_key_did_is_kept_whoever_asked_the_chip(tmp_path: Path) -> None:
    """Its task looks at USB, or starts the chip again, while the key is pressed."""
    run = life(
        tmp_path,
        """
time.sleep_ms(600)
gauge.start()
time.sleep_ms(400)
gauge.take_irq()
print(gauge.news, key.edges(), key.value())
gauge.read()
print(gauge.news)
""",
        press(500, 3_000),
        at(800, "charger", on=True),
    )
    assert run.console == ["True 1 1", "False"]


def test_a_chip_that_does_not_answer_or_has_forgotten_is_a_dead_key(tmp_path: Path) -> None:
    run = life(
        tmp_path,
        """
from badge.drivers.chip_errors import PmuError
print(key.is_dead())
time.sleep_ms(600)
print(key.edges(), key.is_dead())
time.sleep_ms(600)
print(key.edges(), key.value())
gauge.read()
print(key.is_dead())
bus = Board().pmu_i2c()
bus.writeto_mem(0x34, 0x41, b"\\xc0")
try:
    gauge.read()
except PmuError as error:
    print(error.code, key.is_dead())
gauge.start()
print(key.is_dead())
""",
        press(500, 3_000),
        at(550, "i2c_fault", kind="nak", chip="pmu", for_ms=400),
    )
    assert run.console == ["False", "0 True", "1 1", "False", "pmu.reset True", "False"]
