"""Configuration in words that the detector compares with, and its evidence in human units."""

from __future__ import annotations

import math
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.detector import detect, verifier
from badge.core.detector import params as detector_params
from badge.core.settings import config, fields
from nabij.setting_words import WORDS
from tests.core import configs
from tests.core.detector.motion import UPRIGHT, fall, rest, words


def biased_cosine(degrees: int) -> int:
    return 1024 + round(1024 * math.cos(math.radians(degrees)))


@pytest.mark.parametrize("degrees", range(181))
def test_an_angle_is_read_back(degrees: int) -> None:
    biased = biased_cosine(degrees)
    shared = biased in {biased_cosine(degrees - 1), biased_cosine(degrees + 1)}
    # Near 0 and 180 neighbouring degrees share a cosine of ten bits.
    assert detector_params.degrees_of(biased) == pytest.approx(degrees, abs=2 if shared else 0)


def test_an_angle_is_the_largest_whose_cosine_is_no_less() -> None:
    cosines = [biased_cosine(degrees) - 1024 for degrees in range(91)]
    for size in range(1025):
        degrees = sum(cosine >= size for cosine in cosines) - 1
        assert detector_params.degrees_of(1024 + size) == degrees
        assert detector_params.degrees_of(1024 - size) == (180 - degrees if size else degrees)


@given(st.integers(0, 2**30 - 1))
def test_a_squared_magnitude_is_read_back_to_two_milli_g(q: int) -> None:
    assert detector_params.milli_g_of(q) == 2 * math.isqrt(q)


@pytest.mark.parametrize("end", ["lowest", "highest"])
def test_every_setting_in_range_makes_words_the_kernel_can_hold(end: str) -> None:
    extreme = {
        field.name: getattr(field, end)
        for field in fields.FIELDS
        if WORDS[field.name].group == "detector" and field.kind == "int"
    }
    params = detector_params.build(config.Config.from_dict(extreme))
    assert min(params) >= 0
    assert max(params) < 2**30


def test_the_longest_decision_leaves_the_posture_before_in_the_ring() -> None:
    highest = next(field.highest for field in fields.FIELDS if field.name == "decide_ms")
    # 33 blocks before the impact are looked at, and the decision may come two blocks late.
    assert detector_params.blocks(highest) + 2 + 33 + 1 <= 64


# How much slower than its clock the accelerometer may count, and how late a burst may be read.
_SLOW = 1.06
_LATE = 1.1
_RANGES = {field.name: (field.lowest, field.highest) for field in fields.FIELDS}


@pytest.mark.requirement("R06")
@given(st.fixed_dictionaries({
    name: st.integers(*_RANGES[name])
    for name in ("prealarm_ms", "decide_ms", "confirm_ms", "imu_watermark_samples")
}))  # fmt: skip
def test_the_last_verdict_comes_before_the_pre_alarm_ends_whatever_the_settings(
    settings: dict[str, int],
) -> None:
    """The pre-alarm began with a burst that was read at once, and the verdict is in a late one."""
    chosen = config.Config.from_dict(settings)
    blocks = detector_params.blocks(chosen.confirm_ms) - detector_params.blocks(chosen.decide_ms)
    samples = (blocks + detect.LIKELIER_BLOCKS) * detect.BLOCK_SAMPLES
    late_ms = chosen.imu_watermark_samples * _LATE * 1000 / detect.RATE_HZ
    verdict_ms = samples * _SLOW * 1000 / detect.RATE_HZ + late_ms
    found_ms = detector_params.pre_alarm_ms(chosen, is_fall=True)
    assert found_ms > verdict_ms
    # And no later than it must be.
    assert found_ms <= max(chosen.prealarm_ms, verdict_ms + 1000)


def told(points: list[tuple[int, int, int]], params: array[int]) -> int:
    """What the detector says of motion."""
    state = array("i", [0] * detect.STATE_WORDS)
    detect.reset(state)
    return int(detect.step_block(state, words(points), len(points), params))


@pytest.mark.requirement("R01")
@pytest.mark.parametrize(
    ("base", "wanted", "is_enough"),
    [(5, 5, True), (4, 5, False), (5, 4, True), (-3, -3, True), (-4, -3, False), (-3, -4, True)],
)
def test_a_fall_and_the_rest_after_it_need_their_points_of_the_settings(
    base: int, wanted: int, is_enough: bool
) -> None:
    table = verifier.MAGIC + bytes(2) + struct.pack("<2h", base, 300)
    chosen = configs.config(fall_points=wanted, down_points=300)
    bits = told(fall(), detector_params.build(chosen, table))
    assert bool(bits & detect.EV_FALL) is is_enough
    assert bool(bits & detect.EV_REJECTED) is not is_enough
    table = verifier.MAGIC + bytes(2) + struct.pack("<2h", 300, base)
    chosen = configs.config(fall_points=300, down_points=wanted)
    bits = told(fall(), detector_params.build(chosen, table))
    assert bits & detect.EV_FALL
    assert bool(bits & detect.EV_CONFIRMED) is is_enough
    assert bool(bits & detect.EV_RECOVERED) is not is_enough


def test_an_impact_is_one_from_the_acceleration_of_the_settings_on() -> None:
    params = detector_params.build(configs.config(impact_mg=2000))
    for peak_mg, is_one in ((1998, False), (2000, True), (2002, True)):
        points = [*rest(UPRIGHT, 5), (0, 0, peak_mg), *rest(UPRIGHT, 1)]
        assert bool(told(points, params) & detect.EV_IMPACT) is is_one


@pytest.mark.parametrize(
    ("ms", "blocks"),
    [(0, 0), (62, 0), (63, 1), (125, 1), (187, 1), (188, 2), (2500, 20), (8000, 64)],
)
def test_times_are_whole_eighths_of_a_second_to_the_nearest(ms: int, blocks: int) -> None:
    assert detector_params.blocks(ms) == blocks
    params = detector_params.build(configs.config(decide_ms=ms, confirm_ms=1000 + ms))
    assert params[detect.P_DECIDE_BLOCKS] == blocks
    assert params[detect.P_CONFIRM_BLOCKS] == blocks + 8


def test_the_pre_alarm_of_no_fall_waits_for_no_verdict() -> None:
    chosen = configs.config(prealarm_ms=1000)
    assert detector_params.pre_alarm_ms(chosen, is_fall=False) == 1000
    assert detector_params.pre_alarm_ms(chosen, is_fall=True) > 1000
