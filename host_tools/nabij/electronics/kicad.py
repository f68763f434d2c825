"""KiCad 9 without its windows: what a project exports, and what its rule checks say."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

WANTED: Final = 9
MISSING: Final = (
    f"KiCad {WANTED} is not installed, so nothing was checked by it and no PDF was made: "
    "as root run .ci/kicad (Debian), or put its kicad-cli on the path."
)
_TIMEOUT_S: Final = 300
_GERBERS: Final = (
    *("F.Cu", "B.Cu", "F.Mask", "B.Mask", "F.SilkS", "B.SilkS", "F.Paste", "Edge.Cuts"),
)
# What is soldered by hand from the other side is no business of a machine.
_PLACEMENT: Final = ("--format", "csv", "--units", "mm", "--side", "front", "--exclude-fp-th")
_ASSEMBLY: Final = (
    *("--mode-single", "--layers", "F.Fab,Edge.Cuts,F.Mask", "--exclude-drawing-sheet"),
    *("--page-size-mode", "2"),
)
_RENDER: Final = ("-w", "600", "-h", "740")


class KicadError(Exception):
    """KiCad refused or failed; one sentence with what it said."""


@dataclass(frozen=True)
class Kicad:
    """A kicad-cli; `home` is where it may write its settings."""

    command: str
    version: str
    home: Path

    def run(self, *arguments: str, folder: Path, allowed: tuple[int, ...] = (0,)) -> int:
        """Run kicad-cli in a folder; its exit code. Raises KicadError."""
        done = _start(self, [self.command, *arguments], folder)
        if done.returncode not in allowed:
            said = " ".join((done.stderr or done.stdout).split()[-30:])
            raise KicadError(f"kicad-cli {' '.join(arguments[:3])} failed: {said}")
        return done.returncode


def find(home: Path) -> Kicad | None:
    """The kicad-cli on the path when it is new enough."""
    command = shutil.which("kicad-cli")
    if command is None:
        return None
    asked = subprocess.run([command, "version"], capture_output=True, text=True, check=False)
    found = re.match(r"(\d+)\.\S+", asked.stdout.strip())
    if not found or int(found[1]) < WANTED:
        return None
    return Kicad(command, found[0], home)


def schematic_rules(kicad: Kicad, project: Path) -> list[str]:
    """What the electrical rule check finds, errors and warnings."""
    return _rules(kicad, project, "sch", "erc", f"{project.stem}.kicad_sch")


def board_rules(kicad: Kicad, project: Path) -> list[str]:
    """What the design rule check finds, and where the board differs from the schematic."""
    return _rules(kicad, project, "pcb", "drc", f"{project.stem}.kicad_pcb", "--schematic-parity")


def netlist(kicad: Kicad, project: Path) -> str:
    """The netlist that KiCad reads out of the schematic, as its XML."""
    target = project.with_suffix(".net.xml")
    arguments = ("sch", "export", "netlist", "--format", "kicadxml", "-o", target.name)
    kicad.run(*arguments, f"{project.stem}.kicad_sch", folder=project.parent)
    return target.read_text(encoding="utf-8")


def pictures(kicad: Kicad, project: Path) -> None:
    """The schematic as PDF and SVG."""
    source = f"{project.stem}.kicad_sch"
    for arguments in (("pdf", "-o", f"{project.stem}.pdf"), ("svg", "-o", ".")):
        kicad.run("sch", "export", *arguments, source, folder=project.parent)


def fill_planes(kicad: Kicad, project: Path) -> None:
    """Fill the planes of the board in place; raises KicadError."""
    beside = Path(kicad.command).resolve().parent / "python3"
    python = beside if beside.is_file() else Path("python3")
    with as_file(files("nabij.electronics").joinpath("fill_planes.py")) as script:
        # -I: nothing of our environment, which has another Python's packages.
        command = [str(python), "-I", str(script), str(project.with_suffix(".kicad_pcb"))]
        done = _start(kicad, command, project.parent)
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split()[-30:])
        raise KicadError(f"KiCad's Python module could not fill the planes of the board: {said}")


def fabrication(kicad: Kicad, project: Path) -> None:
    """What a maker of boards asks for, as gerbers/; and pictures of the board."""
    folder, board = project.parent, f"{project.stem}.kicad_pcb"
    (folder / "gerbers").mkdir(exist_ok=True)
    for arguments in (
        ("export", "gerbers", "-o", "gerbers/", "--layers", ",".join(_GERBERS)),
        ("export", "drill", "-o", "gerbers/"),
        ("export", "pos", "-o", "placement.csv", *_PLACEMENT),
        ("export", "svg", "-o", "assembly.svg", *_ASSEMBLY),
        ("render", "-o", "front.png", "--side", "top", *_RENDER),
        ("render", "-o", "back.png", "--side", "bottom", *_RENDER),
    ):
        kicad.run("pcb", *arguments, board, folder=folder)


def _start(kicad: Kicad, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    kicad.home.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(kicad.home), "KICAD_CONFIG_HOME": str(kicad.home)},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )


def _rules(
    kicad: Kicad, project: Path, kind: str, check: str, source: str, *more: str
) -> list[str]:
    report = project.parent / f"{check}.txt"
    arguments = (kind, check, "--severity-all", "--exit-code-violations", *more)
    # 5 is its exit code for violations.
    code = kicad.run(*arguments, "-o", report.name, source, folder=project.parent, allowed=(0, 5))
    said = report.read_text(encoding="utf-8")
    found = [" ".join(part.split()) for part in re.split(r"^(?=\[)", said, flags=re.MULTILINE)]
    violations = [part.partition(" **")[0] for part in found if part.startswith("[")]
    if bool(violations) != bool(code):
        raise KicadError(
            f"{check} ended with {code}, yet its report has {len(violations)} findings."
        )
    return violations
