"""Rates and times: what is imported is true to its stamps, and what was done is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabij.data.common import Floats, UnusableFileError
from nabij.data.timeline import Rules, Settled, settle

RATE_HZ = 100.0
ANY_RATE = Rules()


def motion(n: int, seed: int = 0) -> Floats:
    """Values of which no two are alike."""
    return np.random.default_rng(seed).normal((0, 1000, 0), 300, (n, 3))


def stamps(n: int = 2000, rate_hz: float = RATE_HZ) -> Floats:
    return np.arange(n) / rate_hz


def settled(t_s: Floats, acc: Floats | None = None, rules: Rules = ANY_RATE) -> Settled:
    return settle("walk", t_s, motion(len(t_s)) if acc is None else acc, rules)


def lengths(found: Settled, acc: Floats) -> list[int]:
    return [len(part.samples(acc)) for part in found.parts]


def test_regular_stamps_are_taken_as_they_are() -> None:
    acc = motion(2000)
    found = settled(stamps(), acc)
    (part,) = found.parts
    assert part.rate_hz == 100
    assert np.array_equal(part.samples(acc), acc)
    assert found.note("walk") == ""
    assert found.flags == ()


@pytest.mark.parametrize("every", [1, 50])
def test_rows_that_occur_twice_are_dropped_and_counted(every: int) -> None:
    acc = motion(2000)
    twice = np.sort(np.r_[np.arange(2000), np.arange(0, 2000, every)])
    found = settled(stamps()[twice], acc[twice])
    (part,) = found.parts
    assert part.rate_hz == 100
    assert np.array_equal(part.samples(acc[twice]), acc)
    assert f"rows that occur twice, dropped: {2000 // every}" in found.note("walk")
    assert found.flags == ("doubled",)
    # Rows as they were logged: where a mark is.
    assert part.second_of(int(np.flatnonzero(twice == 1234)[0])) == 12.34


def test_a_file_that_was_put_behind_itself_is_one_recording() -> None:
    acc = motion(500)
    found = settled(np.tile(stamps(500), 2), np.tile(acc, (2, 1)))
    assert [part.rate_hz for part in found.parts] == [100]
    assert lengths(found, np.tile(acc, (2, 1))) == [500]


def test_lost_samples_are_bridged_so_that_time_stays_true() -> None:
    acc, t = motion(2000), stamps()
    kept = np.delete(np.arange(2000), [500, 900, 901])
    found = settled(t[kept], acc[kept])
    (part,) = found.parts
    samples = part.samples(acc[kept])
    assert (part.rate_hz, len(samples)) == (100, 2000)
    assert np.allclose(samples[500], (acc[499] + acc[501]) / 2)
    assert np.allclose(samples[901], (acc[899] + 2 * acc[902]) / 3)
    assert np.array_equal(samples[902:], acc[902:])
    assert found.note("walk") == ("walk: 100 Hz; lost samples, bridged by a straight line: 3.")
    assert part.second_of(1997 - 1) == 19.99


def test_a_rate_that_drifts_is_told_and_flagged() -> None:
    """From 100 to 91 Hz in 20 s: the middle is a quarter of a second off."""
    steps = np.linspace(0.01, 0.011, 1999)
    found = settled(np.concatenate([[0], np.cumsum(steps)]))
    assert found.flags == ("drift",)
    assert found.parts[0].rate_hz == pytest.approx(95.24, abs=0.01)
    assert "drifts from 99" in found.done[0]
    assert "up to 0.25 s off" in found.done[0]


@pytest.mark.parametrize("wrong", [0.999, 1.0, 1.03])
def test_a_crystal_that_is_off_does_not_drift(wrong: float) -> None:
    jitter = np.random.default_rng(1).normal(0, 0.004, 2000)
    assert settled(stamps() * wrong + jitter).flags == ()


@pytest.mark.parametrize("apart", [2, 3, 7, 8, 20])
def test_lost_samples_that_are_near_each_other_are_counted_once(apart: int) -> None:
    acc = motion(2000)
    lost = 700 + apart * np.arange(8)
    found = settled(np.delete(stamps(), lost), np.delete(acc, lost, axis=0))
    assert lengths(found, acc) == [2000]
    assert found.parts[0].rate_hz == 100
    assert found.parts[0].filled.tolist() == [1] * 8


def test_a_long_gap_splits_the_recording() -> None:
    kept = np.r_[0:300, 900:2000]
    found = settled(stamps()[kept])
    assert [(part.start, part.stop, part.rate_hz) for part in found.parts] == [
        (0, 300, 100),
        (300, 1400, 100),
    ]
    assert found.note("walk") == (
        "walk: 100 Hz; gap of 6.01 s after 2.99 s; split there into 2 recordings."
    )
    assert found.parts[1].second_of(300) == 0
    assert found.parts[0].second_of(300) is None


def test_the_bridge_is_as_long_as_stated() -> None:
    kept = np.delete(np.arange(2000), range(500, 530))
    assert len(settled(stamps()[kept]).parts) == 2
    assert len(settled(stamps()[kept], rules=Rules(bridge_s=0.3)).parts) == 1


def test_a_clock_that_was_set_back_splits_the_recording() -> None:
    t = stamps()
    t[1200:] -= 7
    found = settled(t)
    assert [part.rate_hz for part in found.parts] == [100, 100]
    assert [part.start for part in found.parts] == [0, 1200]
    assert "clock set back by 6.99 s after 11.99 s" in found.note("walk")


@pytest.mark.parametrize("at", [0, 700, 1999])
@pytest.mark.parametrize("wrong_s", [-300.0, 3.3, 1e9])
def test_one_wrong_stamp_changes_no_rate(at: int, wrong_s: float) -> None:
    t = stamps()
    t[at] = wrong_s
    acc = motion(2000)
    found = settled(t, acc)
    (part,) = found.parts
    assert part.rate_hz == 100
    assert len(part.samples(acc)) >= 1999
    assert found.flags


@pytest.mark.parametrize("rate_hz", [26.0, 52.0, 87.93, 104.0, 238.0, 1000.0])
@pytest.mark.parametrize("tick_s", [0.001, 0.01, 1.0])
def test_coarse_stamps_still_tell_the_rate(rate_hz: float, tick_s: float) -> None:
    t = np.floor((stamps(6000, rate_hz) + 0.377) / tick_s) * tick_s
    (part,) = settled(t).parts
    assert part.rate_hz == pytest.approx(rate_hz, rel=0.01)


@pytest.mark.parametrize("step_s", [0.02, 0.0125, 0.006])
def test_a_rate_that_changes_is_refused(step_s: float) -> None:
    t = np.cumsum(np.r_[np.full(1500, 0.01), np.full(1000, step_s)])
    with pytest.raises(UnusableFileError, match="does not keep one rate"):
        settled(t)


@pytest.mark.parametrize(
    ("t_s", "complaint"),
    [
        (np.zeros(100), "do not advance"),
        (np.array([0.0]), "has 1 samples"),
        (stamps(100, 1.0), "has 1 samples a second"),
        (stamps(100, 30_000.0), r"has 3e\+04 samples a second"),
        (np.tile([0.0, 5.0, 9.0], 40), "."),
    ],
)
def test_what_has_no_rate_is_refused_in_one_sentence(t_s: Floats, complaint: str) -> None:
    with pytest.raises(UnusableFileError, match=complaint) as raised:
        settled(t_s)
    assert raised.value.sentence.startswith("walk ")
    assert raised.value.sentence.endswith(".")


def test_rows_in_another_order_are_sorted() -> None:
    acc = motion(500)
    order = np.arange(500)
    order[100], order[107] = 107, 100
    found = settled(stamps(500)[order], acc[order])
    assert found.order is not None
    (part,) = found.parts
    assert np.array_equal(part.samples(acc[order][found.order]), acc)
    assert "rows out of order, sorted by time: 2" in found.note("walk")
    newest_first = settled(stamps(500)[::-1], acc[::-1])
    assert newest_first.parts[0].rate_hz == 100
    assert newest_first.order is not None


def test_a_told_rate_counts_and_stamps_that_say_another_are_told_back() -> None:
    found = settled(stamps(), rules=Rules(told_hz=50))
    assert found.parts[0].rate_hz == 50
    assert found.note("walk") == "walk: 50 Hz; as told, although its time stamps say 100 Hz."
    assert settled(stamps(), rules=Rules(told_hz=100)).done == ()


@settings(derandomize=True)
@given(
    rate_hz=st.floats(20, 800),
    jitter=st.floats(0, 0.8),
    tick_s=st.sampled_from([0.0, 0.001]),
    holes=st.lists(st.tuples(st.integers(60, 1900), st.integers(1, 120)), max_size=4),
    seed=st.integers(0, 9),
)
def test_whatever_is_lost_every_part_is_true_to_its_stamps(
    rate_hz: float, jitter: float, tick_s: float, holes: list[tuple[int, int]], seed: int
) -> None:
    """A sample is never farther from its stamp than a bridge, beyond what the stamps waver."""
    rng = np.random.default_rng(seed)
    true_s = stamps(3000, rate_hz)
    t = true_s + rng.uniform(0, jitter / rate_hz, 3000)
    lost = np.concatenate([np.arange(at, at + n) for at, n in holes] or [np.empty(0, int)])
    kept = np.setdiff1d(np.arange(3000), lost.astype(int))
    t = np.round(t[kept] / tick_s) * tick_s if tick_s else t[kept]
    try:
        found = settle("x", t, motion(len(t)), ANY_RATE)
    except UnusableFileError:
        # Too much is missing to be sure.
        assert holes
        return
    for part in found.parts:
        assert part.rate_hz == pytest.approx(rate_hz, rel=0.03)
        rows = np.arange(part.start, part.stop)
        index_s = np.array([part.second_of(int(row)) for row in rows[::7]])
        stray = index_s - (true_s[kept][rows[::7]] - true_s[kept][rows[0]])
        assert np.abs(stray).max() < 0.2 + 0.02 * (part.stop - part.start) / rate_hz


def test_few_rows_with_coarse_stamps_are_refused() -> None:
    with pytest.raises(UnusableFileError, match=r"too short for time stamps that count in 0\.1 s"):
        settled(np.floor(stamps(84) * 10) / 10)
