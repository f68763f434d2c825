"""Whether the badge was worn, over a loss of power."""

from pathlib import Path

import pytest

from badge.storage.worn_file import WornFile


def test_whether_it_was_worn_outlives_a_loss_of_power(tmp_path: Path) -> None:
    path = str(tmp_path / "worn")
    file = WornFile(path)
    assert not file.load()
    assert not file.store_due(is_worn=False)
    for is_worn in (True, False, True):
        assert file.store_due(is_worn=is_worn)
        file.store(is_worn=is_worn)
        assert not file.store_due(is_worn=is_worn)
        assert WornFile(path).load() == is_worn
        assert file.load() == is_worn


def test_a_full_flash_is_tried_once_a_change(tmp_path: Path) -> None:
    file = WornFile(str(tmp_path / "no folder" / "worn"))
    assert not file.load()
    with pytest.raises(OSError, match="No such file"):
        file.store(is_worn=True)
    assert not file.store_due(is_worn=True)
