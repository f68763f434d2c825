"""The order of the queue and what went quiet together: pure, on made-up lines."""

import itertools

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.console.models import QueueItem
from nabij.centre.console.open_queue import LEAST_TOGETHER, TOGETHER_MS, grouped, ordered

FIRST = QueueItem(
    id=1, badge="a", wearer="A", person_id=1, team="", site="Depot", address="", kind="sos",
    words="SOS", priority=1, state="received", duress=False, false_alarm=False, raised_ms=1000,
    received_ms=1000, age_at_least=False, heard_ms=1000, battery_percent=50, on_shift=True,
    path="LTE", owner="", owned_until_ms=None, informed=[], needs=True, again="", group="",
    drill=False,
)  # fmt: skip


def item(number: int, **fields: object) -> QueueItem:
    return msgspec.structs.replace(FIRST, id=number, **fields)


def test_what_needs_a_person_goes_first_then_the_worst_then_the_oldest() -> None:
    old_and_taken = item(1, raised_ms=1, needs=False, owner="Smit")
    quiet = item(2, raised_ms=2, priority=3)
    newer = item(3, raised_ms=9)
    older = item(4, raised_ms=8)
    forced = item(5, raised_ms=10, duress=True)
    wanted = [forced, older, newer, quiet, old_and_taken]
    for those in itertools.permutations(wanted):
        assert ordered(those) == wanted


def test_badges_of_a_site_that_went_quiet_together_are_marked_and_stay_lines() -> None:
    together = [item(n, kind="quiet", raised_ms=n * TOGETHER_MS) for n in range(1, 4)]
    apart = item(8, kind="quiet", raised_ms=99 * TOGETHER_MS)
    elsewhere = item(9, kind="quiet", site="Yard", raised_ms=TOGETHER_MS)
    nowhere = [item(n, kind="quiet", site="", raised_ms=TOGETHER_MS) for n in (11, 12, 13)]
    squeeze = item(10, raised_ms=TOGETHER_MS)
    found = grouped([*together, apart, elsewhere, *nowhere, squeeze])
    assert len(found) == 9
    assert len({one.group for one in found[:3]}) == 1
    assert found[0].group
    assert {one.group for one in found[3:]} == {""}


@given(st.lists(st.integers(0, 40 * TOGETHER_MS), max_size=12))
def test_a_group_is_never_smaller_than_it_may_be(times: list[int]) -> None:
    found = grouped([item(n, kind="quiet", raised_ms=at) for n, at in enumerate(times)])
    for key in {one.group for one in found} - {""}:
        group = sorted(one.raised_ms for one in found if one.group == key)
        assert len(group) >= LEAST_TOGETHER
        assert all(later - at <= TOGETHER_MS for at, later in itertools.pairwise(group))
    assert len(found) == len(times)
