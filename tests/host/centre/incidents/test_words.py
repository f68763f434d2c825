"""Every kind has words for people, and one that nobody knows is called what it is: an alarm."""

import pytest

from badge.core.alarm import kinds
from nabij.centre.incidents import words
from nabij.kind_words import ALARM_WORDS


def test_every_kind_has_words_and_all_differ() -> None:
    names = {kind.name for kind in kinds.TABLE} | set(words.OWN.values())
    assert ALARM_WORDS.keys() == names
    assert len(set(ALARM_WORDS.values())) == len(names)
    deadlines = {kind.name for kind in kinds.TABLE if kind.begins == kinds.DEADLINE}
    assert words.DEADLINE_WORDS.keys() == deadlines


@pytest.mark.parametrize("kind", kinds.TABLE, ids=lambda kind: kind.name)
def test_a_known_kind_goes_by_its_own_name(kind: kinds.Kind) -> None:
    assert words.kind_name(kind.number) == kind.name
    assert words.alarm_words(kind.number) == ALARM_WORDS[kind.name]


def test_what_the_receiver_finds_for_itself_has_a_number_that_no_badge_can_send() -> None:
    assert not set(words.OWN) & set(range(1, 256))


def test_a_kind_of_a_later_release_is_called_an_alarm_and_unknown() -> None:
    assert words.kind_name(200) == "kind_200"
    called = words.alarm_words(200)
    assert called == "ALARM of kind 200, which this release does not know"
    assert words.deadline_words(200) == "deadline"
