"""How long the task that watches the buttons may wait."""

from hypothesis import given
from hypothesis import strategies as st

from badge.core.wearer.gestures import LEFT, RIGHT, Gestures
from tests.core.wearer.fingers import DEBOUNCE_MS
from tests.core.wearer.fingers import HOLD_MS as SOS_HOLD_MS


@given(late_ms=st.integers(DEBOUNCE_MS, SOS_HOLD_MS))
def test_what_is_due_comes_nearer_by_the_time_that_has_passed(late_ms: int) -> None:
    """Or the task that waits for it wakes too late by as much as it was late already."""
    gestures = Gestures("squeeze", SOS_HOLD_MS, DEBOUNCE_MS)
    for button in (LEFT, RIGHT):
        gestures.edge(button, True, 1000)
    assert gestures.due_ms(1000) == DEBOUNCE_MS
    assert gestures.poll(1000 + DEBOUNCE_MS) is None
    assert gestures.due_ms(1000 + late_ms) == SOS_HOLD_MS - late_ms
