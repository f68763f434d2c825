"""Haptic patterns: told apart without looking, never stronger than configured."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.wearer.feedback import SIGNALS
from badge.core.wearer.haptics import PATTERNS, pattern
from nabij.documents.haptic_feel import distance, length_ms

# One pulse more, or one one and a half times as long as the other: 100 and 50.
CLEARLY_DIFFERENT = 150
PAIRS = list(combinations(sorted(PATTERNS), 2))

PULSES = st.lists(
    st.tuples(st.integers(40, 2000), st.integers(40, 800), st.just(100)), min_size=1, max_size=6
).map(tuple)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_any_two_patterns_feel_clearly_different(pair):
    one, other = (PATTERNS[name] for name in pair)
    assert distance(one, other) >= CLEARLY_DIFFERENT


def test_the_smallest_distance_is_what_the_page_says():
    """docs/wearer.md: the two that are nearest to each other, and how near."""
    nearest = min(PAIRS, key=lambda pair: distance(*(PATTERNS[name] for name in pair)))
    assert nearest == ("RAISED", "TICK")


def test_good_and_bad_news_are_further_apart():
    good = {"RECEIVED", "TAKEN", "HELP_COMING", "YES"}
    bad = {"NOT_DELIVERED", "PRE_ALARM", "LOW_BATTERY"}
    for pair in [(a, b) for a in good for b in bad]:
        assert distance(*(PATTERNS[name] for name in pair)) >= 2 * 100


@given(PULSES, PULSES)
def test_distance_is_symmetric_and_zero_only_for_the_same_rhythm(one, other):
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0
    if len(one) != len(other):
        assert distance(one, other) > 0


@given(PULSES)
def test_strength_and_a_pulse_twice_as_long_count_as_they_are_felt(pulses):
    weaker = tuple((on_ms, off_ms, 40) for on_ms, off_ms, _ in pulses)
    assert distance(pulses, weaker) == 0
    longer = ((pulses[0][0] * 2, pulses[0][1], 100), *pulses[1:])
    assert distance(pulses, longer) == 100 * 4 // max(4, len(pulses))


def test_every_pattern_is_used_and_every_signal_has_one():
    assert {pattern_name for _, pattern_name, *_ in SIGNALS} == set(PATTERNS)


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_patterns_are_short_and_scale_with_the_configured_strength(name):
    assert 0 < length_ms(PATTERNS[name]) <= 3000
    for full, scaled in zip(PATTERNS[name], pattern(name, 50), strict=True):
        assert scaled[:2] == full[:2]
        assert 0 < scaled[2] <= full[2] <= 100
        assert scaled[2] == full[2] // 2


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_no_pulse_is_too_weak_or_too_short_to_turn_a_coin_motor(name):
    """Such motors need about 30 % and 50 ms to be felt; the weakest setting is 40 %."""
    for on_ms, _, strength_percent in pattern(name, 40):
        assert on_ms >= 50
        assert strength_percent >= 30
