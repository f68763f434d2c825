"""What a drawn shell must keep, each shown by one that does not; takes the extra `enclosure`."""

import functools

import pytest

pytest.importorskip("build123d", reason="the shell is drawn by the extra `enclosure`")

from nabij.enclosure import inspection
from nabij.enclosure.measures import Box
from nabij.enclosure.solids import block, solids
from tests.host.enclosure.shells import CARD, POD, shell


@functools.cache
def drawn(pattern="^", replacement="", name=POD):
    measures = shell(pattern, replacement, name=name)
    parts = solids(measures)
    return measures, parts, inspection.meshes(parts)


def found(pattern="^", replacement="", name=POD):
    return inspection.problems(*drawn(pattern, replacement, name))


def test_the_pod_keeps_all():
    assert found() == []


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        (r"^floor = 2.0", "floor = 0.8", "tray is 0.[78]. mm thin"),
        (r"^to = \[0.5, 56.3, 3.9\]", "to = [0.5, 56.3, 4.6]", "tray is 0.[45]. mm thin"),
        (r"^gap = 0.3", "gap = -0.2", "cap and button_left share"),
        (r"^from = \[9.5, -7.6, -20.0\]", "from = [5.0, -7.6, -20.0]", "reed .* of the tray"),
        (r"^to = \[28.0, 47.5, 16.9\]", "to = [28.0, 90.0, 16.9]", "plugs .* of the cap"),
        (r"^grams = 130.0", "grams = 60.0", "The parts weigh"),
        (r"^length = 20.0", "length = 48.0", "pieces|thin|share|blocked"),
    ],
)
def test_a_breach_is_one_sentence(pattern, replacement, sentence):
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError("\n".join(found(pattern, replacement)))


def test_the_card_badge_keeps_all():
    assert found(name=CARD) == []
    measures, parts, _ = drawn(name=CARD)
    assert inspection.grams(measures, parts) < 40


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        (r"^floor = 1.6", "floor = 0.7", "tray is 0.[67]. mm thin"),
        # What the split leaves of the wall below USB.
        (r"^split = -1.6", "split = -0.7", "cap is 0.[12]. mm thin"),
        (r"^from = \[15.0, 0.4, -6.5\]", "from = [3.0, 0.4, -6.5]", "reed .* of the tray"),
    ],
)
def test_a_breach_of_the_card_badge_is_one_sentence(pattern, replacement, sentence):
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError("\n".join(found(pattern, replacement, CARD)))


def test_a_hole_that_no_opening_names_leaks():
    measures, parts, triangles = drawn()
    assert not inspection.leaks(measures, triangles)
    hole = Box((10.0, 116.0, -15.0), (13.0, 130.0, -12.0))
    leaky = {**parts, "tray": parts["tray"] - block(hole)}
    assert inspection.leaks(measures, inspection.meshes(leaky))


def test_a_part_in_pieces_is_told():
    measures, parts, _ = drawn()
    cut = Box((-20.0, 60.0, -40.0), (60.0, 61.0, 40.0))
    broken = {**parts, "cap": parts["cap"] - block(cut)}
    wrong = inspection.problems(measures, broken, inspection.meshes(broken))
    assert any(one.startswith("cap is 2 pieces") for one in wrong)


def test_what_blocks_a_way_is_told():
    measures, parts, _ = drawn()
    bar = Box((-3.0, 50.0, 0.0), (-2.0, 52.0, 3.0))
    blocked = {**parts, "tray": parts["tray"] + block(bar)}
    wrong = inspection.problems(measures, blocked, inspection.meshes(blocked))
    assert any("The way to USB is blocked" in one for one in wrong)
