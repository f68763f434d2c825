"""Rolls: what extends an amber, and what neither a body that slides off a button nor a blow is."""

import pytest

from badge.core.wearer.gestures import LEFT, RIGHT, SOS_GESTURES
from tests.core.wearer.fingers import Fingers, shapes


@pytest.mark.parametrize("sos_gesture", ["squeeze", "double", "triple"])
@pytest.mark.parametrize(
    ("first_ms", "second_ms"), [(3000, 120), (3000, 3000), (1000, 3000), (120, 1000), (120, 6000)]
)
def test_only_a_tap_and_then_a_hold_of_the_other_is_a_roll_and_hold(
    sos_gesture, first_ms, second_ms
):
    """A body that slides from one button to the other holds the first, or never lets go."""
    down_ms = first_ms + 200
    presses = [(LEFT, 0, first_ms), (RIGHT, down_ms, down_ms + second_ms)]
    assert shapes(Fingers(presses).seen(sos_gesture)) == ["MUDDLE"]


def test_a_tap_that_a_stall_hid_may_come_after_a_hold_but_makes_no_roll_and_hold_of_it():
    presses = [(LEFT, 0, 3000), (RIGHT, 3200, 3330)]
    assert shapes(Fingers(presses, [], [(3180, 3345, True)]).seen()) == ["MUDDLE"]


@pytest.mark.requirement("R13")
@pytest.mark.parametrize("buttons", [(LEFT, LEFT), (RIGHT, RIGHT), (LEFT, RIGHT)])
@pytest.mark.parametrize("sos_gesture", SOS_GESTURES)
def test_a_contact_that_rattles_is_no_double_tap_and_no_roll(sos_gesture, buttons):
    """A blow on a button opens and closes it faster than a finger: that must cancel nothing."""
    first, second = buttons
    presses = [(first, 100, 135), (second, 170, 400)]
    seen = shapes(Fingers(presses).seen(sos_gesture))
    # Where two presses are the SOS they are one: doubt raises the alarm.
    expected = "SOS" if sos_gesture == "double" and first == second else "MUDDLE"
    assert seen == [expected]
