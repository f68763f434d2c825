"""A copy that is asked for comes, or the reason why not; nothing stays behind."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from nabij.centre.database.lock import FolderLock
from nabij.centre.store import Store
from nabij.centre.upkeep.copies import FORGOTTEN_S, CopyWatch, copied
from nabij.errors import NabijError
from nabij.paths import StatePaths


def test_without_a_receiver_it_is_made_at_once(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    Store(paths).close()
    with copied(paths) as file:
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_size > 100_000
    assert list(paths.copy_requests.iterdir()) == []
    assert not FolderLock.is_held(paths.lock)


def test_a_receiver_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    store = Store(paths)
    with pytest.raises(NabijError, match="did not begin a copy"), copied(paths, begun_s=0.1):
        pytest.fail("there is none")
    store.close()
    assert list(paths.copy_requests.iterdir()) == []


def test_a_receiver_that_cannot_says_why_and_forgets_what_nobody_fetched(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    store = Store(paths)
    paths.copy_requests.mkdir(parents=True)
    (paths.copy_requests / "a.wanted").touch()
    # In its way.
    (paths.copy_requests / "a.part").mkdir()
    old = paths.copy_requests / "b.db"
    old.touch()
    os.utime(old, (0, old.stat().st_mtime - FORGOTTEN_S - 1))
    with pytest.raises(OSError, match="directory"):
        asyncio.run(CopyWatch(paths, store).look())
    (paths.copy_requests / "a.part").rmdir()
    asyncio.run(CopyWatch(paths, store).look())
    store.close()
    assert [one.name for one in paths.copy_requests.iterdir()] == ["a.db"]
