"""A house of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.gateway.air import Air
from tests.host.gateway.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Air() as air:
        house = House(tmp_path / "state", air)
        with house.receiver:
            yield house
