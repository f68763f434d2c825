"""hardware/power.toml: each figure has a source or says that it is an assumption."""

from pathlib import Path

import pytest

from badge.core.power_policy import BEGINS_PERCENT, LAST, RESERVE
from nabij.hardware import power

STATES = {
    "mcu": {"off", "run", "wait", "sleep"},
    "modem": {"off", "sleep", "idle", "search", "active", "tail"},
    "imu": {"off", "on"},
    "motor": {"off", "on"},
    "board": {"off", "on"},
}


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = power.FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "power.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def test_every_part_and_state_that_the_simulator_charges_has_a_figure() -> None:
    figures = power.load()
    for part, states in STATES.items():
        assert states <= set(figures.parts[part])
    assert all(figure.source for states in figures.parts.values() for figure in states.values())


def test_the_battery_class_is_stated_with_its_source() -> None:
    assert power.load().battery_mah == 2500
    assert "capacity_source" in power.FILE.read_text(encoding="utf-8")


def test_a_converter_turns_a_current_at_its_rail_into_less_or_more_at_the_battery() -> None:
    modem = power.load().parts["modem"]["idle"]
    # 10 mA at 3.0 V are 30 mW; 85 % of what comes out of 3.7 V: 9.5 mA.
    assert modem.ua == 10_000
    assert modem.battery_ua == pytest.approx(30_000 / 0.85 / 3.7, abs=1)
    assert power.load().parts["board"]["on"].battery_ua == 340


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('source = "no supply"', 'source = ""', "source"),
        ("ua = 55_000", "ua = 55.5", "whole number"),
        ("ua = 55_000", "", "'ua'"),
        ('active_source = "', 'other = "', "active_ms"),
        ("[battery]", "[cell]", "[battery]"),
        ("[mcu.off]", "[mcu.off", "cannot be read"),
    ],
)
def test_a_figure_that_is_wrong_is_refused_in_one_sentence(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(power.PowerError) as error:
        power.load(edited(tmp_path, old, new))
    assert says in error.value.sentence


@pytest.mark.requirement("R12")
def test_the_reserve_of_the_ladder_holds_ten_minutes_of_everything_at_once() -> None:
    """From 8 % to 3 % of the reference cell: one alarm and ten minutes of news, at the worst."""
    figures = power.load()
    worst_ua = sum(
        max(figure.battery_ua for figure in states.values()) for states in figures.parts.values()
    )
    needed_mah = worst_ua / 1000 * 11 / 60
    reserve = BEGINS_PERCENT[RESERVE] - BEGINS_PERCENT[LAST]
    assert figures.battery_mah * reserve / 100 > 2 * needed_mah
