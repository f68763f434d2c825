"""The words of what does not work on a badge."""

from __future__ import annotations

from badge.core.wearer import reasons
from nabij import reason_words


def test_every_reason_has_its_words_and_no_word_is_left_over() -> None:
    assert list(reason_words.WORDS) == [one.name for one in reasons.TABLE]
    assert all(words.endswith(".") for words in reason_words.WORDS.values())
    assert len(set(reason_words.WORDS.values())) == len(reasons.TABLE)
    for one in reasons.TABLE:
        assert reason_words.of_number(one.number) == reason_words.WORDS[one.name]


def test_a_reason_of_later_firmware_is_told_by_its_number() -> None:
    assert "200" in reason_words.of_number(200)
