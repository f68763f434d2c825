"""Ticks: the same answers as MicroPython's own time.ticks_diff and time.ticks_add."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import ticks
from tests.mp import run_mp

MOMENTS = st.integers(0, ticks.PERIOD - 1)
DELTAS = st.integers(-(ticks.PERIOD // 2) + 1, ticks.PERIOD // 2 - 1)

# The unix port's ticks wrap at 2^62, a chip's at 2^30: shifted by 32 bits they wrap together.
AGAINST_MICROPYTHON = """
import json, time
from badge.core import ticks

assert time.ticks_add(0, -1) == (1 << 62) - 1
edges = [0, 1, 2, 1000, (1 << 29) - 1, 1 << 29, (1 << 29) + 1, (1 << 30) - 2, (1 << 30) - 1]
wrong = []
for a in edges:
    for b in edges:
        if ticks.diff(a, b) != time.ticks_diff(a << 32, b << 32) >> 32:
            wrong.append(("diff", a, b))
    for d in (-(1 << 29) + 1, -70_000, -1, 0, 1, 70_000, (1 << 29) - 1):
        if ticks.add(a, d) != time.ticks_add(a << 32, d << 32) >> 32:
            wrong.append(("add", a, d))
print(json.dumps(wrong))
"""


def test_same_answers_as_micropython():
    assert json.loads(run_mp(AGAINST_MICROPYTHON)) == []


@given(MOMENTS, DELTAS)
def test_diff_undoes_add(moment_ms, delta_ms):
    later_ms = ticks.add(moment_ms, delta_ms)
    assert 0 <= later_ms < ticks.PERIOD
    assert ticks.diff(later_ms, moment_ms) == delta_ms


@pytest.mark.parametrize("delta_ms", [ticks.PERIOD // 2, -(ticks.PERIOD // 2)])
def test_half_a_period_is_refused(delta_ms):
    with pytest.raises(OverflowError):
        ticks.add(5, delta_ms)
