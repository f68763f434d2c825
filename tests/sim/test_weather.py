"""In whatever weather: no alarm lost, one incident each, and the wearer told in time."""

import os
from pathlib import Path

import pytest

from tests.sim import weather
from tests.sim.weather_record import WORDS
from tests.worlds import Site

# 70 meet no modem that is reset in a window of satellites; each is 1.2 s of a processor.
SEEDS = 80
SOAK_SEEDS = 10_000
# Where a campaign goes on.
FIRST = int(os.environ.get("WEATHER_FROM", "1"))


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_an_alarm_gets_through_the_weather_of(site: Site, tmp_path: Path, seed: int) -> None:
    drawn = weather.drawn(seed)
    assert not weather.faults(drawn, weather.lived(site, tmp_path, drawn)), drawn


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SOAK_SEEDS))
def test_an_alarm_gets_through_every_weather(site: Site, tmp_path: Path, seed: int) -> None:
    drawn = weather.drawn(seed)
    assert not weather.faults(drawn, weather.lived(site, tmp_path, drawn)), drawn


def test_all_that_is_to_be_weathered_is_drawn_and_nothing_without_a_word() -> None:
    met = set[str]().union(*(weather.drawn(seed).words for seed in range(1, SOAK_SEEDS // 10)))
    assert met == WORDS


def test_what_is_tested_each_time_meets_nearly_all_of_it() -> None:
    met = set[str]().union(*(weather.drawn(seed).words for seed in range(1, SEEDS + 1)))
    assert WORDS - met <= {"torn off"}
