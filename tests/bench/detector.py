"""What a sample costs in each engine of the detector, on one made-up minute of the wearer."""

from __future__ import annotations

import json
import time

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect
from badge.core.detector import params as detector_params
from badge.core.settings import config
from nabij.detector import engines
from tests.bench import lx7
from tests.core.detector import motion
from tests.firmware.engine_cases import Case, call, cut, on_host

REPEATS = 7
NUMBA_MINUTES = 60


def figures() -> dict[str, float]:
    """Return all figures of this module by name."""
    return {**nanoseconds(), **allocation(), **lx7_instructions()}


def nanoseconds() -> dict[str, float]:
    """Return the best of several runs, so that a busy machine disturbs it little."""
    case = _minute()
    found = {}
    for line in call(f"bench(FILE, FIRMWARE, {REPEATS})", [case]).splitlines():
        variant, cost = line.split()
        found[variant] = float(cost)
    for engine in engines.ENGINES:
        found[engine] = _host_ns(engine, case)
    return {f"detector.{name}_ns_per_sample": round(cost, 2) for name, cost in found.items()}


def allocation() -> dict[str, float]:
    """Return the bytes that ring and kernel leave allocated on MicroPython for a block."""
    per_block, _ = call("allocated(FILE)", [_minute()]).split()
    return {"detector.alloc_bytes_per_block": float(per_block)}


def lx7_instructions() -> dict[str, float]:
    """Return LX7 instructions a sample; ValueError if the core's answer is not the host's."""
    case = _minute()
    run = lx7.run(
        lx7.compile_kernel(),
        engines.new_state().tolist(),
        engines.words(case.samples).tolist(),
        case.params,
    )
    state = engines.new_state()
    params = np.array(case.params, np.int32)
    events = engines.step_block("numba")(
        state, engines.words(case.samples), len(case.samples), params
    )
    if (run.events, run.state) != (events, state.tolist()):
        raise ValueError("The emulated LX7 core and numba disagree about the same samples.")
    per_sample = run.instructions / len(case.samples)
    return {"detector.lx7_instructions_per_sample": round(per_sample, 1)}


def _minute() -> Case:
    """Walking, a fall that is confirmed, a fall that is got up from: every path of the kernel.

    Strides stay below the proposer's 1.5 g, as walking does; two falls a minute are far more
    verdicts than a badge gives in daily life.
    """
    stride = motion.rest(motion.UPRIGHT, 0.45, sway_mg=150) + motion.impact(1300)
    points = stride * 40 + motion.fall()
    points += motion.fall(lying_s=3.5) + motion.rest(motion.UPRIGHT, 8)
    points = points[: len(points) // lx7.CHUNK * lx7.CHUNK]
    samples: NDArray[np.int16] = np.array(points, np.int16)
    params = detector_params.build(config.defaults()).tolist()
    return Case(samples, cut(len(samples), (lx7.CHUNK,)), params)


def _host_ns(engine: str, case: Case) -> float:
    on_host(engine, case)  # compiles
    step_block = engines.step_block(engine)
    words = engines.words(case.samples)
    n = len(case.samples)
    if engine == "numba":
        words = np.tile(words, NUMBA_MINUTES)
        n *= NUMBA_MINUTES
    best = float("inf")
    for _ in range(REPEATS):
        state = engines.new_state()
        params = np.array(case.params, np.int32)
        if engine == "cpython":
            arguments = (state.tolist(), words.tolist(), n, params.tolist())
        else:
            arguments = (state, words, n, params)
        start = time.perf_counter()
        step_block(*arguments)
        best = min(best, time.perf_counter() - start)
    return best * 1e9 / n


if __name__ == "__main__":
    print(json.dumps(figures(), indent=2))
    print(f"one block is {detect.BLOCK_SAMPLES} samples at {detect.RATE_HZ} Hz")
