"""When the modem may leave its network for the satellites: the table of the decision."""

import pytest

from badge.core.gnss_window import Seen, is_time, is_wanted

# An alarm of ten seconds ago, received, and nothing under way.
RECEIVED = Seen(
    age_ms=10_000,
    waits_ms=None,
    due_ms=None,
    is_asked=False,
    is_up=True,
    quiet_ms=6_000,
    failed=False,
    since_ms=None,
    anyway_ms=600_000,
)
# One that nobody has heard of for ten minutes, where there is no network.
ALONE = RECEIVED._replace(waits_ms=600_000, is_up=False, quiet_ms=0, failed=True)


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        (RECEIVED, True),
        (RECEIVED._replace(age_ms=None), False),
        (RECEIVED._replace(quiet_ms=4_999), False),
        (RECEIVED._replace(is_asked=True), False),
        (RECEIVED._replace(is_up=False), False),
        (RECEIVED._replace(waits_ms=0), False),
        (RECEIVED._replace(waits_ms=3_600_000), False),
        (RECEIVED._replace(since_ms=299_999), False),
        (RECEIVED._replace(since_ms=300_000), True),
        (RECEIVED._replace(age_ms=1_800_000, since_ms=300_000), False),
        (RECEIVED._replace(age_ms=1_800_000, since_ms=1_800_000), True),
        (RECEIVED._replace(due_ms=149_999), False),
        (RECEIVED._replace(due_ms=150_000), True),
        (ALONE, True),
        (ALONE._replace(waits_ms=599_999), False),
        (ALONE._replace(anyway_ms=0), False),
        (ALONE._replace(failed=False), False),
        (ALONE._replace(is_up=True, quiet_ms=9_000), False),
        (ALONE._replace(is_asked=True), False),
        (ALONE._replace(since_ms=200_000), False),
        (ALONE._replace(age_ms=None), False),
    ],
)
def test_it_is_wanted_only_when_it_costs_nobody_anything(seen: Seen, wanted: bool) -> None:
    assert is_wanted(seen) is wanted


@pytest.mark.parametrize(
    ("age_ms", "since_ms", "wanted"),
    [
        (None, None, False),
        (0, None, True),
        (0, 299_999, False),
        (0, 300_000, True),
        (1_799_999, 300_000, True),
        (1_800_000, 1_799_999, False),
        (1_800_000, 1_800_000, True),
    ],
)
def test_beside_the_network_an_alarm_is_worth_one_in_five_minutes_and_an_old_one_in_thirty(
    age_ms: int | None, since_ms: int | None, wanted: bool
) -> None:
    assert is_time(age_ms, since_ms) is wanted
