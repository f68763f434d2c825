"""Haptic patterns: told apart without looking, never stronger than configured."""

from itertools import combinations

import pytest

from badge.core import alarm
from badge.core.haptics import PATTERNS, length_ms, pattern

STEP_MS = 10
# Assumed to be felt through clothes: three times the shortest pulse that a lanyard motor makes.
CLEARLY_DIFFERENT_MS = 300


def timeline(pulses):
    """Return, for each STEP_MS, whether the motor is on."""
    on = []
    for on_ms, off_ms, _ in pulses:
        on += [True] * (on_ms // STEP_MS) + [False] * (off_ms // STEP_MS)
    return on


def difference_ms(a, b):
    longest = max(len(a), len(b))
    a = a + [False] * (longest - len(a))
    b = b + [False] * (longest - len(b))
    return sum(STEP_MS for x, y in zip(a, b, strict=True) if x != y)


@pytest.mark.parametrize("pair", list(combinations(sorted(PATTERNS), 2)), ids="-".join)
def test_any_two_patterns_differ_clearly(pair):
    one, other = (timeline(PATTERNS[name]) for name in pair)
    assert difference_ms(one, other) >= CLEARLY_DIFFERENT_MS


@pytest.mark.parametrize("pair", list(combinations(sorted(PATTERNS), 2)), ids="-".join)
def test_any_two_patterns_differ_in_pulses_or_in_a_length_by_half(pair):
    one, other = (PATTERNS[name] for name in pair)
    longest = sorted(max(on_ms for on_ms, _, _ in pulses) for pulses in (one, other))
    assert len(one) != len(other) or longest[1] >= 1.5 * longest[0]


def test_every_feeling_of_the_alarm_table_has_a_pattern():
    named = {
        action.removeprefix("FEEL_")
        for _, actions in alarm.TABLE.values()
        for action in actions
        if action.startswith("FEEL_")
    }
    assert named <= set(PATTERNS)


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_patterns_are_short_and_scale_with_the_configured_strength(name):
    assert 0 < length_ms(PATTERNS[name]) <= 3000
    for full, scaled in zip(PATTERNS[name], pattern(name, 50), strict=True):
        assert scaled[:2] == full[:2]
        assert 0 < scaled[2] <= full[2] <= 100
        assert scaled[2] == full[2] // 2
