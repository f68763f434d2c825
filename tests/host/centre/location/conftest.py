"""What the tests of location outside alarms start from."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.centre.deadline_world import World
from tests.host.centre.location.location_world import LocationWorld


@pytest.fixture
def place(
    each_engine: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocationWorld]:
    """Records on each engine, a wearer with a badge, and no keeper yet."""
    assert each_engine
    world = World(tmp_path)
    # A path that is short enough for a socket.
    one = LocationWorld(tmp_path_factory.mktemp("k"), world, os.getuid())
    yield one
    world.close()
