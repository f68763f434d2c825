"""On which SIM a test has passed: nothing that cannot be read counts as one."""

from pathlib import Path

import pytest

from badge.storage.sms_file import SmsFile

CARD = "8931080000000012345"
NUMBER = "+31612345678"


def test_it_is_there_again_after_a_start(tmp_path: Path) -> None:
    path = str(tmp_path / "sms")
    assert SmsFile(path).load() is None
    SmsFile(path).store(CARD, 1_800_000_000, NUMBER)
    assert SmsFile(path).load() == (CARD, 1_800_000_000, NUMBER)
    SmsFile(path).store(CARD, None, NUMBER)
    assert SmsFile(path).load() == (CARD, None, NUMBER)
    SmsFile(path).forget()
    assert SmsFile(path).load() is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"8931",
        b"8931 1",
        b"8931 x +31",
        b"abc 1 +31",
        b"\xff\xfe 1 +31",
        b"1 2 3 4",
        b"1 2\x00 3",
    ],
)
def test_what_is_damaged_is_no_test_that_passed(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "sms").write_bytes(data)
    assert SmsFile(str(tmp_path / "sms")).load() is None
