"""What another process reads while the receiver has the database: of its own release alone."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from nabij.centre import beside
from nabij.centre.database import schema
from nabij.centre.store import BadgeRecord, Store
from nabij.errors import NabijError
from nabij.paths import StatePaths

KEYS = {name: bytes([number]) * 32 for number, name in enumerate(("anna", "bert", "carl"))}


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    return StatePaths(tmp_path)


def test_each_badge_has_its_key_and_who_is_revoked_is_no_badge_in_use(
    each_engine: str, paths: StatePaths
) -> None:
    store = Store(paths)
    for name, key in KEYS.items():
        store.enrol(BadgeRecord(name, key, f"CN={name}", "", 0))
    store.revoke("bert", 1)
    assert {name: beside.key_of(paths, name) for name in KEYS} == KEYS
    assert beside.key_of(paths, "dora") is None
    assert sorted(beside.badge_ids(paths)) == ["anna", "carl"]
    store.close()


@pytest.mark.parametrize("revision", ["0001", "9999", None])
def test_tables_of_another_release_are_read_by_nobody(
    paths: StatePaths, revision: str | None
) -> None:
    Store(paths).close()
    count = sa.select(sa.func.count()).select_from(schema.badge)
    assert beside.read_these(paths, lambda one: one.execute(count).scalar_one()) == 0
    table = schema.revision
    change = table.update().values(version_num=revision) if revision else table.delete()
    engine = sa.create_engine(f"sqlite:///{paths.database}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(change)
    with pytest.raises(beside.OtherReleaseError, match="another release"):
        beside.read_these(paths, lambda one: one.execute(count).scalar_one())


def test_what_is_no_database_is_one_sentence(paths: StatePaths) -> None:
    paths.database.write_bytes(b"no database" * 500)
    with pytest.raises(NabijError) as caught:
        beside.badge_ids(paths)
    assert "\n" not in caught.value.sentence
