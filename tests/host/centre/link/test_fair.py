"""Each sender in turn: none waits behind another's flood, and nothing is lost or turned around."""

from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.link.fair import Fair


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=200),
    st.integers(1, 20),
    st.integers(1, 5),
)
def test_all_come_once_and_those_of_a_sender_in_order(
    steps: list[tuple[str, bool]], most: int, each: int
) -> None:
    fair: Fair[tuple[str, int]] = Fair()
    sent: list[tuple[str, int]] = []
    taken: list[tuple[str, int]] = []
    for number, (sender, takes) in enumerate(steps):
        fair.add(sender, (sender, number))
        sent.append((sender, number))
        if takes:
            batch = fair.take(most, each)
            assert 1 <= len(batch) <= most
            assert all(sum(one[0] == name for one in batch) <= each for name in "abcd")
            taken += batch
        assert len(fair) == len(sent) - len(taken)
    while len(fair):
        taken += fair.take(most, each)
    for name in "abcd":
        assert [one for one in taken if one[0] == name] == [one for one in sent if one[0] == name]


def test_one_that_comes_behind_a_flood_is_in_the_next_batch() -> None:
    fair: Fair[str] = Fair()
    for number in range(1000):
        fair.add("flooder", f"flood {number}")
    assert len(fair.take(16, 16)) == 16
    fair.add("anna", "SOS")
    fair.add("bert", "SOS of bert")
    assert set(fair.take(4, 16)) >= {"SOS", "SOS of bert"}


def test_who_had_a_turn_comes_last_in_the_next_batch() -> None:
    fair: Fair[str] = Fair()
    for _ in range(3):
        for sender in "abc":
            fair.add(sender, sender)
    assert [fair.take(2, 1) for _ in range(3)] == [["a", "b"], ["c", "a"], ["b", "c"]]
