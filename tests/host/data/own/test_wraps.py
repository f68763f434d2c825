"""Counters that begin anew: nothing is lost when the next sample comes one step later."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.data.own.timed import rate_of, table


@pytest.mark.parametrize(
    ("title", "holds", "step", "words"),
    [
        ("micros", 1 << 32, 10_000, "anew after 2^32, first"),
        ("t_ms", 1 << 16, 10, "anew after 2^16, first"),
        ("millis", 60_000, 10, "anew after 60000, first"),
        ("t_ms", 86_400_000, 10, "anew after 86400000, first"),
    ],
)
def test_a_counter_that_begins_anew_goes_on(
    tmp_path: Path, title: str, holds: int, step: int, words: str
) -> None:
    own = table(
        tmp_path, [str((holds - 500 * step + at * step) % holds) for at in range(1200)], title
    )
    assert rate_of(own) == [100]
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(11.99)
    assert words in own.notes[0]
    assert "4.99 s from its beginning" in own.notes[0]


def test_a_clock_that_is_set_back_by_something_else_is_split(tmp_path: Path) -> None:
    own = table(
        tmp_path, [str(5000 + (at if at < 600 else at - 900) * 10) for at in range(1200)], "t_ms"
    )
    assert rate_of(own) == [100, 100]
    assert own.notes == ()
