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


def test_flash_that_refuses_is_tried_again_until_it_takes_it(tmp_path: Path) -> None:
    folder = tmp_path / "no folder"
    file = WornFile(str(folder / "worn"))
    assert not file.load()
    tries = 0
    for _ in range(100):
        if file.store_due(is_worn=True):
            tries += 1
            with pytest.raises(OSError, match="No such file"):
                file.store(is_worn=True)
    # Each costs a stall and wear.
    assert 5 <= tries <= 10
    folder.mkdir()
    assert any(file.store_due(is_worn=True) for _ in range(100))
    file.store(is_worn=True)
    assert WornFile(str(folder / "worn")).load()
    assert not file.store_due(is_worn=True)
    # The next change is stored at once.
    assert file.store_due(is_worn=False)


def test_what_flash_refused_and_is_no_longer_so_is_not_stored(tmp_path: Path) -> None:
    file = WornFile(str(tmp_path / "no folder" / "worn"))
    assert file.store_due(is_worn=True)
    with pytest.raises(OSError, match="No such file"):
        file.store(is_worn=True)
    assert not file.store_due(is_worn=False)
    assert file.store_due(is_worn=True)
