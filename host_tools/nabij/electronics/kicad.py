"""KiCad 9 without its windows: what a project exports, and what its rule checks say."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WANTED: Final = 9
MISSING: Final = (
    f"KiCad {WANTED} is not installed, so nothing was checked by it and no PDF was made: "
    "as root run .ci/kicad (Debian), or put its kicad-cli on the path."
)
_TIMEOUT_S: Final = 300


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
        self.home.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "HOME": str(self.home), "KICAD_CONFIG_HOME": str(self.home)}
        done = subprocess.run(
            [self.command, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
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
