"""No line of the audit goes, comes or changes unseen; what is erased leaves the chain whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.people import audit_chain
from nabij.centre.people.audit_chain import BEGINNING, BrokenChainError

WORDS = st.text(max_size=8)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "at_ms": st.integers(0, 2**53),
            "by": WORDS,
            "what": WORDS,
            "person_id": st.none() | st.integers(1, 9),
            "incident_id": st.none() | st.integers(1, 9),
            "detail": WORDS,
        }
    ),
    min_size=2,
    max_size=8,
)


def chained(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    before, rows = BEGINNING, []
    for number, line in enumerate(lines, start=1):
        made = audit_chain.link(before, line, bytes([number]) * audit_chain.SALT_BYTES)
        rows.append({"id": number, **line, **made.__dict__})
        before = made.chain
    return rows


def erased(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "by": "", "person_id": None, "detail": "", "salt": None}


@given(LINES, st.sets(st.integers(0, 7)))
def test_what_was_written_holds_also_when_people_were_erased(
    lines: list[dict[str, Any]], gone: set[int]
) -> None:
    rows = [erased(row) if number in gone else row for number, row in enumerate(chained(lines))]
    verdict = audit_chain.verify(rows)
    assert (verdict.lines, verdict.before) == (len(lines), 0)
    assert verdict.erased == len(gone & set(range(len(lines))))


@given(LINES, st.data())
def test_each_change_of_a_line_is_seen(lines: list[dict[str, Any]], data: st.DataObject) -> None:
    rows = chained(lines)
    at = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(
        st.sampled_from(["at_ms", "by", "what", "person_id", "incident_id", "detail"])
    )
    value = data.draw(st.integers(10, 20) if name.endswith(("id", "ms")) else WORDS)
    if rows[at][name] == value:
        return
    rows[at] = {**rows[at], name: value}
    with pytest.raises(BrokenChainError, match=f"at line {at + 1}"):
        audit_chain.verify(rows)


@given(LINES, st.data())
def test_a_line_that_goes_comes_or_moves_is_seen(
    lines: list[dict[str, Any]], data: st.DataObject
) -> None:
    rows = chained(lines)
    at = data.draw(st.integers(0, len(rows) - 2))
    swapped = [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]
    for bad in (rows[:at] + rows[at + 1 :], [*rows[: at + 1], *rows[at:]], swapped):
        with pytest.raises(BrokenChainError):
            audit_chain.verify(bad)


def test_an_erased_line_that_names_somebody_is_seen_and_so_is_one_without_a_hash() -> None:
    line = {
        "at_ms": 1,
        "by": "smit",
        "what": "x",
        "person_id": 3,
        "incident_id": None,
        "detail": "",
    }
    rows = chained([line, line])
    with pytest.raises(BrokenChainError, match="tells of a person"):
        audit_chain.verify([{**erased(rows[0]), "by": "bos"}, rows[1]])
    bare = {**line, "id": 3, "salt": None, "personal": None, "chain": None}
    with pytest.raises(BrokenChainError, match="has no hash"):
        audit_chain.verify([*rows, bare])
    # Lines of before the chain began.
    assert audit_chain.verify([{**bare, "id": 0}, *rows]).before == 1
