"""Motion from a stretch of the detector on: a fresh detector decides about it as the old one."""

from __future__ import annotations

import numpy as np

from badge.core.detector import detect, evidence
from badge.core.detector.stretches import Stretches
from badge.core.settings import config
from nabij.detector import decide, engines, sampling
from nabij.virtual.body_model import Body

PARAMS = decide.params_of(config.defaults())
STEP = engines.step_block("numba")
# Why it decided so; what counts samples and blocks differs with where that begins.
WHY = [
    *(detect.S_PEAK_Q, detect.S_TILT_COS, detect.S_POINTS, detect.S_DOWN_POINTS),
    *range(detect.S_FRAME, detect.S_EVIDENCE + evidence.EVIDENCE),
]


class Ring:
    count = filled = lost = 0


def lived(body: Body) -> tuple[decide.Samples, Stretches, list[tuple[int, int, list[int]]]]:
    """Motion, the stretches that were noted once a second, the decisions with their reasons."""
    parts = [body.walking(70), body.standing(3), body.walking(21), body.fall(), body.lying(14)]
    acc = sampling.measured(np.concatenate(parts))
    state, words = engines.new_state(), engines.words(acc)
    stretches, ring, made = Stretches(), Ring(), []
    for at in range(len(acc)):
        bits = STEP(state, words[3 * at : 3 * at + 3], 1, PARAMS)
        ring.count += 1
        if bits & decide.DECISIONS:
            made.append((ring.count, int(bits), state[WHY].tolist()))
        if ring.count % 101 == 0:
            stretches.look(state, ring.count % detect.BLOCK_SAMPLES, ring)
    return acc, stretches, made


def test_from_a_stretch_on_all_is_decided_as_by_who_has_lived_longer() -> None:
    acc, stretches, made = lived(Body())
    (fall,) = [at for at, bits, _ in made if bits & detect.EV_FALL]
    found = stretches.before(fall - 19 * detect.RATE_HZ, 0)
    assert found is not None
    assert 0 <= fall - 19 * detect.RATE_HZ - found.at < 416
    assert found.upright[0] == 7
    offsets = np.array([0, len(acc) - found.at])
    upright = np.array([found.upright], np.int32)
    [again] = decide.decide_many(acc[found.at :], offsets, PARAMS, upright=upright)
    told = [(one.at + found.at, one.bits, _why(one)) for one in again]
    recent = [one for one in made if one[0] > found.at]
    assert len(recent) >= 2
    assert told[: len(recent)] == recent
    # Without what it knew of upright it sees the same, and has other reasons.
    [without] = decide.decide_many(acc[found.at :], offsets, PARAMS)
    assert [_why(one) for one in without][: len(recent)] != [one[2] for one in recent]


def test_no_stretch_is_given_that_the_ring_has_not_whole() -> None:
    _, stretches, _ = lived(Body())
    newest = stretches.before(1 << 20, 0)
    assert newest is not None
    assert stretches.before(1 << 20, newest.at + 1) is None
    older = stretches.before(newest.at - 1, 0)
    assert older is not None
    assert older.at == newest.at - 416


def _why(one: decide.Decision) -> list[int]:
    assert one.words is not None
    return [int(word) for word in one.words[WHY]]


def test_a_stretch_tells_where_it_began_what_was_upright_and_what_nobody_measured() -> None:
    stretches, ring = Stretches(), Ring()
    state = [0] * detect.STATE_WORDS
    told = {}
    for k in range(1, 14):
        state[detect.S_BLOCKS] = 32 * k
        state[detect.S_UPRIGHTS] = k % 8
        state[detect.S_FRAME : detect.S_FRAME + 3] = [100 + k, 200 + k, 300 + k]
        ring.count, ring.filled, ring.lost = 416 * k, 2 * k, 100 * k
        stretches.look(state, 0, ring)
        told[416 * k] = ((k % 8, 100 + k, 200 + k, 300 + k), 102 * k)
        # Once is enough, however much of it has passed.
        state[detect.S_BLOCKS] += 3
        ring.count += 3 * detect.BLOCK_SAMPLES + 5
        ring.lost += 7
        stretches.look(state, 5, ring)
    for at, (upright, made_up) in list(told.items())[3:]:
        assert stretches.before(at, 0) == (at, upright, made_up)
        assert stretches.before(at + 415, at) == (at, upright, made_up)
        assert stretches.before(at + 415, at + 1) is None
    # The motion ring holds no more than ten.
    assert stretches.before(416 * 4 - 1, 0) is None
