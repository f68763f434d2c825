"""KiCad itself reads the project: its rule checks, its netlist, and that they can fail."""

import pytest

from nabij.electronics import kicad, kicad_netlist, project
from nabij.electronics.kicad import Kicad, KicadError
from tests.host.electronics.designs import design, kicad_or_skip, rewired


@pytest.fixture(scope="module")
def tool(tmp_path_factory) -> Kicad:
    return kicad_or_skip(tmp_path_factory.mktemp("home"))


@pytest.fixture
def made(tmp_path):
    folder = tmp_path / "hardware"
    project.write(project.built(design()), folder)
    return folder / project.PROJECT.name


def test_the_schematic_has_no_finding(tool, made):
    assert kicad.schematic_rules(tool, made) == []


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
