"""One recording block by block, as the report draws it: phases, thresholds, posture, movement."""

from __future__ import annotations

import base64
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect
from badge.core.detector import params as detector_params
from nabij.detector import decide, engines
from nabij.detector.decide import Params, Samples
from nabij.replay import reasons
from nabij.replay.outcome import Outcome

_PHASES: Final = {detect.PHASE_WAIT: "wait", detect.PHASE_CONFIRM: "confirm"}
_BLOCK: Final[int] = detect.BLOCK_SAMPLES
# The screen is some 1500 points wide; beyond this only the surroundings of the decision are kept.
_WINDOW_S: Final = 30.0
_BEFORE_S: Final = 12.0
_POSTURE_BLOCKS: Final = 8


def trace(outcome: Outcome, config: Any) -> dict[str, Any]:
    """Return all that the report needs to draw a recording and to say what happened in it."""
    params = decide.params_of(config)
    acc = decide.with_tail(outcome.acc, params)
    told = [reasons.explain(event, config) for event in outcome.events]
    first, last = _window(outcome, len(acc))
    blocks = _blocks(acc[:last], params)
    skip = first // _BLOCK
    return {
        "start_s": reasons.seconds(first),
        "end_s": reasons.seconds(len(outcome.acc)),
        "whole": first == 0 and last >= len(outcome.acc),
        "block_s": reasons.seconds(_BLOCK),
        "rate_hz": detect.RATE_HZ,
        "acc": _packed(acc[first:last]),
        "floor_mg": blocks["floor_mg"][skip:],
        "phases": _spans(blocks["phase"], skip),
        "impacts_s": [reasons.seconds((k + 1) * _BLOCK) for k in blocks["impact"] if k >= skip],
        "tilt_deg": _tilt(acc[:last], _reference_block(outcome))[skip:],
        "step_mg": _steps(acc[:last])[skip:],
        "decisions": [
            {
                "kind": one.kind,
                "at_s": one.at_s,
                "impact_s": one.impact_s,
                "text": one.sentence,
                "points": one.points,
                "facts": [[f.name, f.measured, f.points, f.is_for] for f in one.facts],
            }
            for one in told
            if reasons.seconds(first) <= one.at_s <= reasons.seconds(last)
        ],
    }


def _window(outcome: Outcome, end: int) -> tuple[int, int]:
    """The samples to draw: the recording, and of its tail what was needed to decide."""
    decided = max((event.at for event in outcome.events), default=0)
    last = min(end, max(len(outcome.acc), decided))
    if reasons.seconds(last) <= _WINDOW_S:
        return 0, last
    middle = reasons.seconds(outcome.peak_index)
    if outcome.alarms:
        middle = reasons.seconds(outcome.alarms[0].impact)
    first = max(0, int((middle - _BEFORE_S) * detect.RATE_HZ)) // _BLOCK * _BLOCK
    return first, min(last, first + int(_WINDOW_S * detect.RATE_HZ))


def _blocks(acc: Samples, params: Params) -> dict[str, list[Any]]:
    """Phase and impact threshold after each block, and the blocks that were taken as impacts."""
    step_block, state = engines.step_block("numba"), engines.new_state()
    words = engines.words(acc)
    phase: list[int] = []
    floor_mg: list[int | None] = []
    impact: list[int] = []
    idle_mg = detector_params.milli_g_of(int(params[detect.P_IMPACT_Q]))
    for k in range(len(acc) // _BLOCK):
        part = words[3 * _BLOCK * k : 3 * _BLOCK * (k + 1)]
        if step_block(state, part, _BLOCK, params) & detect.EV_IMPACT:
            impact.append(k)
        now = int(state[detect.S_PHASE])
        phase.append(now)
        if now == detect.PHASE_CONFIRM:
            floor_mg.append(None)
        elif now == detect.PHASE_WAIT:
            floor_mg.append(detector_params.milli_g_of(int(state[detect.S_PEAK_Q])))
        else:
            floor_mg.append(idle_mg)
    return {"phase": phase, "floor_mg": floor_mg, "impact": impact}


def _spans(phase: list[int], skip: int) -> list[list[Any]]:
    """Stretches of one phase as [name, from, to] in seconds; idle is left out."""
    spans: list[list[Any]] = []
    for k in range(skip, len(phase)):
        name = _PHASES.get(phase[k])
        if name is None:
            continue
        # The phase was entered at the end of block k.
        start, end = reasons.seconds((k + 1) * _BLOCK), reasons.seconds((k + 2) * _BLOCK)
        last, first, until = spans[-1] if spans else (None, start, start)
        if last == name and abs(until - start) < 1e-9:
            spans[-1] = [name, first, end]
        else:
            spans.append([name, start, end])
    return spans


def _reference_block(outcome: Outcome) -> int:
    """The block of the impact that the posture is drawn against: alarm, fall, else the hardest."""
    if outcome.alarms:
        return outcome.alarms[0].impact // _BLOCK
    if outcome.falls:
        return outcome.falls[-1].impact // _BLOCK
    return outcome.peak_index // _BLOCK


def _tilt(acc: Samples, impact: int) -> list[int | None]:
    """Angle, each block, between the last second and the posture [-4, -1] s from the impact."""
    means = _means(acc)
    if not len(means):
        return []
    before = means[max(0, impact - 32) : max(1, impact - 8)].sum(axis=0)
    kernel = np.ones(_POSTURE_BLOCKS)
    now = np.stack([np.convolve(axis, kernel)[: len(means)] for axis in means.T], axis=1)
    norms = np.linalg.norm(now, axis=1) * np.linalg.norm(before)
    cosine = np.divide(now @ before, norms, out=np.ones(len(now)), where=norms > 0)
    return [round(float(one)) for one in np.degrees(np.arccos(np.clip(cosine, -1, 1)))]


def _means(acc: Samples) -> NDArray[np.float64]:
    count = len(acc) // _BLOCK
    means: NDArray[np.float64] = acc[: count * _BLOCK].reshape(count, _BLOCK, 3).mean(axis=1)
    return means


def _steps(acc: Samples) -> list[int]:
    """Mean sample-to-sample change of each block in milli-g, all axes added."""
    change = np.abs(np.diff(acc.astype(np.int32), axis=0, prepend=acc[:1])).sum(axis=1)
    count = len(acc) // _BLOCK
    per_block = change[: count * _BLOCK].reshape(count, _BLOCK).mean(axis=1)
    return [round(float(one)) for one in per_block]


def _packed(acc: Samples) -> str:
    return base64.b64encode(np.ascontiguousarray(acc).astype("<i2").tobytes()).decode()
