"""Which windows of motion wait: over restarts, the oldest alarm first, and only whole ones."""

import struct
from binascii import crc32
from pathlib import Path

import pytest

from badge.storage.motion_marks import MotionMarks


def window(folder: Path, boot: int, seq: int, size: int) -> bytes:
    body = bytes((n * 7) & 255 for n in range(size - 4))
    data = body + struct.pack("<I", crc32(body))
    (folder / f"{boot}-{seq}.nbm").write_bytes(data)
    return data


def test_what_waits_waits_after_a_restart_too_the_oldest_alarm_first(tmp_path: Path) -> None:
    marks = MotionMarks(str(tmp_path))
    assert marks.waiting() == []
    for key in ((10, 1), (9, 12), (9, 2)):
        marks.mark(key)
        marks.mark(key)
    assert MotionMarks(str(tmp_path)).waiting() == [(9, 2), (9, 12), (10, 1)]
    for _ in range(2):
        marks.clear((9, 12))
    assert MotionMarks(str(tmp_path)).waiting() == [(9, 2), (10, 1)]


def test_a_badge_that_never_kept_motion_has_none_that_waits(tmp_path: Path) -> None:
    marks = MotionMarks(str(tmp_path / "none"))
    assert (marks.waiting(), marks.has((1, 1)), marks.size((1, 1))) == ([], False, None)


def test_what_else_lies_there_is_none_that_waits(tmp_path: Path) -> None:
    for name in ("1-2.nbm", "1-2.nbm.part", "1.due", "1-2-3.due", "x-2.due", "1-x.due", "-1.due"):
        (tmp_path / name).touch()
    assert MotionMarks(str(tmp_path)).waiting() == []


@pytest.mark.parametrize("size", [5, 100, 511, 512, 513, 515, 516, 517, 1024, 1026, 5000])
def test_a_window_is_told_by_its_size_only_as_it_was_written(tmp_path: Path, size: int) -> None:
    marks = MotionMarks(str(tmp_path))
    data = window(tmp_path, 7, 1, size)
    assert marks.has((7, 1))
    assert not marks.has((7, 2))
    assert not marks.has((1, 7))
    assert marks.size((7, 1)) == size
    for n in {0, size // 2, size - 5, size - 4, size - 1}:
        changed = bytearray(data)
        changed[n] ^= 1
        (tmp_path / "7-1.nbm").write_bytes(changed)
        assert marks.size((7, 1)) is None
    (tmp_path / "7-1.nbm").write_bytes(data[:-1])
    assert marks.size((7, 1)) is None


@pytest.mark.parametrize("data", [b"", b"\0", bytes(4)])
def test_what_is_shorter_than_its_checksum_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "7-1.nbm").write_bytes(data)
    assert MotionMarks(str(tmp_path)).size((7, 1)) is None


def test_any_piece_of_it_can_be_read(tmp_path: Path) -> None:
    data = window(tmp_path, 7, 1, 700)
    marks = MotionMarks(str(tmp_path))
    assert marks.read((7, 1), 0, 100) == data[:100]
    assert marks.read((7, 1), 650, 100) == data[650:]
    with pytest.raises(FileNotFoundError):
        marks.read((7, 2), 0, 1)
