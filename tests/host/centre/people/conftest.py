"""A receiver's database with a badge in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre.store import BadgeRecord, Store
from nabij.paths import StatePaths

KEY = bytes(range(32))


@pytest.fixture
def store(each_engine: str, tmp_path: Path) -> Iterator[Store]:
    """On each engine; badges a, b and c are enrolled, c is revoked."""
    store = Store(StatePaths(tmp_path))
    for badge in ("a", "b", "c"):
        store.enrol(BadgeRecord(badge, KEY, f"CN={badge}", "On the label", 0))
    store.revoke("c", 1)
    yield store
    store.close()
