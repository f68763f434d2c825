"""The made files: those in the repository are fresh, and every machine makes the same bytes."""

import hashlib
import os
import re
import subprocess
import sys

from nabij.electronics import project, symbols
from nabij.electronics.sexpr import lists, parse, unquoted
from tests.host.electronics.designs import design, files
from tests.places import REPO

SUM = (
    "from nabij.electronics import pod, project; import hashlib; "
    "print(hashlib.sha256(repr(project.built(pod.load('pod'))).encode()).hexdigest())"
)


def test_page_and_picture_are_what_the_design_gives():
    for path, text in project.kept(design()).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make hardware`"


def test_another_process_makes_the_same_bytes():
    there = subprocess.run(
        [sys.executable, "-c", SUM],
        env={**os.environ, "PYTHONHASHSEED": "3", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert there.strip() == hashlib.sha256(repr(files()).encode()).hexdigest()


def test_the_project_uses_nothing_but_its_own_symbols_and_footprints():
    made = files()
    kept = {path.stem for path in (REPO / "hardware/electronics/nabij.pretty").iterdir()}
    named = re.findall(r'"nabij:([^"]+)"', made["nabij.kicad_sch"])
    drawn = symbols.library(design().boxes)
    assert set(named) <= kept | set(drawn)
    assert not re.search(r'"(Device|power|Resistor_SMD):', made["nabij.kicad_sch"])


def test_every_pin_of_every_part_is_on_the_drawing():
    sheet = parse(files()["nabij.kicad_sch"])
    labels = [unquoted(label[1]) for label in lists(sheet, "global_label")]
    assert sorted(labels) == sorted(net for part in design().parts for net in part.pins.values())
    refs = {
        unquoted(field[2])
        for part in lists(sheet, "symbol")
        for field in lists(part, "property")
        if unquoted(field[1]) == "Reference"
    }
    assert refs == {part.ref for part in design().parts}


def test_the_harness_names_each_plug_and_each_position():
    picture = next(text for path, text in project.kept(design()).items() if path.suffix == ".svg")
    for part in design().parts:
        if part.on:
            assert f"{part.ref} on {part.on}: " in picture
    for names in design().board.headers.values():
        for position, name in enumerate(names, 1):
            assert f">{position} {name}" in picture
