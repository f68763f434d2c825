"""What `nabij doctor` says of a satellite receiver on a serial line."""

import pytest

from nabij.usb import gnss_words, verdicts


@pytest.mark.parametrize(
    ("sentences", "heard", "verdict", "says"),
    [
        (2, 400, verdicts.OK, "answers"),
        (0, 812, verdicts.FAIL, "812 bytes"),
        (0, 0, verdicts.FAIL, "silent"),
    ],
)
def test_it_answers_or_what_is_to_be_done_is_said(
    sentences: int, heard: int, verdict: str, says: str
) -> None:
    found, words, todo = gnss_words.judged({"sentences": sentences, "bytes": heard})
    assert found == verdict
    assert says in words
    assert (found == verdicts.FAIL) == bool(todo)
