"""The picture of a recording: a spike of hours is seen, and so is the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.data.plot import envelope


@given(n=st.integers(2, 30_000), spike=st.integers(0, 29_999))
def test_few_points_keep_every_spike_and_the_rest(n: int, spike: int) -> None:
    values = np.random.default_rng(n).normal(1, 0.05, n)
    values[spike % n] = 9.0
    t_s = np.arange(n) / 104
    drawn_t, drawn = envelope(t_s, values)
    assert len(drawn_t) == len(drawn) <= 4002
    assert (drawn.max(), drawn.min()) == (9.0, values.min())
    assert drawn_t[np.argmax(drawn)] == pytest.approx(t_s[spike % n], abs=n / 104 / 2000 + 0.02)
    assert (np.diff(drawn_t) >= 0).all()
