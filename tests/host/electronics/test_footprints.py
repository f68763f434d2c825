"""Parts on the carrier: turned as KiCad turns them, at the places of the bought board's strips."""

import dataclasses

import pytest

from nabij.electronics.footprints import place
from nabij.electronics.pod import DesignError
from tests.host.electronics.designs import design

NETS = {net: number for number, net in enumerate(design().nets(), 1)}


def places(ref):
    return {one.net: one.at for one in place(design().part(ref), NETS, (0, 0)).pads}


def test_the_strips_meet_those_of_the_bought_board():
    """Vendor's drawing: rows 30.2 mm apart, 15 steps of 2.54 mm, P1 downwards and P2 upwards."""
    first, second = (place(design().part(ref), NETS, (0, 0)).pads for ref in ("J1", "J2"))
    assert len(first) == len(second) == 16
    for position, (one, other) in enumerate(zip(first, reversed(second), strict=True)):
        assert one.at == pytest.approx((31.58, 5.44 + 2.54 * position))
        assert other.at == pytest.approx((1.38, 5.44 + 2.54 * position))
    assert first[0].net == "+3V3"
    assert second[2].net == "SOS_LEFT"


def test_a_quarter_turn_goes_against_the_clock():
    part = dataclasses.replace(design().part("R3"), board=(10.0, 10.0, 90.0))
    pads = place(part, NETS, (0, 0)).pads
    assert pads[0].at == pytest.approx((10, 10.825)), "pin 1 was at the left, so it is below now"
    assert pads[0].half == pytest.approx((0.475, 0.4))


def test_a_part_that_cannot_be_placed_is_refused():
    with pytest.raises(DesignError, match="M1 has no place"):
        place(design().part("M1"), NETS, (0, 0))
    with pytest.raises(DesignError, match="turned by 45 degrees"):
        place(dataclasses.replace(design().part("R3"), board=(1.0, 1.0, 45.0)), NETS, (0, 0))
