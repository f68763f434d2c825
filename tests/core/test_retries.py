"""Flash that refuses is tried again, but not each round."""

import itertools

from badge.core.retries import Retries


def test_the_pause_between_tries_doubles_up_to_64_rounds() -> None:
    retries = Retries()
    tried = []
    for a_round in range(350):
        if retries.due():
            tried.append(a_round)
            retries.begin()
    assert tried[0] == 0
    between = [after - before for before, after in itertools.pairwise(tried)]
    assert between == [2, 3, 5, 9, 17, 33, 65, 65, 65, 65]


def test_after_one_that_worked_the_next_is_tried_at_once() -> None:
    retries = Retries()
    for _ in range(3):
        while not retries.due():
            pass
        retries.begin()
    retries.done()
    assert retries.due()
    retries.begin()
    assert [retries.due() for _ in range(2)] == [False, True]
