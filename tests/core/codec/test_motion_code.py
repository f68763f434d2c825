"""Samples of motion in few bytes: what the badge writes is what the host reads."""

from __future__ import annotations

import json
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.codec.motion_code import CHUNK, CHUNK_BYTES, Encoder
from nabij.data.motion_code import DamagedCodeError, decode
from tests.mp import run_mp

EDGES = st.sampled_from([-32768, -32767, -1, 0, 1, 32766, 32767])
NUMBERS = st.one_of(st.integers(-32768, 32767), EDGES, st.integers(-40, 40))
MOTION = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=100)
# Alternating ends of the range: nothing takes more.
WORST = [(-32768, 32767, -32768), (32767, -32768, 32767)] * 48


def encoded(samples: list[tuple[int, int, int]]) -> bytes:
    encoder, out = Encoder(), b""
    for at in range(0, len(samples), CHUNK):
        part = samples[at : at + CHUNK]
        words = array("H", [value & 0xFFFF for sample in part for value in sample])
        length = encoder.chunk(words, len(part))
        assert 0 < length <= CHUNK_BYTES
        out += bytes(encoder.out[:length])
    return out


@given(MOTION)
def test_no_sample_is_lost(samples: list[tuple[int, int, int]]) -> None:
    assert decode(encoded(samples), len(samples)) == samples


def test_the_badge_writes_the_same_bytes() -> None:
    samples = [((i * 7919) % 65536 - 32768, i % 5 - 2, 1000 + (i % 3)) for i in range(200)] + WORST
    out = run_mp(
        f"""
import json
from array import array
from binascii import hexlify
from badge.core.codec.motion_code import CHUNK, Encoder
samples = json.loads({json.dumps(samples)!r})
encoder = Encoder()
for at in range(0, len(samples), CHUNK):
    part = samples[at : at + CHUNK]
    words = array("H", [value & 0xFFFF for sample in part for value in sample])
    print(hexlify(bytes(encoder.out[: encoder.chunk(words, len(part))])).decode())
"""
    )
    assert bytes.fromhex(out.replace("\n", "")) == encoded(samples)


def test_a_body_that_lies_still_takes_a_third() -> None:
    samples = [(i * 37 % 9 - 4, 7 - i * 53 % 11, 1000 + i * 29 % 7) for i in range(1040)]
    assert len(encoded(samples)) < 6 * len(samples) / 3


@settings(max_examples=200)
@given(st.binary(max_size=80), st.integers(1, 70))
def test_other_bytes_are_refused_or_are_samples(data: bytes, count: int) -> None:
    try:
        samples = decode(data, count)
    except DamagedCodeError:
        return
    assert len(samples) == count
    assert all(-32768 <= value <= 32767 for sample in samples for value in sample)


@pytest.mark.parametrize("cut", [1, 5])
def test_what_is_cut_off_is_refused(cut: int) -> None:
    data = encoded(WORST)
    with pytest.raises(DamagedCodeError, match="cut off"):
        decode(data[:-cut], len(WORST))
    with pytest.raises(DamagedCodeError, match="after the last"):
        decode(data + bytes(cut), len(WORST))


def test_a_chunk_that_cannot_be_is_refused() -> None:
    for n, words in ((0, 3), (CHUNK + 1, 3 * (CHUNK + 1)), (2, 3)):
        with pytest.raises(ValueError, match="chunk"):
            Encoder().chunk(array("H", [0] * words), n)
