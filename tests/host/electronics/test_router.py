"""Tracks of the carrier: all pads of a net are joined, and two nets keep their distance."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabij.electronics.pod import DesignError
from nabij.electronics.router import Pad, Rules, Track, Via, route
from nabij.electronics.routing_grid import LAYERS, VIA_MM

RULES = Rules(
    outline=[(0, 0), (15, 0), (15, 12), (0, 12)], clearance=0.15, width=0.25, wide={}, plane="GND"
)
BOTH = tuple(range(LAYERS))


def pad(net, x, y, layers=(0,)):
    return Pad(net, (x, y), (0.4, 0.45), layers)


def covered(pads, laid):
    """(net, layer, points every 0.05 mm along its middle, radius) of all copper."""
    for one in pads:
        for layer in one.layers:
            x, y = one.at
            corners = [(x + dx, y + dy) for dx in (-0.3, 0.3) for dy in (-0.3, 0.3)]
            yield one.net, layer, corners, 0.1
    for one in laid:
        if isinstance(one, Via):
            for layer in BOTH:
                yield one.net, layer, [one.at], VIA_MM / 2
        else:
            (x0, y0), (x1, y1) = one.start, one.end
            steps = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / 0.05))
            parts = [step / steps for step in range(steps + 1)]
            line = [(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part) for part in parts]
            yield one.net, one.layer, line, one.width / 2


def nearest(one, other):
    ways = itertools.product(one[2], other[2])
    return min(math.dist(a, b) for a, b in ways) - one[3] - other[3]


def check(pads, laid):
    copper = list(covered(pads, laid))
    for one, other in itertools.combinations(copper, 2):
        if one[1] == other[1] and one[0] != other[0]:
            assert nearest(one, other) >= RULES.clearance - 1e-6, (one[0], other[0])


def joined(pads, laid, net):
    """How many pieces the copper of a net falls into."""
    points = {}
    for index, one in enumerate(one for one in pads if one.net == net):
        points[("pad", index)] = {(layer, one.at) for layer in one.layers}
    for index, one in enumerate(one for one in laid if one.net == net):
        if isinstance(one, Track):
            points[("copper", index)] = {(one.layer, one.start), (one.layer, one.end)}
        else:
            points[("copper", index)] = {(layer, one.at) for layer in BOTH}
    pieces = [set(ends) for ends in points.values()]
    for ends in points.values():
        touching = [piece for piece in pieces if piece & ends]
        pieces = [piece for piece in pieces if not piece & ends] + [set().union(*touching)]
    return len(pieces)


PLACES = [(x, y) for x in (2, 4.5, 7, 9.5, 12) for y in (2, 4.5, 7, 9.5)]


@settings(max_examples=15, derandomize=True)
@given(st.permutations(PLACES))
def test_every_net_is_joined_and_keeps_its_distance(places):
    nets = ["A", "B", "C", "D", "A", "B", "C", "D", "A", "B"]
    pads = [pad(net, *place) for net, place in zip(nets, places, strict=False)]
    laid = route(pads, RULES)
    check(pads, laid)
    for net in "ABCD":
        assert joined(pads, laid, net) == 1, net


def test_a_pad_of_the_plane_gets_a_via_beside_it():
    pads = [pad("GND", 5, 5), pad("A", 5, 6.25), pad("A", 9, 6.25), pad("GND", 8, 2, BOTH)]
    laid = route(pads, RULES)
    vias = [one for one in laid if isinstance(one, Via)]
    assert [via.net for via in vias] == ["GND"], "a pad through the board needs none"
    assert abs(vias[0].at[0] - 5) > 0.4 + VIA_MM / 2 or abs(vias[0].at[1] - 5) > 0.45 + VIA_MM / 2


def test_the_same_pads_give_the_same_tracks():
    pads = [pad(net, x, y) for net, (x, y) in zip("ABCABC", PLACES, strict=False)]
    assert route(pads, RULES) == route(pads, RULES)


def test_a_net_without_a_way_is_named():
    wall = [Pad("W", (7, 6), (0.4, 6.0), BOTH)]
    with pytest.raises(DesignError, match="A finds no way on the carrier"):
        route([pad("A", 3, 6), pad("A", 11, 6), *wall], RULES)
