"""What a badge can tell of its wearer, by where it is worn."""

import pytest

from badge.core import placement


def test_at_neck_and_belt_nothing_is_lacking():
    assert placement.lacks("neck") == placement.lacks("belt") == []


@pytest.mark.parametrize("worn", ["wrist", "pocket"])
def test_nobody_claims_a_fall_at_the_wrist_or_in_a_pocket(worn):
    assert placement.lacks(worn) == ["fall", "tilt"]
    assert placement.REST in placement.ABLE[worn]
