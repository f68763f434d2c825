"""The words of what does not work on a badge."""

from __future__ import annotations

from badge.core.wearer import reasons
from nabij import reason_words


def test_every_reason_has_its_words_and_no_word_is_left_over() -> None:
    assert list(reason_words.WORDS) == [one.name for one in reasons.TABLE]
    assert all(words.endswith(".") for words in reason_words.WORDS.values())
    assert len(set(reason_words.WORDS.values())) == len(reasons.TABLE)
    for one in reasons.TABLE:
        words = reason_words.of_number(one.number)
        assert words.startswith(reason_words.WORDS[one.name].rstrip("."))
        assert ("(for 15 minutes)" in words) == (one.told_s == reasons.LATER)


def test_each_reason_is_told_to_the_centre_or_it_is_said_why_not() -> None:
    """What lasts a while is told later; a task, a file or a fault of a part is told at once."""
    untold = {one.name for one in reasons.TABLE if not one.told_s}
    assert set(reason_words.UNTOLD) == untold
    assert not [name for name in untold if name.startswith(("task.", "reset."))]
    for one in reasons.TABLE:
        assert one.told_s in (0, reasons.AT_ONCE, reasons.SOON, reasons.LATER)


def test_a_reason_of_later_firmware_is_told_by_its_number() -> None:
    assert "200" in reason_words.of_number(200)
