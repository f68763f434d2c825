"""The files of a design: a KiCad project with its libraries, lists, page and harness picture."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nabij import places
from nabij.electronics import carrier, lists, schematic, symbols
from nabij.electronics.harness import harness
from nabij.electronics.pod import FOLDER, Design
from nabij.electronics.sexpr import dump
from nabij.electronics.wiring_page import page

BUILD: Final = places.ROOT / "build" / "hardware"
PROJECT: Final = BUILD / f"{schematic.PROJECT}.kicad_pro"
FOOTPRINTS: Final = f"{schematic.PROJECT}.pretty"


def folder_of(design: Design) -> Path:
    """Where the files of a design are made: a schematic alone has a place of its own."""
    return BUILD if design.carrier else BUILD.with_name(design.board.id)


def kept(design: Design) -> dict[Path, str]:
    """What is in the repository and made from the design: page and picture."""
    if design.carrier is None:
        return {}
    return {
        places.HARDWARE / "wiring.md": page(design),
        places.ROOT / "docs" / "hardware" / "harness.svg": harness(design),
    }


def built(design: Design) -> dict[str, str]:
    """The files of the KiCad project by name, without the footprints: the same bytes anywhere."""
    drawings = symbols.library(design.boxes)
    name = schematic.PROJECT
    trees = {
        f"{name}.kicad_sch": schematic.schematic(design, drawings),
        f"{name}.kicad_sym": symbols.library_file(drawings),
        "sym-lib-table": schematic.table("sym", f"{name}.kicad_sym"),
        "fp-lib-table": schematic.table("fp", FOOTPRINTS),
    }
    if design.carrier is not None:
        trees[f"{name}.kicad_pcb"] = carrier.carrier(design, drawings)
    rules = carrier.project(design) if design.carrier else schematic.project()
    return {file: dump(tree) + "\n" for file, tree in trees.items()} | {
        PROJECT.name: rules,
        "bom.csv": lists.bom(design),
        "netlist.csv": lists.netlist(design),
    }


def write(files: Mapping[str, str], folder: Path = BUILD) -> None:
    """Write the project anew, so that nothing of an older one is left."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copytree(FOLDER / FOOTPRINTS, folder / FOOTPRINTS)
