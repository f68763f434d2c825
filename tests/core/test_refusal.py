"""When a network that refuses is asked anew, as a table."""

import pytest

from badge.core.refusal import AGAIN_MS, GIVEN_UP_MS, is_due


@pytest.mark.parametrize(
    ("refused_ms", "asked_ms", "is_waiting", "is_new", "due"),
    [
        # It is not refused, or still searches by itself.
        (None, None, True, True, False),
        (GIVEN_UP_MS - 1, None, True, True, False),
        # Nothing waits: it is left alone, however long ago it was asked.
        (GIVEN_UP_MS, None, False, False, False),
        (86_400_000, 86_400_000, False, False, False),
        # An alarm waits: at once, and again every two minutes.
        (GIVEN_UP_MS, None, True, False, True),
        (AGAIN_MS - 1, AGAIN_MS - 1, True, False, False),
        (GIVEN_UP_MS, AGAIN_MS, True, False, True),
        (GIVEN_UP_MS, 3 * AGAIN_MS, True, False, True),
        (3 * GIVEN_UP_MS, None, True, False, True),
        # A new alarm, a wearer who asks, a shift that begins: whenever it was asked last.
        (GIVEN_UP_MS, GIVEN_UP_MS, True, True, True),
        (GIVEN_UP_MS, GIVEN_UP_MS, False, True, True),
    ],
)
def test_a_network_that_refuses_is_asked_anew_by_what_waits(
    refused_ms, asked_ms, is_waiting, is_new, due
):
    assert is_due(refused_ms, asked_ms, is_waiting=is_waiting, is_new=is_new) is due
