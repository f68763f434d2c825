"""KiCad itself reads the project: its rule checks, its netlist, and that they can fail."""

import pytest

from nabij.electronics import kicad, kicad_netlist, project
from nabij.electronics.kicad import Kicad, KicadError
from tests.host.electronics.designs import design, files, kicad_or_skip, rewired


@pytest.fixture(scope="module")
def tool(tmp_path_factory) -> Kicad:
    return kicad_or_skip(tmp_path_factory.mktemp("home"))


@pytest.fixture
def made(tmp_path):
    folder = tmp_path / "hardware"
    project.write(files(), folder)
    return folder / project.PROJECT.name


def test_the_schematic_has_no_finding(tool, made):
    assert kicad.schematic_rules(tool, made) == []


def test_the_carrier_has_no_finding_and_is_that_of_the_schematic(tool, made):
    rules = made.read_bytes()
    kicad.fill_planes(tool, made)
    assert kicad.board_rules(tool, made) == []
    assert made.read_bytes() == rules, "the rules are ours, and nobody changed them"


def test_a_carrier_with_another_net_or_a_missing_track_is_found(tool, made):
    board = made.with_suffix(".kicad_pcb")
    text = board.read_text(encoding="utf-8")
    segment = text.index("\t(segment")
    board.write_text(text[:segment] + text[text.index("\t(segment", segment + 1) :], "utf-8")
    assert any("unconnected" in one for one in kicad.board_rules(tool, made))
    drawing = made.with_suffix(".kicad_sch")
    changed = drawing.read_text(encoding="utf-8").replace('"RIP_WIRE"', '"RIP_LINE"')
    drawing.write_text(changed, encoding="utf-8")
    assert any("RIP_LINE" in one for one in kicad.board_rules(tool, made))


def test_a_maker_of_boards_gets_all_layers_and_the_places(tool, made):
    kicad.fill_planes(tool, made)
    kicad.fabrication(tool, made)
    written = {path.name for path in (made.parent / "gerbers").iterdir()}
    for end in ("F_Cu.gtl", "B_Cu.gbl", "F_Mask.gts", "F_Silkscreen.gto", "Edge_Cuts.gm1", ".drl"):
        assert any(name.endswith(end) for name in written), end
    places = (made.parent / "placement.csv").read_text(encoding="utf-8")
    assert '"U1"' in places
    assert '"J1"' not in places, "sockets are soldered by hand, from below"
    assert (made.parent / "front.png").read_bytes().startswith(b"\x89PNG")


def test_an_open_pin_is_found(tool, made):
    drawing = made.with_suffix(".kicad_sch")
    text = drawing.read_text(encoding="utf-8").replace('"MOTOR_GATE"', '"MOTOR_GTAE"', 1)
    drawing.write_text(text, encoding="utf-8")
    found = " ".join(kicad.schematic_rules(tool, made))
    assert "MOTOR_GTAE" in found


def test_its_netlist_is_that_of_the_board(tool, made):
    nets = kicad_netlist.read(kicad.netlist(tool, made))
    assert kicad_netlist.differences(nets, design(), design().board) == []
    moved = rewired(r"\[sos_right\]\npin = 10", "[sos_right]\npin = 18")
    wrong = kicad_netlist.differences(nets, design(), moved)
    assert len(wrong) == 1
    assert wrong[0].startswith("sos_right.pin is GPIO18, P2 position 12")


def test_it_draws_a_pdf(tool, made):
    kicad.pictures(tool, made)
    assert made.with_suffix(".pdf").read_bytes().startswith(b"%PDF")


def test_a_broken_file_is_one_sentence(tool, made):
    made.with_suffix(".kicad_sch").write_text("(kicad_sch", encoding="utf-8")
    with pytest.raises(KicadError, match="kicad-cli sch"):
        kicad.netlist(tool, made)


def test_an_older_or_no_kicad_is_none(tmp_path, monkeypatch):
    old = tmp_path / "kicad-cli"
    old.write_text("#!/bin/sh\necho 8.0.9\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert kicad.find(tmp_path) is None
    old.unlink()
    assert kicad.find(tmp_path) is None
