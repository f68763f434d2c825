"""The table of kinds is that of the wire, whole, and knows what to do with kinds of the future."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm import kinds
from tests.places import DOCS

CDDL = (DOCS / "protocol.cddl").read_text()


def test_the_table_is_that_of_the_protocol():
    named = re.search(r"^kind = ([a-z\-/ ]+) / (\d+)\.\.255$", CDDL, re.MULTILINE)
    assert named is not None
    names = named[1].split(" / ")
    numbers = dict(re.findall(r"^([a-z-]+) = (\d+)\b", CDDL, re.MULTILINE))
    assert [(kind.number, kind.name) for kind in kinds.TABLE] == [
        (int(numbers[name]), name.replace("-", "_")) for name in names
    ]
    assert int(named[2]) == kinds.TABLE[-1].number + 1


def test_every_number_and_name_is_there_once():
    assert len({kind.number for kind in kinds.TABLE}) == len(kinds.TABLE)
    assert len({kind.name for kind in kinds.TABLE}) == len(kinds.TABLE)
    assert all(kinds.of(kind.number) == kind for kind in kinds.TABLE)


@given(st.integers(0, 255))
def test_what_no_table_knows_is_an_alarm_of_a_person_that_goes_before_deadlines(number):
    kind = kinds.of(number)
    assert kind.number == number
    assert kind.name.isidentifier()
    if number not in {kind.number for kind in kinds.TABLE}:
        assert kind.name == f"kind_{number}"
        assert kind.category == kinds.RED
        assert kind.begins != kinds.DEADLINE
        assert kinds.HIGHEST < kind.priority < kinds.of(kinds.AMBER).priority


def test_only_a_squeeze_goes_before_what_happened_to_a_body():
    ranks = {kind.name: kind.priority for kind in kinds.TABLE}
    assert [name for name, rank in ranks.items() if rank == kinds.HIGHEST] == ["sos"]
    assert [name for name, rank in ranks.items() if rank == kinds.LOWEST] == ["battery", "fault"]
    assert {name for name, rank in ranks.items() if rank == 2} == {"check_in", "amber"}


@pytest.mark.parametrize("kind", kinds.TABLE, ids=lambda kind: kind.name)
def test_each_row_says_what_the_badge_can_do(kind):
    assert kind.category in (kinds.RED, kinds.TECHNICAL)
    assert kind.begins in (kinds.AT_ONCE, kinds.PRE_ALARM, kinds.DEADLINE, kinds.REPORT)
    # What only reports is nobody's alarm, and what is technical never is.
    assert (kind.category == kinds.TECHNICAL) == (kind.begins == kinds.REPORT)


def test_what_the_badge_finds_out_by_itself_begins_by_itself():
    for number in kinds.AUTOMATIC:
        assert kinds.of(number).begins in (kinds.AT_ONCE, kinds.PRE_ALARM)
    assert set(kinds.OF_ONE_BODY) < set(kinds.AUTOMATIC)
    by_wearer = {kinds.SOS, kinds.CHECK_IN, kinds.AMBER, kinds.BATTERY, kinds.FAULT}
    assert by_wearer == {kind.number for kind in kinds.TABLE} - set(kinds.AUTOMATIC)
