"""What the measures must keep before anything is drawn, each shown by measures that do not."""

import pytest

from nabij.enclosure.plan import misfits, problems
from tests.host.enclosure.shells import CARD, shell


def test_the_pod_keeps_all():
    assert problems(shell()) == []


def test_each_board_fits_the_shell_that_its_file_names():
    assert misfits("pod", shell()) == []
    assert misfits("card", shell(name=CARD)) == []
    narrow = shell(r"^to = \[33.0, 110.5, 0.0\]", "to = [32.0, 110.5, 0.0]")
    (wrong,) = misfits("pod", narrow)
    assert wrong == "The board t_sim7080g_s3 is 33 x 110.5 mm; 'pod' has room for 32 x 110.5."


def test_the_card_badge_keeps_all_in_the_room_of_a_card():
    card = shell(name=CARD)
    assert problems(card) == []
    assert card.outside.size[1] == pytest.approx(86)
    assert card.outside.size[0] + 2 * card.button.proud == pytest.approx(54)
    assert "not built" in card.title


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        (r"^to = \[46.0, 79.2, 5.3\]", "to = [46.0, 79.2, 6.3]", "mm thick; at most 16"),
        (r"^to = \[40.25, 70.0, -1.5\]", "to = [40.25, 70.0, 0.5]", "board and cell share"),
        (r"^from = \[10.0, 5.8, -0.4\]", "from = [10.0, 5.8, -1.0]", "board and motor share"),
        (r"^to = \[20.5, 16.3, 3.2\]", "to = [26.5, 16.3, 3.2]", "motor is metal and takes"),
        (r"^to = \[24.6, 71.3, 2.0\]", "to = [29.0, 71.3, 2.0]", "modem stands above SIM"),
        (r"^name = \"PWR pinhole\"", 'name = "PWR"', "no opening for PWR pinhole"),
        (r"^y = 45.0", "y = 30.0", "ESP32 and right pocket share"),
        (r"^split = -1.6", "split = 1.0", "the board could not be put in"),
    ],
)
def test_a_breach_of_the_card_badge_is_one_sentence(pattern, replacement, sentence):
    found = problems(shell(pattern, replacement, name=CARD))
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError("\n".join(found))


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        (r"^outside = \[42.5, 145.0, 44.0\]", "outside = [42.5, 145.0, 40.0]", "mm thick; at mo"),
        (r"^outside = \[42.5", "outside = [42.0", "mm wide; at most 42"),
        (r"^to = \[27.0, 100.0, -1.6\]", "to = [27.0, 100.0, -1.0]", "board and cell in its hol"),
        (r"^to = \[28.0, 47.5, 16.9\]", "to = [28.0, 47.5, 19.0]", "plugs .* reaches out of"),
        (r"^to = \[32.5, 109.5, 3.2\]", "to = [32.5, 109.5, 7.0]", "modem.* left pocket share"),
        (r'^name = "USB"', 'name = "USC"', "no opening for USB"),
        (r'^name = "PWR pinhole"', 'name = "PWR"', "no opening for PWR pinhole"),
        (r'^name = "SIM"', 'name = "SIN"', "no opening for SIM"),
        (r'^name = "slide switch"', 'name = "switch"', "no opening for slide switch"),
        (r"^from = \[-4.5, 46.3", "from = [-2.0, 46.3", "USB does not go through the wall"),
        (r"^to = \[32.5, 109.5, 3.2\]", "to = [32.5, 109.5, 4.0]", "stands above SIM"),
        (r"^from = \[0.0, 9.0, 7.1\]", "from = [0.0, 3.5, 7.1]", "carrier is metal and takes"),
        (r"^flange_over = 1.6", "flange_over = 0.5", "it can fall out"),
        (r"^flange_over = 1.6", "flange_over = 2.5", "flange does not fit"),
        (r"^gap = 0.3", "gap = 0.1", "0.1 mm of play"),
        (r"^slack = 0.1", "slack = 0.5", "rattles"),
        (r"^proud = 0.6", "proud = 0.2", "cannot close the switch"),
        (r"^proud = 0.6", "proud = 1.2", "pressed by a pocket"),
        (r"^groove_depth = 0.9", "groove_depth = 0.2", "no groove for the gasket"),
        (r"^groove_width = 1.3", "groove_width = 2.0", "0.70 mm of wall beside"),
        (r"^split = 6.0", "split = 8.0", "the board could not be put in"),
    ],
)
def test_a_breach_is_one_sentence(pattern, replacement, sentence):
    found = problems(shell(pattern, replacement))
    assert found
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError("\n".join(found))
