"""Secrets of a database: made once, the same for all who ask, each its own."""

from pathlib import Path

import pytest

from nabij.centre.database import kept_secrets
from nabij.centre.store import Store
from nabij.paths import StatePaths

pytestmark = pytest.mark.usefixtures("each_engine")


def test_a_secret_is_made_once_and_is_no_other_ones(tmp_path: Path) -> None:
    found = []
    for _ in "12":
        store = Store(StatePaths(tmp_path))
        names = (kept_secrets.LINKS, kept_secrets.TOKENS)
        found += store.write(lambda one: [kept_secrets.get(one, name) for name in names])  # noqa: B023
        store.write(lambda one: kept_secrets.keep(one, kept_secrets.LINKS, bytes(32)))
        store.close()
    assert found[:2] == found[2:]
    assert len({*found, bytes(32)}) == 3
