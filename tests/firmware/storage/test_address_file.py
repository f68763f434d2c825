"""The address that was good last, over a restart."""

from pathlib import Path

import pytest

from badge.storage.address_file import AddressFile

GOOD = ("b.example.org", 9000)


def test_the_good_address_outlives_a_restart_and_is_written_once(tmp_path: Path) -> None:
    path = str(tmp_path / "address")
    file = AddressFile(path)
    assert file.load() is None
    assert not file.store_due(None)
    assert file.store_due(GOOD)
    file.store(GOOD)
    assert not file.store_due(GOOD)
    again = AddressFile(path)
    assert again.load() == GOOD
    assert not again.store_due(GOOD)
    assert again.store_due(("a.example.org", 8883))


@pytest.mark.parametrize("damaged", [b"", b"a:b", b"a b", b"\xff\xfe"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "address"
    path.write_bytes(damaged)
    file = AddressFile(str(path))
    assert file.load() is None
    assert file.store_due(GOOD)


def test_flash_that_refuses_is_tried_again_at_times(tmp_path: Path) -> None:
    file = AddressFile(str(tmp_path / "no folder" / "address"))
    tries = 0
    for _ in range(100):
        if file.store_due(GOOD):
            tries += 1
            with pytest.raises(OSError, match="No such file"):
                file.store(GOOD)
    assert 5 <= tries <= 10
