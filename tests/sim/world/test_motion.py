"""What the world does with a trace: start, interpolation, end, damaged files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.traces import write_sim_trace
from tests.sim.stub import answers

_PLAY = """
import json
from array import array
from sim.world.motion import Motion, TraceError
class World:
    now_us = 0
    def observe(self, fact): pass
motion = Motion(World())
def x(first_us, rate_uhz, n):
    out = array("H", bytes(6 * n))
    motion.sample(out, first_us, rate_uhz, n)
    return [(out[3 * i] ^ 0x8000) - 0x8000 for i in range(n)]
"""


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    samples = np.zeros((10, 3), np.int16)
    samples[:, 0] = np.arange(10) * -100
    return write_sim_trace(tmp_path / "ramp.trace", samples, 104.0)


def play(trace: Path, after: str, first_us: int, rate_uhz: int, n: int) -> list[int]:
    result: list[int] = answers(
        _PLAY
        + f"motion.play({str(trace)!r}, 1_000_000, {after!r})\n"
        + f"print(json.dumps(x({first_us}, {rate_uhz}, {n})))\n"
    )
    return result


def test_at_the_traces_own_rate_the_very_samples_are_read(trace: Path) -> None:
    assert play(trace, "hold", 1_000_000, 104_000_000, 10) == [i * -100 for i in range(10)]


def test_between_two_samples_the_world_is_in_between(trace: Path) -> None:
    assert play(trace, "hold", 1_000_000, 208_000_000, 5) == [0, -50, -100, -150, -200]


def test_before_its_start_a_trace_waits_at_its_first_sample(trace: Path) -> None:
    start_us = 1_000_000 - 2 * 1_000_000 // 104
    assert play(trace, "hold", start_us, 104_000_000, 5) == [0, 0, 0, -100, -200]


def test_after_its_end_a_trace_holds_loops_or_rests(trace: Path) -> None:
    late_us = 1_000_000 + 8 * 1_000_000 // 104 + 1
    assert play(trace, "hold", late_us, 104_000_000, 4) == [-800, -900, -900, -900]
    assert play(trace, "loop", late_us, 104_000_000, 4) == [-800, -900, 0, -100]
    assert play(trace, "still", late_us, 104_000_000, 4) == [-800, -900, -450, -450]


def test_a_long_loop_stays_in_step(trace: Path) -> None:
    late_us = 1_000_000 + 1_000_003 * 1_000_000 // 104 + 1
    assert play(trace, "loop", late_us, 104_000_000, 3) == [-300, -400, -500]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not a trace"),
        (b"hello\n", "not a trace"),
        (b'{"nabij_trace": 2, "rate_hz": 104, "samples": 1}\n123456', "not a trace"),
        (b'{"nabij_trace": 1, "rate_hz": 0, "samples": 1}\n123456', "not a trace"),
        (b'{"nabij_trace": 1, "rate_hz": 104, "samples": 2}\n123456', "cut short"),
    ],
)
def test_a_damaged_trace_file_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    file = tmp_path / "bad.trace"
    file.write_bytes(content)
    said = answers(
        _PLAY
        + f"try:\n    motion.play({str(file)!r}, 0)\nexcept TraceError as error:\n"
        + "    print(json.dumps(str(error)))\n"
    )
    assert complaint in said
    assert said.endswith((".", "traces."))
