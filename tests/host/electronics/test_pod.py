"""The pod's design: joined to its board, and refused in one sentence when it makes no sense."""

import pytest

from nabij.electronics import pod
from nabij.electronics.pod import DesignError
from nabij.hardware import boards
from tests.host.electronics.designs import BOARD, BOARD_TEXT, TEXT, design, rewired


def test_a_signal_sits_where_the_boards_file_puts_it():
    nets = design().nets()
    assert ("J2", "3") in nets["SOS_LEFT"], "GPIO14 is position 3 of P2"
    moved = pod.load("pod", rewired(r"(\[sos\]\n.*\n)pin = 14", r"\1pin = 18")).nets()
    assert ("J2", "12") in moved["SOS_LEFT"]
    assert ("J2", "3") not in moved["SOS_LEFT"]


def test_strips_carry_what_the_silkscreen_says():
    """Read off the vendor's drawing dwg/T-SIM7080G.DXF: the names beside the pads."""
    down = ["DC1", "DC1", "IO1", "IO2", "TXD", "RXD", "IO37", "IO36", "IO35", "IO0"]
    down += ["IO45", "IO48", "IO47", "IO21", "GND", "VSYS"]
    up = ["DC5", "GND", "IO14", "IO13", "IO12", "IO11", "IO10", "IO9", "IO46", "IO3", "IO8"]
    up += ["IO18", "IO17"]
    names = {"DC1": "3V3", "TXD": "GPIO43", "RXD": "GPIO44"}
    headers = boards.load(BOARD).headers
    assert headers["P1"] == [names.get(one, one.replace("IO", "GPIO")) for one in down]
    assert headers["P2"][:13] == [one.replace("IO", "GPIO") for one in up]
    assert headers["P2"][13:] == ["GPIO16", "GND", "3V3"], "not named on the front: schematic"


def test_without_sound_and_light_their_parts_are_left_out():
    board = boards.parse(BOARD, BOARD_TEXT.replace("fitted = true", "fitted = false"))
    silent = pod.load("pod", board)
    assert {"Q2", "LS1", "D8"}.isdisjoint(part.ref for part in silent.parts)
    assert "BUZZER" not in silent.nets()


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        (r'kind = "mosfet"', 'kind = "valve"', "'valve'"),
        (r'maker = "onsemi"\n', "", "maker"),
        (r'value = "red"', 'value = "red"\ncolour = 1', "colour"),
        (r"\[sources\]", "[sources", "not valid TOML"),
        (r'board = "t_sim7080g_s3"', "", "'board'"),
    ],
)
def test_a_broken_design_is_refused(pattern, replacement, sentence):
    with pytest.raises(DesignError, match=sentence):
        design(pattern, replacement)


def test_unknown_names_are_refused_with_what_there_is():
    with pytest.raises(DesignError, match="there are: card, pod"):
        pod.load("watch")
    with pytest.raises(DesignError, match="J99"):
        design().part("J99")
    with pytest.raises(DesignError, match="GPIO38 is on no strip"):
        pod.place_of(boards.load(BOARD), "GPIO38")


def test_a_signal_on_no_strip_is_refused_with_the_board():
    with pytest.raises(boards.BoardError, match=r"haptic\.pin is GPIO21.*connector|both GPIO21"):
        rewired(r"(\[haptic\]\n.*\n)pin = 11", r"\1pin = 21")
    with pytest.raises(boards.BoardError, match=r"rip\.pin is GPIO9, which no connector"):
        rewired('"GPIO9", ', "")
    with pytest.raises(boards.BoardError, match="GPIO12 twice"):
        rewired('"GPIO46"', '"GPIO12"')
    with pytest.raises(boards.BoardError, match="needs 'P1', a list"):
        rewired(r"P1 = \[.*\]", "P1 = 3")


def test_every_figure_has_a_source():
    assert set(design().sources) >= {"strips", "places", "imu_pins", "series_resistors"}
    assert TEXT.startswith("# Stage A")
