"""The RTC's watchdog: fed it never bites, and it bites at the time of its last setting."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.mp import run_mp

RIG = """
import json
from sim.halt import Halt
from sim.world.watchdogs import SLOW_CLOCK_HZ, RtcWatchdog
from sim.world.world import World

class Silent:
    def write(self, text):
        return len(text)

world = World(stalls="off", output=Silent())
dog = RtcWatchdog(world)
def limit(ms, runs=True, pauses=False):
    # The hardware doubles what is set.
    dog.feed(ms * SLOW_CLOCK_HZ // 2000 if runs else 0, pauses)
def lives(ms):
    world.busy_us(ms * 1000)
def dies(most_ms):
    try:
        world.busy_us(most_ms * 1000)
    except Halt:
        return world.now_us // 1000
    return None
"""


def told(script: str) -> Any:
    return json.loads(run_mp(RIG + script))


@pytest.mark.parametrize(
    ("script", "bites_ms"),
    [
        ("limit(1000)", 1000),
        ("limit(1000); lives(900); limit(1000)", 1900),
        ("limit(20_000); lives(100); limit(500)", 600),
        ("limit(500); lives(100); limit(20_000); lives(1000); limit(500)", 1600),
        ("limit(500); lives(100); limit(500, runs=False); lives(5000); limit(500)", 5600),
        ("limit(500, runs=False)", None),
        ("limit(500); limit(500, runs=False); lives(400); limit(300)", 700),
    ],
)
def test_it_bites_when_its_last_limit_is_over(script: str, bites_ms: int | None) -> None:
    bitten = told(f"{script}\nprint(json.dumps(dies(30_000)))")
    assert bitten == (None if bites_ms is None else pytest.approx(bites_ms, abs=1))


def test_one_that_pauses_in_sleep_counts_anew() -> None:
    bitten = told(
        "limit(500, pauses=True)\nworld.asleep = True\nlives(800)\nworld.asleep = False\n"
        "print(json.dumps(dies(30_000)))"
    )
    assert bitten == pytest.approx(1000, abs=1)
