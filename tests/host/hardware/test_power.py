"""hardware/power.toml: each figure has a source or says that it is an assumption, and bounds."""

from pathlib import Path

import pytest

from badge.core.power_policy import BEGINS_PERCENT, LAST, RESERVE
from nabij.hardware import boards, power
from nabij.hardware.quantity import CASES

STATES = {
    "mcu": {"off", "run", "wait", "sleep"},
    "modem": {"off", "sleep", "idle", "search", "active", "tail"},
    "imu": {"off", "on"},
    "motor": {"off", "on"},
    "board": {"off", "on"},
}

LISTENING = ("ble", "scan")


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
    assert "2500 mAh" in boards.load(power.REFERENCE_BOARD).sources["battery"]


def test_a_converter_turns_a_current_at_its_rail_into_less_or_more_at_the_battery() -> None:
    figures = power.load()
    # 10 mA at 3.0 V are 30 mW; 85 % of what comes out of 3.7 V: 9.5 mA.
    assert figures.parts["modem"]["idle"].ua == 10_000
    assert figures.battery_ua("modem", "idle") == pytest.approx(30_000 / 0.85 / 3.7, abs=1)
    assert figures.battery_ua("board", "on") == 340


def test_an_assumption_may_be_half_or_twice_and_what_is_specified_is_not_in_doubt() -> None:
    figures = power.load()
    assert [figures.parts["modem"]["tail"].current.drawn(case) for case in CASES] == [
        30_000,
        15_000,
        60_000,
    ]
    idle = figures.parts["modem"]["idle"].current
    assert idle.low == idle.value == idle.high


def test_the_doubt_covers_times_the_usable_part_and_the_converters() -> None:
    figures = power.load()
    assert figures.timing_ms("worst") == {"active_ms": 600, "tail_ms": 20_000}
    assert figures.timing_ms("best") == {"active_ms": 150, "tail_ms": 5_000}
    # What is lost may be half or twice as much: 15 % of 100.
    assert (figures.usable.low, figures.usable.high) == (70, 92.5)
    worst = figures.battery_ua("modem", "idle", "worst")
    assert worst == pytest.approx(figures.battery_ua("modem", "idle") * 85 / 70)


def test_what_was_measured_stands_in_place_of_the_assumption_and_is_not_doubted(
    tmp_path: Path,
) -> None:
    measured = (
        'measured = { ua = 61_000, by = "A. de Vries", date = 2026-11-28, board_rev = "V1" }'
    )
    figure = power.load(edited(tmp_path, "ua = 55_000", f"ua = 55_000\n{measured}")).parts["mcu"][
        "run"
    ]
    assert figure.ua == figure.current.drawn("worst") == 61_000
    assert not figure.assumed
    assert figure.source == "measured by A. de Vries on 2026-11-28, board V1"


def test_a_time_can_be_measured_too(tmp_path: Path) -> None:
    measured = 'tail_measured = { ms = 7_300, by = "A", date = 2026-11-28, board_rev = "V1" }'
    figures = power.load(edited(tmp_path, "tail_range = [5_000, 20_000]", measured))
    assert {figures.timing_ms(case)["tail_ms"] for case in CASES} == {7300}


def test_what_somebody_tells_of_network_and_cell_is_not_doubted() -> None:
    figures = power.load().told(tail_ma=60, tail_s=20, capacity_mah=1000)
    assert figures.battery_mah == 1000
    assert {figures.timing_ms(case)["tail_ms"] for case in CASES} == {20_000}
    tail = figures.parts["modem"]["tail"]
    assert {tail.current.drawn(case) for case in CASES} == {60_000}
    assert not tail.assumed
    assert figures.timing_ms("worst")["active_ms"] == 600


def test_the_light_beside_the_modem_takes_what_its_resistor_lets_through() -> None:
    """A red LED at 1.8 V behind 390 ohm: well below half a milliampere."""
    light = power.load().parts["status_light"]["on"].current
    assert light.high <= 500
    assert light.value == pytest.approx((1.8 - 1.7) / 390 * 1e6, rel=0.05)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('source = "no supply"', 'source = ""', "source"),
        ("ua = 55_000", "ua = 55.5", "whole number"),
        ("ua = 55_000", "", "'ua'"),
        ('active_source = "', 'other = "', "active_ms"),
        ("[battery]", "[cell]", "[battery]"),
        ("usable_percent = 85", "usable_percent = 85\ncapacity_mah = 9", "'capacity_mah'; remove"),
        ("usable_percent = 85", "usable_percent = 120", "write 1 to 100"),
        ("tail_range = [5_000, 20_000]", "tail_range = [11_000, 20_000]", "around 10000"),
        ("tail_range = [5_000, 20_000]", "tail_range = 5_000", "[least, most]"),
        ("range = [340, 1_200]", "rnage = [340, 1_200]", "unknown entry 'rnage'"),
        ("range = [340, 1_200]", "measured = 350", "ua = 123"),
        ("range = [340, 1_200]", "measured = { ua = 350 }", "ua = 123"),
        (
            "range = [340, 1_200]",
            'measured = { ua = 350, by = "", date = 2026-11-28, board_rev = "V1.0" }',
            "without a name",
        ),
        (
            "range = [340, 1_200]",
            'measured = { ua = 350, by = "A", date = "today", board_rev = "V1.0" }',
            "whose date is none",
        ),
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
        # What is kept is not for others: by then only a tag is listened for, 2 s a minute.
        max(figures.battery_ua(part, state) for state in states if (part, state) != LISTENING)
        for part, states in figures.parts.items()
        # The reference board has no WLAN.
        if part != "wlan"
    )
    needed_mah = worst_ua / 1000 * 11 / 60
    reserve = BEGINS_PERCENT[RESERVE] - BEGINS_PERCENT[LAST]
    assert figures.battery_mah * reserve / 100 > 2 * needed_mah
