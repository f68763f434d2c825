"""What the broker's log says of badges that may not listen becomes one sentence, not thousands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.link.refusals import SILENT_S, Refusals

WHY = "maximum consumers limit reached (10026)"


def line(badge: str, why: str = WHY) -> str:
    return (
        f'[9] 2026/11/28 16:28:48.124054 [ERR] 127.0.0.1:56749 - mid:32 - "{badge}-d4e26aef"'
        f' - Unable to add JetStream consumer for subscription on "nabij.{badge}.down": err={why}'
    )


def test_first_one_is_told_at_once_and_the_rest_of_a_minute_together() -> None:
    refusals = Refusals()
    first = refusals.read(line("b0"), 100.0)
    assert first is not None
    assert first.startswith(
        f"BADGE b0 CANNOT BE ANSWERED: the broker refuses a subscription ({WHY})"
    )
    for number in range(1, 500):
        assert refusals.read(line(f"b{number}"), 100.5) is None
    later = refusals.read(line("b1"), 100.0 + SILENT_S)
    assert later is not None
    assert later.startswith("499 BADGES (b1, b10, b100, b101, b102 and 494 more) CANNOT")


def test_badge_that_goes_on_asking_is_told_again_each_minute() -> None:
    refusals = Refusals()
    told = [
        refusals.read(line("b0"), at_s) is not None for at_s in (0.0, 30.0, 60.0, 119.0, 120.0)
    ]
    assert told == [True, False, True, False, True]


@pytest.mark.parametrize(
    "other",
    [
        "[9] 2026/11/28 16:28:47.8 [INF] Server is ready",
        line("b0").replace(".down", ".up"),
        '[ERR] Subscription Violation - User "CN=b", Subject "nabij.c.down"',
        "",
    ],
)
def test_other_lines_say_nothing(other: str) -> None:
    assert Refusals().read(other, 0.0) is None


@given(st.text())
def test_any_text_can_be_a_line(text: str) -> None:
    Refusals().read(text, 0.0)
