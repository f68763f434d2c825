"""The gauge of a board without a power chip: what its cell's voltage says, through the noise."""

import json
from typing import Any

import pytest

from tests.mp import run_mp

RIG = """
import json
from badge.drivers.adc_gauge import AdcGauge

class Adc:
    def __init__(self, looks):
        self.looks = list(looks)
    def read_uv(self):
        return self.looks.pop(0)

def told(looks):
    reading = AdcGauge(Adc(looks), 2).read()
    return [reading.battery_mv, reading.percent, reading.vbus, reading.charging]
"""


def told(looks: list[int]) -> Any:
    return json.loads(run_mp(f"{RIG}\nprint(json.dumps(told({looks!r})))"))


def test_the_middle_of_its_looks_counts() -> None:
    looks = [1_900_000] * 5 + [1_000, 9_000_000, 2_500_000, 10]
    assert told(looks)[0] == 3_800


@pytest.mark.parametrize(
    ("mv", "percent"), [(4200, 100), (4150, 100), (3880, 60), (3600, 8), (3300, 0), (2600, 0)]
)
def test_the_voltage_says_what_is_left(mv: int, percent: int) -> None:
    assert told([mv * 500] * 9)[1] == percent


def test_without_a_cell_and_of_a_charger_it_says_that_it_does_not_know() -> None:
    assert told([0] * 9) == [None, None, None, None]
    assert told([2_000_000] * 9)[2:] == [None, None]
