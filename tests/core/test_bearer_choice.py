"""The choice among bearers, as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.bearer_choice import AGAIN_MS, ALONE_MS, TURN_MS, Evidence, choose, turn_ms

CHEAP, DEAR = 12_000, 50_000
WELL = 0, 0


def evidence(*rows):
    return [Evidence(*row) for row in rows]


@pytest.mark.parametrize(
    ("first", "second", "is_waiting", "index"),
    [
        # All is well: the cheaper one, whether an alarm waits or not.
        ((CHEAP, *WELL), (DEAR, *WELL), False, 0),
        ((DEAR, *WELL), (CHEAP, *WELL), False, 1),
        ((CHEAP, *WELL), (DEAR, *WELL), True, 0),
        # Of equals the first.
        ((CHEAP, *WELL), (CHEAP, *WELL), False, 0),
        # It failed of late: the other, whatever that costs.
        ((CHEAP, 1, 0), (DEAR, *WELL), False, 1),
        ((CHEAP, 1, AGAIN_MS - 1), (DEAR, *WELL), False, 1),
        # It may be well again; an alarm does not wait for that to be found out.
        ((CHEAP, 1, AGAIN_MS), (DEAR, *WELL), False, 0),
        ((CHEAP, 1, AGAIN_MS), (DEAR, *WELL), True, 1),
        # Both fail: in turns.
        ((CHEAP, 2, 0), (DEAR, 1, 0), True, 1),
        ((CHEAP, 2, 0), (DEAR, 2, 0), True, 0),
        ((CHEAP, 3, 0), (DEAR, 2, 0), False, 1),
    ],
)
def test_the_next_try_goes_where_the_evidence_says(first, second, is_waiting, index):
    assert choose(evidence(first, second), is_waiting=is_waiting) == index


@given(
    st.lists(
        st.tuples(st.integers(1, 10**6), st.integers(0, 9), st.integers(0, 10**6)),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_there_is_always_one_to_try(rows, is_waiting):
    assert 0 <= choose(evidence(*rows), is_waiting=is_waiting) < len(rows)


def test_while_an_alarm_waits_none_that_works_is_left_out_for_long():
    failures = [0, 0, 0]
    tried = []
    for _ in range(9):
        rows = [(cost, failed, 0) for cost, failed in zip((1, 2, 3), failures, strict=True)]
        index = choose(evidence(*rows), is_waiting=True)
        failures[index] += 1
        tried.append(index)
    assert all(set(tried[n : n + 3]) == {0, 1, 2} for n in range(0, 9, 3))


@pytest.mark.parametrize(
    ("rounds", "is_waiting", "is_other_well", "most_ms"),
    [
        # Nothing waits: a search has its time, unless that keeps the badge from what works.
        (0, False, False, ALONE_MS),
        (0, False, True, 2 * TURN_MS),
        # An alarm waits: each is tried at once, whatever is known of the others.
        (0, True, False, TURN_MS),
        (0, True, True, TURN_MS),
        # And then for longer, or who is slow would never come to its end.
        (1, True, True, 2 * TURN_MS),
        (2, True, False, 4 * TURN_MS),
        (3, True, False, 8 * TURN_MS),
        (4, True, False, ALONE_MS),
        (99, True, False, ALONE_MS),
    ],
)
def test_a_turn_ends_by_what_waits_and_by_what_else_there_is(
    rounds, is_waiting, is_other_well, most_ms
):
    assert turn_ms(rounds, is_waiting=is_waiting, is_other_well=is_other_well) == most_ms


@pytest.mark.requirement("R18")
def test_two_that_do_not_open_have_both_been_tried_before_the_wearer_is_told():
    """A session is doubted for 3 s at most, and the pause between two tries is 2 s."""
    assert 3_000 + turn_ms(0, is_waiting=True, is_other_well=False) + 2_000 + 15_000 <= 30_000
