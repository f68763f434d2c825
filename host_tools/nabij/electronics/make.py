"""Make what a person needs to build the pod: `python -m nabij.electronics.make`.

Into build/hardware: schematic, carrier, lists and, where KiCad 9 is installed, its checks, PDF and
gerbers. Into the repository: hardware/wiring.md and its picture. Exit code 1 when the design may
not be made so.
"""

import argparse
import sys
from collections.abc import Sequence

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
    project.write(project.built(design))
    for path, text in project.kept(design).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    drawn = f"{len(design.parts)} parts on {len(design.nets())} nets"
    print(f"{drawn}: schematic, carrier, netlist.csv and bom.csv are in")
    print(f"  {project.BUILD}")
    tool = kicad.find(project.BUILD / "home")
    if tool is None:
        print(kicad.MISSING)
        return []
    return _with_kicad(design, tool)


def _with_kicad(design: Design, tool: Kicad) -> list[str]:
    made = project.PROJECT
    wrong = kicad.schematic_rules(tool, made)
    read = kicad_netlist.read(kicad.netlist(tool, made))
    wrong += kicad_netlist.differences(read, design, design.board)
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
