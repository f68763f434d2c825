"""One detector source, five engines, one answer (design D1)."""

from __future__ import annotations

import csv
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from badge.core.detector import detect, evidence, verifier
from badge.core.detector import params as detector_params
from badge.core.settings import config, fields
from nabij.detector import engines
from nabij.setting_words import WORDS
from tests.core.detector import motion
from tests.firmware.engine_cases import Case, call, cut, on_host, on_micropython
from tests.mp import run_mp
from tests.places import FIRMWARE

LOW, HIGH = -32768, 32767


def _segment(kind: str, length: int, size_mg: int, seed: int) -> NDArray[np.int16]:
    """Return one stretch of motion, random or extreme."""
    rng = np.random.default_rng(seed)
    acc = np.zeros((length, 3), np.int16)
    if kind == "noise":
        acc[:] = rng.integers(LOW, HIGH + 1, (length, 3))
    elif kind == "body":
        posture = rng.normal(size=3)
        posture *= 1000 / np.linalg.norm(posture)
        acc[:] = np.clip(posture + rng.normal(0, size_mg, (length, 3)), LOW, HIGH)
    elif kind == "blow":
        acc[:] = rng.integers(LOW, HIGH + 1, 3)
        acc[5:] = 0
    elif kind == "highest":
        acc[:] = HIGH
    elif kind == "lowest":
        acc[:] = LOW
    elif kind == "swing":
        acc[0::2], acc[1::2] = HIGH, LOW
    return acc


SEGMENTS = st.builds(
    _segment,
    st.sampled_from(
        ["noise", "body", "body", "body", "blow", "zero", "highest", "lowest", "swing"]
    ),
    st.integers(1, 500),
    st.integers(0, 400),
    st.integers(0, 2**32 - 1),
)


@st.composite
def _tables(draw: st.DrawFn) -> bytes:
    """Return a verifier's table of random trees, with limits that split and that do not."""
    fall, down = draw(st.integers(0, 70)), draw(st.integers(0, 75))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bases = draw(st.tuples(st.integers(-500, 500), st.integers(-500, 500)))
    table = verifier.MAGIC + bytes([fall, down]) + struct.pack("<2h", *bases)
    for tree in range(fall + down):
        known = evidence.EVIDENCE_OF_IMPACT if tree < fall else evidence.EVIDENCE
        limits = rng.integers(0, 256, 3)
        for limit in limits:
            table += bytes([int(rng.integers(known)), int(limit)])
        table += bytes(rng.integers(0, 256, 8).tolist())
    verifier.check(table)
    return table


@st.composite
def _params(draw: st.DrawFn) -> list[int]:
    chosen = {}
    rows: list[Any] = list(fields.FIELDS)
    for name, kind, _, low, high, _ in rows:
        if WORDS[name].group == "detector" and kind == "int":
            chosen[name] = draw(st.integers(low, high))
    return list(detector_params.build(config.Config.from_dict(chosen), draw(_tables())))


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    samples = np.concatenate(draw(st.lists(SEGMENTS, min_size=1, max_size=8)))
    lengths = draw(st.lists(st.integers(0, 120), min_size=1, max_size=6))
    defaults = detector_params.build(config.defaults()).tolist()
    params = draw(st.one_of(st.just(defaults), _params()))
    clock = draw(st.sampled_from([0, 2**30 - 700]))
    return Case(samples, cut(len(samples), lengths), params, clock)


def _assert_one_answer(cases: list[Case]) -> None:
    played = on_micropython(cases)
    assert sorted(played) == ["bytecode", "native", "viper"]
    for index, case in enumerate(cases):
        expected = on_host("cpython", case)
        assert expected.largest < 2**30
        assert on_host("numba", case) == expected
        for variant, answers in played.items():
            assert answers[index] == expected, variant


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_cases(), min_size=16, max_size=24))
def test_all_engines_agree_on_random_and_extreme_motion(cases: list[Case]) -> None:
    _assert_one_answer(cases)


def test_all_engines_agree_on_recorded_motion(data_dir: Path) -> None:
    cases = []
    params = detector_params.build(config.defaults()).tolist()
    for bundle in ("fallalld", "imufd"):
        with (data_dir / bundle / "index.csv").open() as file:
            rows = list(csv.DictReader(file))[:: 400 if bundle == "fallalld" else 48]
        for row in rows:
            start, length = int(row["start"]), int(row["length"])
            acc = np.load(data_dir / bundle / row["npz"])["acc"][start : start + length]
            cases.append(Case(acc, cut(length, (26, 26, 31)), params))
    _assert_one_answer(cases)
    seen = {on_host("numba", case).events for case in cases}
    assert any(events & detect.EV_FALL for events in seen)


def test_all_engines_see_a_whole_fall_and_a_recovery() -> None:
    params = detector_params.build(config.defaults()).tolist()
    down = motion.fall()
    up_again = motion.fall(lying_s=3.5) + motion.rest(motion.UPRIGHT, 8)
    cases = [
        Case(np.array(points, np.int16), cut(len(points), (26,)), params)
        for points in (down, up_again)
    ]
    _assert_one_answer(cases)
    fell = detect.EV_IMPACT | detect.EV_FALL
    answers = [on_host("numba", case).events for case in cases]
    assert answers == [fell | detect.EV_CONFIRMED, fell | detect.EV_RECOVERED]


def test_the_sample_path_allocates_nothing() -> None:
    params = detector_params.build(config.defaults()).tolist()
    points = motion.fall() + motion.fall(lying_s=3.5) + motion.rest(motion.UPRIGHT, 8)
    case = Case(np.array(points, np.int16), (), params)
    per_block, blocks = call("allocated(FILE)", [case]).split()
    assert float(per_block) == 0
    assert int(blocks) > 250


@pytest.mark.parametrize("variant", ["bytecode", "native"])
def test_an_installed_engine_is_what_the_firmware_imports(variant: str) -> None:
    out = run_mp(
        "from sim import engine\n"
        f"engine.install({variant!r}, {str(FIRMWARE)!r})\n"
        "from array import array\n"
        "from badge.core.detector import detect\nfrom badge.core.settings import config\n"
        "from badge.core.body.man_down import ManDown\n"
        "down = ManDown(config.defaults())\n"
        "print(down.feed(array('H', bytes(6 * 13)), 13), down.state[detect.S_CLOCK])\n"
        # Only the shipped, viper form takes an address in place of an array.
        "from uctypes import addressof\n"
        "zeros = array('H', bytes(6))\n"
        "try:\n"
        "    detect.step_block(down.state, addressof(zeros), 1, down.params)\n"
        "except TypeError:\n"
        "    print('not viper')\n"
    )
    assert out.splitlines() == ["0 13", "not viper"]


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="turbo"):
        engines.step_block("turbo")


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 2), np.int16), np.zeros(12, np.int16), np.zeros((4, 3), np.int32)]
)
def test_a_trace_of_another_form_is_refused(wrong: NDArray[np.int16]) -> None:
    with pytest.raises(ValueError, match="N x 3 int16"):
        engines.words(wrong)
