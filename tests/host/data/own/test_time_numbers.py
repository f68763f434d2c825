"""The unit of times that are numbers: by their size as dates, by their steps, or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.recording import read_own
from tests.host.data.own.timed import rate_of, table
from tests.host.data.tables import EPOCH_S


def refusal(folder: Path, times: list[str], title: str = "timestamp") -> str:
    with pytest.raises(UnusableFileError) as raised:
        table(folder, times, title)
    return raised.value.sentence


@pytest.mark.parametrize(
    ("step_s", "said"), [(1, "in s means 1 "), (5, "in s means 0.2 "), (60, "in s means 0.0167 ")]
)
@pytest.mark.parametrize("title", ["timestamp", "epoch time", ""])
def test_epochs_of_seconds_are_no_samples(
    tmp_path: Path, step_s: int, said: str, title: str
) -> None:
    sentence = refusal(tmp_path, [f"{EPOCH_S + at * step_s:.0f}" for at in range(400)], title)
    assert said in sentence
    assert "10 to 2000, so that this is too slow to show a fall" in sentence
    assert "--time-unit s " not in sentence
    assert "--source-rate" not in sentence


@pytest.mark.parametrize("rate_hz", [0.5, 1, 2, 5, 7, 9.5])
@pytest.mark.parametrize(("title", "tick_s"), [("t", 1), ("t_ms", 1e-3), ("time", 1e-3)])
def test_what_is_too_slow_is_told_so_and_never_becomes_thousands(
    tmp_path: Path, rate_hz: float, title: str, tick_s: float
) -> None:
    sentence = refusal(tmp_path, [f"{at / rate_hz / tick_s:.4f}" for at in range(400)], title)
    assert f" {rate_hz:.3g} samples a second: a recording has 10 to 2000" in sentence


def test_an_epoch_file_in_ms_does_not_become_one_in_us(tmp_path: Path) -> None:
    times = [f"{(EPOCH_S + at * 5) * 1000 + at % 3:.0f}" for at in range(400)]
    assert "in ms means 0.2 samples" in refusal(tmp_path, times)


def test_a_counter_of_a_telephone_is_not_taken_for_a_date(tmp_path: Path) -> None:
    """Android counts ns from its start: after three weeks they look like µs of a date."""
    rng = np.random.default_rng(1)
    times = [f"{1.79e15 + at * 1e7 + rng.integers(200_000):.0f}" for at in range(400)]
    own = table(tmp_path, times)
    assert "in ns (by its steps)" in own.taken.time
    assert rate_of(own) == [100]


def test_micros_of_half_an_hour_are_not_taken_for_a_date(tmp_path: Path) -> None:
    own = table(tmp_path, [f"{1_790_000_000 + at * 10_000}" for at in range(400)])
    assert "in us (by its steps)" in own.taken.time
    assert rate_of(own) == [100]


@pytest.mark.parametrize(
    ("first", "step", "unit"),
    [
        (134_068_545_000_000_000, 100_000, "100ns"),
        (639_080_000_000_000_000, 100_000, "100ns"),
        (1_793_693_700_000_000_000, 10_000_000, "ns"),
        (1_793_693_700_000, 10, "ms"),
    ],
)
def test_dates_of_computers_are_known_by_their_size(
    tmp_path: Path, first: int, step: int, unit: str
) -> None:
    own = table(tmp_path, [str(first + at * step) for at in range(400)])
    assert f"in {unit} (by its size, that of a date)" in own.taken.time
    assert rate_of(own) == [pytest.approx(100, rel=1e-3)]


def test_a_unit_that_is_told_counts(tmp_path: Path) -> None:
    own = table(tmp_path, [f"{at * 0.5}" for at in range(400)], told=Told(time_unit="ms"))
    assert rate_of(own) == [2000]


@pytest.mark.parametrize("start_s", [81_590, 35_990, 50])
def test_hhmmss_in_digits_has_no_gap_each_minute(tmp_path: Path, start_s: int) -> None:
    def digits(at: int, per_s: int) -> str:
        second, left = divmod(at, per_s)
        second += start_s
        fraction = left / per_s
        return f"{second // 3600:02}{second // 60 % 60:02}{second % 60 + fraction:05.2f}"

    own = table(tmp_path, [digits(at, 50) for at in range(1200)], "utc_time")
    assert rate_of(own) == [50]
    assert own.notes == ("one.csv has its time as hhmmss in digits.",)
    whole = [digits(at, 50).replace(".", "") + "0" for at in range(1200)]
    assert rate_of(table(tmp_path, whole, "time_ms")) == [50]


def test_seconds_that_count_on_are_no_hhmmss(tmp_path: Path) -> None:
    own = table(tmp_path, [f"{81_550 + at / 20:.2f}" for at in range(1200)])
    assert rate_of(own) == [20]
    assert own.notes == ()


def test_a_time_with_a_separator_between_thousands_is_read_or_called_that(tmp_path: Path) -> None:
    times = [f'"{at * 10:,}"' for at in range(400)]
    assert rate_of(table(tmp_path, times, "t_ms")) == [100]
    times = [time.replace(",", ".") for time in times]
    assert "can only be 1000: export it without" in refusal(tmp_path, times, "t_ms")


@pytest.mark.parametrize(("tick_s", "rate_hz"), [(1e-4, 100), (1e-4, 20), (1e-6, 60), (1e-6, 120)])
def test_xsens_counts_100_us_and_its_dot_1_us(tmp_path: Path, tick_s: float, rate_hz: int) -> None:
    """By its steps alone the first would be ms at a tenth of its rate."""
    times = [f"{123_456_789 + at / rate_hz / tick_s:.0f}" for at in range(400)]
    own = table(tmp_path, times, "SampleTimeFine")
    assert rate_of(own) == [pytest.approx(rate_hz, rel=1e-3)]
    told = table(tmp_path, times, "ticks", Told(time_unit="100us" if tick_s == 1e-4 else "us"))
    assert rate_of(told) == rate_of(own)


def test_whole_numbers_of_ms_beside_decimal_commas_are_called_grouped(tmp_path: Path) -> None:
    times = [f"{at * 10:,}".replace(",", ".") for at in range(400)]
    lines = ["t (ms);x (g);y (g);z (g)", *(f"{time};0,104;-0,205;0,970" for time in times)]
    (tmp_path / "one.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(UnusableFileError, match="can only be 1000: export it without"):
        read_own(tmp_path / "one.csv", "one.csv", Told())


def test_a_clock_that_never_moves_is_refused_with_what_helps(tmp_path: Path) -> None:
    times = ["5"] * 400
    own = table(tmp_path, times, "t_ms")
    with pytest.raises(UnusableFileError, match="--time none and --source-rate if no sample is"):
        rate_of(own)
    assert rate_of(table(tmp_path, times, "t_ms", Told(time="none", rate_hz=100))) == [100]


def test_a_clock_of_1024_a_second_is_told_of_and_read_as_it_is_told(tmp_path: Path) -> None:
    ticks = [f"{round(at * 10.24)}" for at in range(1200)]
    own = table(tmp_path, ticks)
    (said,) = own.notes
    assert "by which its rate is 97.65 Hz; if its clock counts 1/1024 s, it is 100.00" in said
    told = table(tmp_path, ticks, told=Told(time_unit="1/1024s"))
    assert rate_of(told) == [pytest.approx(100, abs=0.05)]
    assert told.notes == ()
    assert table(tmp_path, ticks, "t (1/1024 s)").taken.time.endswith("(by its heading)")


@pytest.mark.parametrize("step", [10, 8, 20, 10.7])
def test_a_usual_rate_in_ms_is_not_doubted(tmp_path: Path, step: float) -> None:
    assert table(tmp_path, [f"{round(at * step)}" for at in range(1200)]).notes == ()


def test_a_clock_of_a_watch_crystal_is_proposed_where_its_rate_is_a_usual_one(
    tmp_path: Path,
) -> None:
    with pytest.raises(UnusableFileError, match="give --time-unit 1/32768s only if it is"):
        table(tmp_path, [f"{at * 640}" for at in range(1200)])


@pytest.mark.parametrize(("digits", "within"), [(10, 1e-3), (8, 1e-3), (5, 0.1)])
def test_serial_dates_of_a_spreadsheet_are_times(
    tmp_path: Path, digits: int, within: float
) -> None:
    """45000.35 is in 2023; a spreadsheet that shows few digits writes the same for many rows."""
    dates = [f"{45_000.35 + at / 100 / 86_400:.{digits}f}" for at in range(1200)]
    own = table(tmp_path, dates, "Zeit")
    assert own.taken.time == "'Zeit' in days (by its steps)"
    assert rate_of(own) == [pytest.approx(100, abs=within)]
