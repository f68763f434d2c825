"""`python -m tests.sim.scenarios`: a story told by hand, with its verdict."""

import pytest

from tests.sim.scenarios import __main__ as by_hand
from tests.sim.scenarios.story import Story, read


def _story(incidents: list[str]) -> Story:
    press = {"at_s": 5, "do": "press", "ms": 1700}
    then = [{"receiver_has": incidents}]
    return read(
        "made", {"name": "a squeeze", "given": {"lasts_s": 15}, "when": [press], "then": then}
    )


def test_a_story_is_told_with_its_log_and_what_holds_or_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(by_hand, "stories", lambda: [_story(["sos"]), _story(["rest"])])
    assert by_hand.main(["squeeze"]) == 1
    printed = capsys.readouterr().out
    assert "gesture means=SOS" in printed
    assert printed.count("   holds") == 1
    assert "FAILS: made: a squeeze: not true: {'receiver_has': ['rest']}" in printed


def test_words_that_no_story_has_are_said_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert by_hand.main(["no", "such", "story"]) == 2
    assert "'no such story'" in capsys.readouterr().out
