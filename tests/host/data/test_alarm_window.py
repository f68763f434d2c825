"""A window that a badge kept of an alarm: whole, or refused in one sentence."""

from __future__ import annotations

import binascii
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.data.alarm_window import DamagedWindowError, parse_window
from tests.host.motion_files import file_of

SAMPLES = tuple((i, -i, 1000 + i % 7) for i in range(200))
HEAD: dict[int, Any] = {
    0: 104,
    1: len(SAMPLES),
    2: "nb-0007",
    3: 7,
    4: 2,
    5: 2,
    6: 150,
    7: 170,
    8: 0,
    9: 0xFEDCBA98,
    10: "0.1.0",
    11: "card_badge",
    12: "neck",
    13: "x y z",
    14: 1000,
    15: [3, 16384, 16384, 16884],
}


def stored(change: dict[int, Any] | None = None, samples: Any = SAMPLES) -> bytes:
    """A file of the badge; a field that is changed to None is left out."""
    return file_of({**HEAD, **(change or {})}, samples)


def test_it_says_what_judged_it() -> None:
    window = parse_window("7-2.nbm", stored())
    assert window.samples == SAMPLES
    assert (window.boot, window.seq, window.badge, window.rate_hz) == (7, 2, "nb-0007", 104)
    assert window.seen is not None
    assert (window.seen.event, window.seen.opened, window.seen.upright) == (
        150,
        170,
        (3, *HEAD[15][1:]),
    )
    unknown = parse_window("7-2.nbm", stored({2: "", 8: None, 15: None}))
    assert unknown.badge is None
    assert unknown.seen is not None
    assert (unknown.seen.made_up, unknown.seen.upright) == (None, None)


@given(st.integers(0, 8 * len(stored()) - 1))
def test_a_bit_that_flipped_in_flash_is_seen(bit: int) -> None:
    data = bytearray(stored())
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DamagedWindowError):
        parse_window("7-2.nbm", bytes(data))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        *(({1: 199}, "is damaged"), ({1: 250}, "cut off"), ({1: 0}, "0 samples")),
        *(({1: 1 << 20}, "samples"), ({0: 0}, "0 Hz"), ({0: None}, "field"), ({2: 7}, "field")),
        *(({14: 976}, "976 micro-g"), ({15: [1, 2, 3]}, "field"), ({15: [1, 2, 3, -1]}, "field")),
        *(({8: "x"}, "field"), ({3: 8}, "alarm 8-2"), ({12: None}, "field")),
    ],
)
def test_what_no_badge_writes_is_refused_though_its_checksum_is_right(
    change: dict[int, Any], why: str
) -> None:
    with pytest.raises(DamagedWindowError, match=why) as refused:
        parse_window("7-2.nbm", stored(change))
    assert refused.value.sentence.startswith("7-2.nbm")
    assert refused.value.sentence.endswith("it is left out.")


@given(st.binary(max_size=120))
def test_other_bytes_under_a_right_checksum_are_refused(content: bytes) -> None:
    data = b"NBM3" + content
    with pytest.raises(DamagedWindowError):
        parse_window("7-2.nbm", data + struct.pack("<I", binascii.crc32(data)))
