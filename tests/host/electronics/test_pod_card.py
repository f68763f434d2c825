"""The card badge of stage B: a schematic from its board's file, and nothing that could be made."""

import re

import pytest

from nabij.electronics import kicad, kicad_netlist, lists, make, pod, project
from nabij.electronics.checks import problems
from nabij.electronics.pod import DesignError
from nabij.hardware import boards
from tests.host.electronics.designs import kicad_or_skip

BOARD = "card_badge"


@pytest.fixture(scope="module")
def card():
    return pod.load("card")


def moved(pattern, replacement):
    text = (boards.DEFINITIONS / f"{BOARD}.toml").read_text(encoding="utf-8")
    changed, count = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
    assert count == 1
    return boards.parse(BOARD, changed)


def test_it_keeps_the_rules_of_every_design_and_says_that_it_is_not_built(card):
    assert problems(card) == []
    assert "NOT BUILT" in card.title
    assert "NOT BUILT" in card.frames[0].title


def test_every_pin_of_the_boards_file_reaches_its_part(card):
    signals = {what for what, _ in card.board.pins()}
    assert signals <= set(card.signals)
    nets = card.nets()
    for what in signals:
        assert len(nets[card.signals[what]]) >= 2, what


def test_another_gpio_moves_its_net_and_a_pull_that_is_not_the_boards_is_refused(card):
    other = pod.load("card", moved(r"^int1 = 12", "int1 = 18"))
    assert other.part("U1").pins["11"] == "IMU_INT1"
    assert "20" not in other.part("U1").pins
    weak = moved(r"^external_pull_ohm = 100_000", "external_pull_ohm = 220_000")
    assert any("SOS_LEFT has 100000 ohm" in one for one in problems(pod.load("card", weak)))


def test_nothing_of_it_can_be_ordered_or_made(card):
    files = project.built(card)
    assert not [name for name in files if name.endswith(".kicad_pcb")]
    assert project.kept(card) == {}
    assert project.folder_of(card) != project.folder_of(pod.load("pod"))
    with pytest.raises(DesignError, match="no board of it to be made"):
        _ = card.to_make
    assert all(row[-1] for row in lists.bom_rows(card))


def test_the_same_design_gives_the_same_bytes(card):
    assert project.built(card) == project.built(pod.load("card"))


def test_kicad_finds_nothing_wrong_and_reads_the_nets_of_the_boards_file(card, tmp_path):
    tool = kicad_or_skip(tmp_path / "home")
    project.write(project.built(card), tmp_path / "card")
    made = tmp_path / "card" / project.PROJECT.name
    assert kicad.schematic_rules(tool, made) == []
    read = kicad_netlist.read(kicad.netlist(tool, made))
    assert kicad_netlist.differences(read, card, card.board) == []
    (wrong,) = kicad_netlist.differences(read, card, moved(r"^int1 = 12", "int1 = 18"))
    assert "imu.int1 is GPIO18, which IMU_INT1 does not reach at U1" in wrong


def test_it_is_made_by_its_name(card, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(project, "BUILD", tmp_path / "hardware")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert make.main(["card"]) == 0
    assert "schematic of what is not built" in capsys.readouterr().out
    assert (tmp_path / BOARD / "bom.csv").is_file()
