"""What the tests of the keeper start from."""

import pytest

from tests.host.centre.keeper.keeper_world import KeeperWorld


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> KeeperWorld:
    """A keeper with the key of one shift, for all examples of a property."""
    world = KeeperWorld(tmp_path_factory.mktemp("keeper"))
    world.begin()
    return world
