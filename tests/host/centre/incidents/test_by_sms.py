"""How old what came by SMS is, and what is said of who sent it."""

import pytest

from badge.core.codec import wire
from nabij.centre.incidents import by_sms
from nabij.centre.incidents.by_sms import MOST_LAG_MS, Arrival, BySms
from tests.host.centre.deadline_world import START_MS, message

HOUR_MS = 3_600_000
NOW_MS = START_MS + 10 * HOUR_MS


def lag(sent_ago_ms: int | None, badge_ago_ms: int | None, flags: int = 0) -> int:
    """By the network's time and by the badge's own, each None for none."""
    utc_s = None if badge_ago_ms is None else (NOW_MS - badge_ago_ms - 5_000) // 1000
    one = message(age_ms=5_000, utc_s=utc_s, flags=flags)
    sent_ms = None if sent_ago_ms is None else NOW_MS - sent_ago_ms
    return by_sms.lag_ms(one, Arrival("modem", "1", "", sent_ms), NOW_MS)


@pytest.mark.parametrize(
    ("sent", "badge", "is_"),
    [
        (None, None, 0),
        (3 * HOUR_MS, None, 3 * HOUR_MS),
        (None, 3 * HOUR_MS, 3 * HOUR_MS),
        # The zone of the network is wrong by two hours, either way.
        (2 * HOUR_MS, 10_000, 10_000),
        (-2 * HOUR_MS, 10_000, 10_000),
        # The clock of the badge is wrong.
        (10_000, 500 * 24 * HOUR_MS, 10_000),
        (3 * HOUR_MS, -HOUR_MS, 3 * HOUR_MS),
        (-HOUR_MS, -HOUR_MS, 0),
        (MOST_LAG_MS + 1, MOST_LAG_MS + 1, 0),
    ],
)
def test_of_two_times_that_can_be_the_later_counts(
    sent: int | None, badge: int | None, is_: int
) -> None:
    assert abs(lag(sent, badge) - is_) < 1_000


def test_an_age_that_is_a_lower_bound_tells_no_time() -> None:
    assert lag(None, 3 * HOUR_MS, wire.FLAG_AGE_AT_LEAST) == 0


@pytest.mark.parametrize(
    ("sender", "is_own", "words"),
    [
        ("678", True, "from the number of the badge"),
        ("678", None, "from a number that ends in 678"),
        ("678", False, "from ANOTHER number than that of the badge, which ends in 678"),
        ("", None, "from a number that is not told"),
    ],
)
def test_the_sentence_says_whose_number_it_was(
    sender: str, is_own: bool | None, words: str
) -> None:
    one = BySms("modem", NOW_MS, None, sender, is_own)
    assert one.sentence().endswith(words)
    assert one.late_ms == 0


@pytest.mark.parametrize(
    "number", ["+31612345678", "0031612345678", "31612345678", "+31 6-12345678"]
)
def test_numbers_are_the_same_however_they_are_written(number: str) -> None:
    assert by_sms.digits_of(number) == "31612345678"
