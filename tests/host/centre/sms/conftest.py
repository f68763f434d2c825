"""What the tests on SMS start from."""

import pytest

from tests.host.centre.deadline_world import World
from tests.host.centre.sms.house import House


@pytest.fixture
def house(world: World) -> House:
    """Services are set, and the badge has a number."""
    return House(world)
