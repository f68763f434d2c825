"""The figures of docs/power.md are what the virtual badge takes."""

import re

import pytest

from nabij.hardware import power
from nabij.virtual import energy, power_docs
from tests.places import DOCS

PAGE = (DOCS / "power.md").read_text(encoding="utf-8")
AGAIN = "python -m nabij.virtual.power_docs --write docs/power.md"


def numbers(line: str) -> list[float]:
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", line)]


def told(name: str) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(f"| {name} |"))


def test_each_configuration_of_the_table_is_on_the_page() -> None:
    for name, _ in power_docs.ROWS:
        assert told(name), AGAIN


def test_the_hours_of_the_page_are_those_of_a_badge_now() -> None:
    name, settings = power_docs.ROWS[0]
    row = power_docs.row(name, energy.shift(power_docs.SHORT_HOURS, settings))
    assert numbers(told(name)) == pytest.approx(numbers(row), rel=0.03), AGAIN


def test_the_account_of_a_shift_says_of_each_part_what_its_figure_is() -> None:
    figures = power.load()
    figured = PAGE.partition("<!-- figures")[2].splitlines()
    for (part, state), name in power_docs.NAMES.items():
        line = next((line for line in figured if line.startswith(f"| {name} |")), None)
        if line is not None:
            figure = "assumption" if figures.parts[part][state].assumed else "source"
            assert line.endswith(f"| {figure} |"), AGAIN
