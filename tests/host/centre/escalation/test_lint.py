"""What is wrong with a plan is found by day, not by an alarm at three in the morning."""

import pytest

from nabij.centre.escalation import plan_file
from nabij.centre.escalation.lint import Known, findings
from tests.host.centre.escalation.plans import TEXT, at

NOW_MS = at("2026-06-01T09:00")
ALL_WELL = Known(can_use=lambda _url: True, failing={})


def found(text: str, known: Known = ALL_WELL, now_ms: int = NOW_MS) -> list[str]:
    return findings(plan_file.read(text), now_ms, known)


def test_a_plan_that_is_right_has_no_finding() -> None:
    assert found(TEXT) == []


# Each by what to replace in it, and the words of the one finding.
FAULTS = [
    ("wakes = true", "wakes = false", None),
    (
        'when = "outside"\nwakes = true',
        'when = "working"',
        "has a gap: an alarm of Mon 2026-06-01 22",
    ),
    ('channels = { push = "json://localhost:9/push" }', "", "P. Jansen has no channel"),
    ('link = "https://alarm.example.org:8443"', "", "Plan yard has no link"),
    ('channels = { phone = "json://localhost:9/desk" }', "", "Guard desk has no channel"),
]


@pytest.mark.parametrize(("before", "after", "words"), FAULTS)
def test_a_fault_is_found(before: str, after: str, words: str | None) -> None:
    assert before in TEXT
    sentences = found(TEXT.replace(before, after))
    if words is None:
        assert sentences == []
    else:
        assert any(words in one for one in sentences), sentences


def test_a_gap_is_named_by_its_first_minute() -> None:
    asleep = TEXT.replace("wakes = true", "").replace(
        'name = "P. Jansen"', 'name = "P. Jansen"\nquiet = "sat 01:05-01:15"'
    )
    [sentence] = found(asleep)
    assert "an alarm of Sat 2026-06-06 01:05 reaches nobody before the last step" in sentence


def test_a_last_step_that_nobody_answers_is_found() -> None:
    gone = TEXT.replace(
        'name = "Guard desk"',
        'name = "Guard desk"\naway = [{ first = 2026-06-08, last = 2026-06-09 }]',
    )
    [sentence] = found(gone)
    assert "reaches nobody from Sun 2026-06-07 23:55: Guard desk is away" in sentence


def test_a_loop_of_stand_ins_is_found_before_the_holiday() -> None:
    away = "away = [{ first = 2026-12-24, last = 2026-12-31, stand_in = 'smit' }]\n"
    sentences = found(TEXT.replace('name = "P. Jansen"', f'name = "P. Jansen"\n{away}'))
    assert any("stand in for each other" in one for one in sentences)


def test_a_channel_that_cannot_work_or_failed_is_found_without_its_secret() -> None:
    known = Known(can_use=lambda url: "sms" not in url, failing={("smit", "mail"): "535 refused"})
    sentences = found(TEXT, known)
    assert [one for one in sentences if "sms of J. Smit is no address" in one]
    assert [one for one in sentences if "mail of J. Smit failed" in one and "535" in one]
    assert not [one for one in sentences if "localhost" in one]


def test_a_badge_that_no_plan_names_is_found() -> None:
    known = Known(can_use=lambda _url: True, failing={}, badges=["anna", "bob"])
    named = TEXT.replace('badges = ["*"]', 'badges = ["anna"]')
    [sentence] = found(named, known)
    assert sentence.startswith("Nobody is called for bob:")
