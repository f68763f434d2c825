"""What the tests on the receiver start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre.database.place import choose
from nabij.paths import StatePaths
from tests.host.centre import postgres
from tests.host.centre.deadline_world import World


@pytest.fixture(scope="session")
def server(run_folder: Path) -> postgres.Postgres:
    """PostgreSQL, one for all workers of the run."""
    return postgres.or_skip(run_folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def each_engine(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database of a receiver whose state folder is tmp_path: a file, or on the server."""
    if request.param == "postgresql":
        server: postgres.Postgres = request.getfixturevalue("server")
        choose(StatePaths(tmp_path), server.new_schema())
    return str(request.param)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A receiver's database, and clocks that only the test moves."""
    world = World(tmp_path)
    yield world
    world.close()
