"""The millimetres of a shell: read as they stand, and refused in one sentence."""

import pytest

from nabij.enclosure import measures
from nabij.enclosure.measures import Box, ShellError
from tests.host.enclosure.shells import shell


def test_the_outside_is_the_inside_with_its_walls():
    inside, outside = shell().inside, shell().outside
    assert outside.size[0] == pytest.approx(inside.size[0] + 2 * 3.4)
    assert outside.size[2] == pytest.approx(inside.size[2] + 2.0 + 2.0)


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        (r"^wall = 3.4", "", "wall"),
        (r"^wall = 3.4", "wall = 3.4\nwalls = 2", "unknown entry 'walls'"),
        (r"^to = \[33.6, 118.5", "to = [-33.6, 118.5", "has no room"),
        (r"^\[print\]", "[print", "not valid TOML"),
        (r"^\[antenna\]", "[aerial]", "antenna"),
        (r'^USB = "left"\n', "", "does not ask for USB"),
        (r'^SIM = "cap off"', 'SIM = "behind"', "'behind' for SIM; use one of left, cap off"),
    ],
)
def test_broken_measures_are_refused(pattern, replacement, sentence):
    with pytest.raises(ShellError, match=sentence):
        shell(pattern, replacement)


def test_an_unknown_shell_is_told_with_those_there_are():
    with pytest.raises(ShellError, match="there are: card, pod"):
        measures.load("watch")


def test_two_boxes_share_what_lies_in_both():
    one, other = Box((0, 0, 0), (2, 2, 2)), Box((1, 1, 1), (3, 3, 3))
    assert one.shared_mm3(other) == 1
    assert one.shared_mm3(Box((2, 0, 0), (3, 2, 2))) == 0, "they touch"


def test_assumptions_are_named():
    told = shell().sources
    assert told["pwr"].startswith("assumption")
    assert told["cell"].startswith("assumption")
