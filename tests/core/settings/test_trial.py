"""When settings on trial may be confirmed, and when the badge goes back to the former ones."""

import pytest

from badge.core.settings.trial import (
    CONFIRM_WITHIN_MS,
    CRASH,
    LINK,
    SETTLING,
    UNCONFIRMED,
    why_not_yet,
    why_revert,
)

LATE_MS = CONFIRM_WITHIN_MS


class OpenAlarm:
    def __init__(self, *, late):
        self._late = late

    def is_late(self):
        return self._late


ON_ITS_WAY = [OpenAlarm(late=False)]
STUCK = [OpenAlarm(late=False), OpenAlarm(late=True)]


@pytest.mark.parametrize(
    ("age_ms", "crashes", "expected", "is_up", "why"),
    [
        (15_000, 0, True, True, ""),
        (15_000, 0, False, False, ""),
        (15_000, 0, True, False, LINK),
        (15_000, 1, True, True, CRASH),
        (1_000, 0, True, True, SETTLING),
        (1_000, 0, True, False, LINK),
    ],
)
def test_only_a_badge_that_is_as_well_as_before_may_confirm(age_ms, crashes, expected, is_up, why):
    assert why_not_yet(age_ms, crashes, expected, is_up) == why


@pytest.mark.parametrize(
    ("age_ms", "crashes", "expected", "is_up", "alarms", "why"),
    [
        (15_000, 0, True, False, [], ""),
        (15_000, 1, False, False, [], CRASH),
        (LATE_MS, 0, True, True, [], UNCONFIRMED),
        (LATE_MS - 1, 0, True, True, [], ""),
        (LATE_MS + 1, 0, True, True, [], UNCONFIRMED),
        (LATE_MS, 0, False, False, [], UNCONFIRMED),
        (LATE_MS, 0, True, False, [], LINK),
        # An alarm on its way is not disturbed by a restart that can wait.
        (LATE_MS, 0, True, True, ON_ITS_WAY, ""),
        (LATE_MS, 0, True, True, STUCK, ""),
        # The new settings may be what keeps the alarm from going out.
        (15_000, 0, True, False, STUCK, LINK),
        (15_000, 0, True, False, ON_ITS_WAY, ""),
    ],
)
def test_the_badge_goes_back_for_a_reason(age_ms, crashes, expected, is_up, alarms, why):
    assert why_revert(age_ms, crashes, expected, is_up, alarms) == why
