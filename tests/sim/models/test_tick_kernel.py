"""The ticks that the virtual badge reckons with are those of the chip, on each engine."""

from __future__ import annotations

import json

import pytest

from badge.core import ticks
from tests.mp import run_mp
from tests.places import REPO

PERIOD = 1 << 30
NEAR = (0, 1, 7, PERIOD // 2 - 1, PERIOD // 2, PERIOD // 2 + 1, PERIOD - 1)

SCRIPT = """
import json
from sim import engine
NAME = "sim.models.tick_kernel"
engine.install({engine!r}, {repo!r}, (NAME,))
from sim.models.tick_kernel import ticks_add, ticks_diff
near = {near}
try:
    ticks_diff(None, 1)
    refused = False
except TypeError:
    refused = True
print(json.dumps([
    [ticks_diff(a, b) for a in near for b in near],
    [ticks_add(a, d) for a in near for d in (0, 1, -1, 2**29 - 1, 1 - 2**29)],
    refused,
]))
"""


@pytest.mark.parametrize("engine", ["bytecode", "viper"])
def test_ticks_wrap_as_on_the_chip(engine: str) -> None:
    told = json.loads(run_mp(SCRIPT.format(engine=engine, near=NEAR, repo=str(REPO))))
    differences, sums, refused = told
    assert differences == [ticks.diff(a, b) for a in NEAR for b in NEAR]
    assert sums == [ticks.add(a, d) for a in NEAR for d in (0, 1, -1, 2**29 - 1, 1 - 2**29)]
    assert refused
