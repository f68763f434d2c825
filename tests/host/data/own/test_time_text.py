"""Moments as text: the forms of programs and of languages, each at its true second."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from nabij.data.own.time_text import has_form, read_clock, read_compact
from tests.host.data.own.timed import rate_of, table

START = dt.datetime(2026, 11, 3, 11, 59, 55, tzinfo=dt.UTC)


def digits(when: dt.datetime, form: str) -> str:
    return when.strftime(form).replace("$f", f"{when.microsecond // 1000:03d}")


@pytest.mark.parametrize(
    "form",
    [
        *("%d-%b-%Y %H:%M:%S.$f", "%a %b %d %H:%M:%S.$f %Y", "%b %d, %Y %I:%M:%S.$f %p"),
        *("%Y-%m-%d %H:%M:%S.$f GMT+1", "%Y-%m-%dT%H:%M:%S.$f+01:00[Europe/Amsterdam]"),
        *("%d/%m/%Y %I:%M:%S.$f @", "%Y-%m-%d %H:%M:%S.$f UTC+01:00", "%Y%m%d%H%M%S$f"),
        *("%Y%m%dT%H%M%S.$f", "%Y%m%d_%H%M%S.$fZ", "%Y-%m-%d %H:%M:%S.$f CET"),
        *("%d mrt 2026 %H:%M:%S.$f", "%d. Dez. 2026 %H:%M:%S,$f", "%Y%m%d %H%M%S$f"),
        *("%a %b %d %H:%M:%S.$f CET %Y", "%H:%M:%S.$f", "%I:%M:%S.$f"),
    ],
)
def test_a_form_of_date_and_time_is_read_over_noon_without_a_gap(
    tmp_path: Path, form: str
) -> None:
    times = []
    for at in range(1000):
        when = START + dt.timedelta(milliseconds=10 * at)
        half = "a. m." if when.hour < 12 else "p.\N{NO-BREAK SPACE}m."
        times.append(f'"{digits(when, form).replace("@", half)}"')
    own = table(tmp_path, times, "Date")
    assert rate_of(own) == [100]
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(9.99)


def test_a_month_by_its_name_is_that_month() -> None:
    for first, second in (
        ("28-Feb-2026 23:59:59", "01-Mar-2026 00:00:00"),
        ("31 mei 2026 23:59:59", "1 juni 2026 00:00:00"),
        ("31. Mai 2026 23:59:59", "1. Juni 2026 00:00:00"),
        ("31 dic 2026 23:59:59", "1 ene 2027 00:00:00"),
    ):
        parts = [has_form(one) for one in (first, second)]
        assert all(parts), (first, second)
        dates = [one["date"] for one in parts if one]
        days = [dt.date.fromisoformat(one) for one in dates]
        assert (days[1] - days[0]).days == 1


def test_what_is_no_moment_has_no_seconds() -> None:
    cells = ["", "nothing", "20261399", "12"]
    for seconds in (read_compact(cells), read_clock(cells, {})):
        assert np.isnan(seconds).all()


@pytest.mark.parametrize(
    "form",
    ["0 days 00:00:{:09.6f}", "1 day, 0:00:{:09.6f}", "{:g} sec", "{:.3f} s", "{:.2f}s"],
)
def test_a_duration_of_pandas_python_or_matlab_is_read(tmp_path: Path, form: str) -> None:
    own = table(tmp_path, [f'"{form.format(at / 100)}"' for at in range(1000)], "Time")
    assert rate_of(own) == [100]
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(9.99)
