"""What a replay of recordings costs, and the detector against NumPy and CPython doing the same."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect
from badge.core.settings import config
from nabij import places
from nabij.detector import decide, engines
from tests.core.detector import motion
from tests.places import REPO

SAMPLES = 4_000_000
SLOW_SAMPLES = 100_000
REPEATS = 5
BLOCK = detect.BLOCK_SAMPLES
# The whole of it in a process of its own: what a person who types `nabij replay` waits for. Then
# the detector alone, again and again, on all that was loaded.
_WHOLE = """
import json, resource, sys, time
from pathlib import Path
started, cpu = time.perf_counter(), time.process_time()
from nabij.detector import decide
from nabij.replay import run, settings
loaded = run.load([Path(one) for one in sys.argv[1:]], run.silent)
loaded_s = time.perf_counter()
chosen = settings.load(None)
done = run.replay(loaded, chosen, "numba", run.silent)
ended, cpu_s = time.perf_counter(), time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
params = decide.params_of(chosen.config)
best = float("inf")
for _ in range(5):
    begun = time.process_time()
    decide.decide_many(loaded.acc, loaded.offsets, params)
    best = min(best, time.process_time() - begun)
print(json.dumps({
    "replay.all_s": ended - started,
    "replay.all_cpu_s": cpu_s,
    "replay.load_s": loaded_s - started,
    "replay.decide_s": ended - loaded_s,
    "replay.recordings": len(done.outcomes),
    "replay.hours": len(loaded.acc) / 104 / 3600,
    "replay.peak_gib": peak / 2**20,
    "replay.msamples_per_s_recorded": len(loaded.acc) / best / 1e6,
}))
"""


def figures() -> dict[str, float]:
    """Return all figures of this module by name; those of recordings only where there are some."""
    return {**speed(), **whole()}


def speed() -> dict[str, float]:
    """Return samples a second through the whole detector, and ratios to NumPy and CPython.

    On made-up recordings with a verdict every 5 s, about as often as in the recorded ones.
    """
    acc, offsets = _recordings(SAMPLES)
    params = decide.params_of(config.defaults())
    numba_s = _best(lambda: decide.decide_many(acc, offsets, params))
    _check_blocks(acc, offsets, params)
    numpy_s = _best(lambda: _numpy(acc, offsets, params))
    few, few_offsets = _recordings(SLOW_SAMPLES)
    cpython_s = _best(lambda: _cpython(few, few_offsets, params), repeats=2)
    rate = len(acc) / numba_s
    return {
        "replay.msamples_per_s": round(rate / 1e6, 1),
        "replay.over_numpy": round(numpy_s / numba_s, 1),
        "replay.over_cpython": round(rate * cpython_s / len(few), 1),
    }


def whole() -> dict[str, float]:
    """Return time and memory of loading and replaying every bundle, in a fresh process."""
    data = places.recordings()
    bundles = [str(one.parent) for one in sorted(data.glob("*/index.csv"))]
    if not bundles:
        return {}
    command = [sys.executable, "-c", _WHOLE, *bundles]
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=REPO)
    found: dict[str, float] = json.loads(done.stdout)
    return {name: round(value, 2) for name, value in found.items()}


def _recordings(samples: int) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    """Falls and standing in turn, recordings of about 17 s."""
    pair = [
        np.array(points, np.int16)
        for points in (motion.fall(), motion.rest(motion.UPRIGHT, 16) + motion.impact(1500))
    ]
    times = max(1, samples // sum(map(len, pair)))
    return decide.concatenate(pair * times)


def _cpython(acc: NDArray[np.int16], offsets: NDArray[np.int64], params: decide.Params) -> None:
    state = engines.new_state().tolist()
    words, listed = engines.words(acc).tolist(), params.tolist()
    for start, end in zip(offsets.tolist(), offsets[1:].tolist(), strict=False):
        detect.reset(state)
        for at in range(start, end - BLOCK + 1, BLOCK):
            detect.step_block(state, words[3 * at : 3 * (at + BLOCK)], BLOCK, listed)


def _numpy(acc: NDArray[np.int16], offsets: NDArray[np.int64], params: decide.Params) -> int:
    """Reduce to blocks and propose impacts, as far as NumPy can; the verifier is left out.

    The kernel does more, so the ratio to this is a lower bound.
    """
    found = 0
    wait = int(params[detect.P_DECIDE_BLOCKS])
    for start, end in zip(offsets.tolist(), offsets[1:].tolist(), strict=False):
        peaks = _blocks(acc[start:end])[detect.B_Q_MAX]
        at = 12
        while True:
            above = np.flatnonzero(peaks[at:] >= params[detect.P_IMPACT_Q])
            if not len(above):
                break
            anchor = at + int(above[0])
            # A larger impact within the wait takes the anchor over.
            while (later := _larger(peaks, anchor, wait)) != anchor:
                anchor = later
            found += 1
            at = anchor + 1
    return found


def _blocks(acc: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the words of each block as the kernel keeps them, words x blocks."""
    half = acc.astype(np.int32) >> 1
    squares = (half * half).sum(axis=1)
    steps = np.abs(np.diff(half, axis=0, prepend=0 * half[:1])).sum(axis=1)
    off = np.minimum(np.abs(squares - 250_000), 1 << 20) >> 4
    count = len(acc) // BLOCK
    words = np.empty((6, count), np.int64)
    sums = half[: count * BLOCK].reshape(count, BLOCK, 3).sum(axis=1)
    words[detect.B_X : detect.B_Z + 1] = sums.T + 13 * 16384
    words[detect.B_Q_MAX] = squares[: count * BLOCK].reshape(count, BLOCK).max(axis=1)
    words[detect.B_Q_OFF] = off[: count * BLOCK].reshape(count, BLOCK).sum(axis=1)
    words[detect.B_STEP_MAX] = steps[: count * BLOCK].reshape(count, BLOCK).max(axis=1)
    return words


def _check_blocks(
    acc: NDArray[np.int16], offsets: NDArray[np.int64], params: decide.Params
) -> None:
    """Raise ValueError unless NumPy has the very words in its blocks that the kernel has."""
    part = acc[: int(offsets[1]) // BLOCK * BLOCK]
    state = engines.new_state()
    engines.step_block("numba")(state, engines.words(part), len(part), params)
    words = _blocks(part)[:, -64:]
    first = len(part) // BLOCK - words.shape[1]
    for k in range(words.shape[1]):
        at = detect.S_RING + 8 * ((first + k) % 64)
        if state[at : at + 6].tolist() != words[:, k].tolist():
            raise ValueError("The blocks in NumPy are not those of the kernel.")


def _larger(peaks: NDArray[Any], anchor: int, wait: int) -> int:
    later = np.flatnonzero(peaks[anchor + 1 : anchor + 1 + wait] > peaks[anchor])
    return anchor + 1 + int(later[0]) if len(later) else anchor


def _best(work: Any, repeats: int = REPEATS) -> float:
    work()
    best = float("inf")
    for _ in range(repeats):
        # Of this process: on a shared machine the clock on the wall tells of the others too.
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    print(json.dumps(figures(), indent=2))
