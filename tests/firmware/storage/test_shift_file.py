"""The record of a shift on flash: read as it was stored, or not at all."""

import struct
from binascii import crc32
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.storage.shift_file import ShiftFile, ShiftRecord

SECONDS = st.integers(0, 2**32 - 2)


@given(
    st.booleans(),
    SECONDS,
    st.none() | SECONDS,
    st.none() | st.booleans(),
    st.integers(0, 255),
)
def test_a_shift_is_read_as_it_was_stored(
    tmp_path_factory: pytest.TempPathFactory,
    on: bool,
    age_s: int,
    tested_ago_s: int | None,
    passed: bool | None,
    tried: int,
) -> None:
    file = ShiftFile(str(tmp_path_factory.mktemp("shift") / "shift"))
    file.save(ShiftRecord(on, age_s, tested_ago_s, passed, tried))
    assert file.load() == (on, age_s, tested_ago_s, passed, tried)


def test_a_record_of_before_the_buttons_were_tried_is_still_read(tmp_path: Path) -> None:
    """Written by firmware that an update replaced in the middle of a shift."""
    path = tmp_path / "shift"
    record = struct.pack("<BBIIB", 1, 1, 3600, 60, 1)
    path.write_bytes(record + struct.pack("<I", crc32(record)))
    assert ShiftFile(str(path)).load() == (True, 3600, 60, True, 0)
    path.write_bytes(record + struct.pack("<I", crc32(record) ^ 1))
    assert ShiftFile(str(path)).load() is None


@given(st.binary(max_size=32))
def test_a_damaged_record_is_none(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("shift") / "shift"
    assert ShiftFile(str(path)).load() is None
    path.write_bytes(data)
    assert ShiftFile(str(path)).load() is None
    other_version = struct.pack("<BBIIB", 9, 1, 2, 3, 1)
    path.write_bytes(other_version + struct.pack("<I", crc32(other_version)))
    assert ShiftFile(str(path)).load() is None


def test_every_bit_of_a_record_is_guarded(tmp_path: Path) -> None:
    path = tmp_path / "shift"
    file = ShiftFile(str(path))
    file.save(ShiftRecord(on=True, age_s=3600, tested_ago_s=60, passed=True, tried=3))
    data = path.read_bytes()
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(changed)
        assert file.load() is None
