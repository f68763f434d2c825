"""The machine code that ships for the ESP32-S3 gives the same bits on an emulated LX7 core."""

from __future__ import annotations

import numpy as np
import pytest

from badge.core.detector import detect, params
from badge.core.settings import config
from nabij.detector import engines
from tests.bench import lx7
from tests.core.detector import motion

PARAMS = params.build(config.defaults()).tolist()


@pytest.fixture(scope="module")
def image() -> lx7.Image:
    return lx7.compile_kernel()


@pytest.mark.parametrize("kind", ["a fall", "noise", "lowest", "swing"])
def test_the_core_and_the_host_agree(image: lx7.Image, kind: str) -> None:
    samples = _samples(kind)
    state = engines.new_state()
    events = engines.step_block("numba")(
        state, engines.words(samples), len(samples), np.array(PARAMS, np.int32)
    )
    words = engines.words(samples).tolist()
    run = lx7.run(image, engines.new_state().tolist(), words, PARAMS)
    assert (run.events, run.state) == (events, state.tolist())
    if kind == "a fall":
        assert events == detect.EV_IMPACT | detect.EV_FALL | detect.EV_CONFIRMED


def test_the_count_is_of_the_samples_and_not_of_the_set_up(image: lx7.Image) -> None:
    still = [(0, 0, 1000)] * (lx7.CHUNK * 40)
    words = motion.words(still)
    state = engines.new_state().tolist()
    once = lx7.run(image, state, words[: 3 * lx7.CHUNK], PARAMS)
    forty = lx7.run(image, state, words, PARAMS)
    assert forty.instructions == pytest.approx(40 * once.instructions, rel=0.05)


def test_part_of_a_chunk_is_refused(image: lx7.Image) -> None:
    with pytest.raises(ValueError, match="whole chunks"):
        lx7.run(image, engines.new_state().tolist(), [0] * 3, PARAMS)


def _samples(kind: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    length = lx7.CHUNK * 40
    if kind == "a fall":
        points = motion.fall()
        return np.array(points[: len(points) // lx7.CHUNK * lx7.CHUNK], np.int16)
    if kind == "lowest":
        return np.full((length, 3), -32768, np.int16)
    if kind == "swing":
        swing = np.full((length, 3), 32767, np.int16)
        swing[1::2] = -32768
        return swing
    rng = np.random.default_rng(4)
    return rng.integers(-32768, 32768, (length, 3)).astype(np.int16)
