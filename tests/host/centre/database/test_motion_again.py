"""A database that a command of an older release made without the tables of motion."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from nabij.centre.database import engines, schema
from nabij.centre.database.place import place_of
from nabij.centre.store import Store
from nabij.paths import StatePaths


@pytest.mark.parametrize("has_motion", [False, True])
def test_a_database_that_was_made_without_the_tables_of_motion_gets_them(
    tmp_path: Path, has_motion: bool
) -> None:
    Store(StatePaths(tmp_path)).close()
    database = sqlite3.connect(tmp_path / "nabij.db")
    if not has_motion:
        database.executescript("DROP TABLE motion_piece; DROP TABLE motion_upload;")
    # What came after it.
    for column in ("said_s", "off_ms"):
        database.execute(f"ALTER TABLE carried DROP COLUMN {column}")
    database.execute("UPDATE alembic_version SET version_num = '0034'")
    database.commit()
    database.close()
    Store(StatePaths(tmp_path)).close()
    with engines.owned(place_of(StatePaths(tmp_path))).connect() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, schema.metadata)
    assert [one for one in differences if one[1].name != schema.revision.name] == []
