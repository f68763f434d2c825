"""Make what a person needs to build the pod: `python -m nabij.electronics.make`.

Into build/hardware: schematic, carrier, lists and, where KiCad 9 is installed, its checks, PDF and
gerbers. Into the repository: hardware/wiring.md and its picture. Exit code 1 when the design may
not be made so.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nabij.electronics import checks, kicad, kicad_netlist, project
from nabij.electronics.kicad import Kicad, KicadError
from nabij.electronics.pod import Design, DesignError, load
from nabij.hardware.boards import BoardError


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m nabij.electronics.make", description=__doc__)
    parser.add_argument("design", nargs="?", default="pod", help="hardware/electronics/*.toml")
    options = parser.parse_args(arguments)
    try:
        wrong = _make(load(options.design))
    except (DesignError, BoardError, KicadError) as error:
        wrong = [str(error)]
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


def _make(design: Design) -> list[str]:
    wrong = checks.problems(design)
    if wrong:
        return wrong
    folder = project.folder_of(design)
    project.write(project.built(design), folder)
    for path, text in project.kept(design).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    drawn = f"{len(design.parts)} parts on {len(design.nets())} nets"
    made = "schematic, carrier" if design.carrier else "schematic of what is not built"
    print(f"{drawn}: {made}, netlist.csv and bom.csv are in")
    print(f"  {folder}")
    tool = kicad.find(folder / "home")
    if tool is None:
        print(kicad.MISSING)
        return []
    return _with_kicad(design, tool, folder / project.PROJECT.name)


def _with_kicad(design: Design, tool: Kicad, made: Path) -> list[str]:
    wrong = kicad.schematic_rules(tool, made)
    read = kicad_netlist.read(kicad.netlist(tool, made))
    wrong += kicad_netlist.differences(read, design, design.board)
    if design.carrier is None:
        if not wrong:
            kicad.pictures(tool, made)
            print(f"KiCad {tool.version} finds nothing wrong in it, and its netlist is ours.")
        return wrong
    kicad.fill_planes(tool, made)
    wrong += kicad.board_rules(tool, made)
    if not wrong:
        kicad.pictures(tool, made)
        kicad.fabrication(tool, made)
        print(
            f"KiCad {tool.version} finds nothing wrong in schematic and carrier, and its netlist"
        )
        print("is ours: nabij.pdf is the drawing, gerbers/ and placement.csv are for the maker.")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
