"""UTC arithmetic against the library of CPython."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from badge.core import utc


@given(st.integers(0, 4_102_444_799))
def test_seconds_and_dates_are_those_of_the_calendar(utc_s):
    when = dt.datetime.fromtimestamp(utc_s, dt.UTC)
    parts = (when.year, when.month, when.day, when.hour, when.minute, when.second)
    assert utc.to_civil(utc_s) == parts
    assert utc.from_civil(*parts) == utc_s
