"""Nobody who calls may have all of a gateway's time, and nobody is left out for good."""

from nabij.gateway.patience import FIRST_S, FRAMES, LONGEST_S, MOST, WELL_S, Patience


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def test_who_brings_nothing_is_visited_ever_more_seldom_and_never_left_out() -> None:
    clock = Clock()
    patience = Patience(clock)
    waits = []
    for _ in range(9):
        assert patience.may_visit("a")
        patience.was_in_vain("a")
        began_s = clock.now_s
        while not patience.may_visit("a"):
            assert patience.may_visit("b")
            clock.now_s += 1
        waits.append(clock.now_s - began_s)
    assert waits[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert waits[-1] == LONGEST_S


def test_one_that_was_answered_is_soon_visited_again() -> None:
    clock = Clock()
    patience = Patience(clock)
    patience.was_in_vain("a")
    patience.was_in_vain("a")
    patience.was_well("a")
    clock.now_s += WELL_S
    assert patience.may_visit("a")
    patience.was_in_vain("a")
    clock.now_s += FIRST_S
    assert patience.may_visit("a")


def test_addresses_without_end_take_no_memory_without_end() -> None:
    patience = Patience(Clock())
    for number in range(MOST + 1):
        patience.was_in_vain(str(number))
    assert patience.may_visit("0")
    assert not patience.may_visit("1")
    assert not patience.may_visit(str(MOST))


def test_frames_go_up_at_a_pace_that_is_no_flood() -> None:
    clock = Clock()
    patience = Patience(clock)
    assert sum(patience.may_send() for _ in range(1_000)) == FRAMES
    clock.now_s += 60
    assert sum(patience.may_send() for _ in range(1_000)) == FRAMES
    clock.now_s += 1
    assert patience.may_send()
