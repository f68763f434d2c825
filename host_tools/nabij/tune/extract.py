"""The evidence of every impact in recordings, from the very kernel that ships."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect, evidence
from badge.core.settings import config as badge_config
from nabij.detector import decide, engines
from nabij.detector.decide import Params, Samples

_NEVER: Final = (1 << 30) - 1
_OPEN_AT_ONCE: Final = 64


@dataclass(frozen=True)
class Impacts:
    """Every impact that the detector would judge if it took none for a fall, one a row.

    `recording` numbers the recordings given, `at` is the sample at which the impact's block
    ends, `evidence` N x 28 bytes: of the decision, then of the confirm stage.
    """

    recording: NDArray[np.int32]
    at: NDArray[np.int32]
    evidence: NDArray[np.uint8]


def extract(recordings: Sequence[Samples], config: Any = None) -> Impacts:
    """Return the impacts in recordings (N x 3 int16 milli-g at 104 Hz), tails as in replay."""
    samples, offsets = decide.concatenate(recordings)
    return extract_many(samples, offsets, config)


def extract_many(samples: Samples, offsets: NDArray[np.int64], config: Any = None) -> Impacts:
    """Like extract, of recordings that lie end to end and are as the badge measures them."""
    params = decide.params_of(config or badge_config.defaults())
    params[detect.P_FALL_POINTS] = _NEVER
    words = engines.words(samples)
    # An impact is judged at the end of a block, at most once a block.
    rows = len(samples) // detect.BLOCK_SAMPLES + len(offsets) * 150
    numbers = np.zeros((rows, 2), np.int32)
    found = np.zeros((rows, evidence.EVIDENCE), np.uint8)
    count = _kernel()(
        words,
        np.ascontiguousarray(offsets, np.int64),
        params,
        (decide.tail_samples(params), engines.new_state()),
        (numbers, found),
    )
    kept = numbers[:count].copy()
    return Impacts(kept[:, 0], kept[:, 1], found[:count].copy())


def with_noise(samples: Samples, offsets: NDArray[np.int64], rng: np.random.Generator) -> Samples:
    """Return recordings as another sensor worn another way would have seen them.

    Each is turned at random, with 1.5 % (sd) of gain and up to 50 mg of offset an axis; some get
    up to 15 mg of noise, some steps of 8 mg.
    """
    found = np.empty_like(samples)
    for start, end in itertools.pairwise(offsets):
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        acc = samples[start:end].astype(np.float32) @ turn.astype(np.float32)
        acc = acc * (1 + rng.normal(0, 0.015, 3)).astype(np.float32)
        acc += rng.uniform(-50, 50, 3).astype(np.float32)
        if rng.random() < 0.4:
            acc += rng.normal(0, rng.uniform(2, 15), acc.shape).astype(np.float32)
        if rng.random() < 0.3:
            acc = np.rint(acc / 8) * 8
        found[start:end] = np.clip(np.rint(acc), -16000, 16000)
    return found


def _run(words, offsets, params: Params, given, found):  # type: ignore[no-untyped-def]
    """Fill `found` with the impacts of all recordings; return how many there are."""
    tail, state = given
    numbers, bytes_found = found
    count = 0
    chunk = np.zeros(3 * detect.BLOCK_SAMPLES, np.uint16)
    size = detect.S_EVIDENCE + evidence.EVIDENCE
    frames = np.zeros((_OPEN_AT_ONCE, size), np.int32)
    keep = np.zeros(size, np.int32)
    row = np.zeros(_OPEN_AT_ONCE, np.int64)
    for k in range(len(offsets) - 1):
        start = offsets[k]
        length = offsets[k + 1] - start
        reset(state)
        row[:] = -1
        at = 0
        still_open = False
        while at < length + tail and length:
            if at >= length and not still_open and state[detect.S_PHASE] == detect.PHASE_IDLE:
                break
            for i in range(detect.BLOCK_SAMPLES):
                source = at + i
                if source >= length:
                    source = tail_index(length - 1, source - length)
                for axis in range(3):
                    chunk[3 * i + axis] = words[3 * (start + source) + axis]
            anchor = state[detect.S_ANCHOR]
            clock = state[detect.S_ANCHOR_CLOCK]
            bits = step_block(state, chunk, detect.BLOCK_SAMPLES, params)
            at += detect.BLOCK_SAMPLES
            still_open = False
            for j in range(_OPEN_AT_ONCE):
                if row[j] < 0:
                    continue
                still_open = True
                waited = state[detect.S_BLOCKS] - 1 - frames[j, detect.S_ANCHOR]
                if waited < params[detect.P_CONFIRM_BLOCKS]:
                    continue
                # As if this impact had been judged a fall, and were settled now.
                keep[:] = state[:size]
                state[detect.S_JUDGED] = frames[j, detect.S_JUDGED]
                first = detect.S_FRAME + (3 if state[detect.S_UPRIGHTS] > 0 else 0)
                state[first:size] = frames[j, first:]
                weigh_rest(state)
                for e in range(evidence.EVIDENCE_OF_IMPACT, evidence.EVIDENCE):
                    bytes_found[row[j], e] = state[detect.S_EVIDENCE + e]
                state[:size] = keep
                row[j] = -1
            if bits & detect.EV_REJECTED and clock - detect.BLOCK_SAMPLES < length:
                numbers[count, 0] = k
                numbers[count, 1] = clock
                for e in range(evidence.EVIDENCE_OF_IMPACT):
                    bytes_found[count, e] = state[detect.S_EVIDENCE + e]
                for j in range(_OPEN_AT_ONCE):
                    if row[j] < 0:
                        row[j] = count
                        frames[j] = state[:size]
                        frames[j, detect.S_ANCHOR] = anchor
                        frames[j, detect.S_JUDGED] = state[detect.S_BLOCKS]
                        break
                count += 1
    return count


@functools.cache
def _kernel() -> Any:
    """Compile the loop over recordings together with the shipped kernels that it calls."""
    return decide.compile_loop(
        _run,
        {
            **globals(),
            "step_block": engines.compile_kernels()["step_block"],
            "weigh_rest": engines.compile_kernels()["weigh_rest"],
        },
    )
