"""What the tests on the receiver start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.centre.deadline_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A receiver's database, and clocks that only the test moves."""
    world = World(tmp_path)
    yield world
    world.close()
