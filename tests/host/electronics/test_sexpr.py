"""KiCad's brackets: what was written is read again, and broken text is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.electronics.sexpr import dump, first, lists, number, parse, quoted, unquoted

ATOMS = st.text().map(quoted) | st.from_regex(r"[a-z_][a-z_0-9.:-]*", fullmatch=True)
TREES = st.recursive(ATOMS, lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=20)


@given(st.lists(TREES, min_size=1))
def test_what_was_written_is_read_again(tree):
    assert parse(dump(tree)) == tree


@given(st.text())
def test_a_text_survives_its_quotes(text):
    assert unquoted(quoted(text)) == text


@pytest.mark.parametrize("text", ["", "a", "(a", "(a))", "(a) (b)", ")", '"(a)"'])
def test_what_is_not_one_list_is_refused(text):
    with pytest.raises(ValueError, match=r"list in brackets|too many"):
        parse(text)


@given(st.floats(-500, 500))
def test_a_length_keeps_a_tenth_of_a_micrometre(value):
    assert abs(float(number(value)) - value) <= 0.00005 + 1e-9
    assert number(value) != "-0"


def test_lists_are_found_by_their_first_word():
    tree = parse('(part (pin "1") (name "x") (pin "2"))')
    assert [unquoted(pin[1]) for pin in lists(tree, "pin")] == ["1", "2"]
    with pytest.raises(ValueError, match="no \\(at"):
        first(tree, "at")
