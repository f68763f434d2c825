"""Make the parts of a shell to print: `python -m nabij.enclosure.make`.

Into build/enclosure: STL and STEP of each part, two pictures. Exit code 1 when the shell may not
be printed; then nothing is written. Needs the extra `enclosure`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nabij import places
from nabij.enclosure import plan
from nabij.enclosure.measures import Measures, ShellError, load

BUILD: Final = places.ROOT / "build" / "enclosure"
_SIZE: Final = (560, 560)
_TRAY: Final = (88, 108, 138)
_CAP: Final = (200, 205, 215)
_BUTTON: Final = (200, 90, 50)
_INSIDE: Final = (60, 150, 90)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m nabij.enclosure.make", description=__doc__)
    parser.add_argument("shell", nargs="?", default="pod", help="hardware/enclosures/*.toml")
    options = parser.parse_args(arguments)
    try:
        measures = load(options.shell)
        wrong = plan.misfits(options.shell, measures) or plan.problems(measures)
        wrong = wrong or _drawn(measures, BUILD / options.shell)
    except ShellError as error:
        wrong = [str(error)]
    except ModuleNotFoundError as error:
        wrong = [f"{error.name} is not installed; run `make enclosure`, which installs it."]
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


def _drawn(measures: Measures, folder: Path) -> list[str]:
    from build123d import export_step, export_stl  # noqa: PLC0415 - an extra of its own

    from nabij.enclosure import inspection  # noqa: PLC0415
    from nabij.enclosure.solids import solids  # noqa: PLC0415

    parts = solids(measures)
    triangles = inspection.meshes(parts)
    wrong = inspection.problems(measures, parts, triangles)
    if wrong:
        return wrong
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        export_stl(part, str(folder / f"{name}.stl"))
        export_step(part, str(folder / f"{name}.step"))
    _pictures(measures, triangles, folder)
    wide, long, high = measures.outside.size
    weight = inspection.grams(measures, parts)
    print(f"{measures.title}: {wide:.1f} x {long:.1f} x {high:.1f} mm without the lug,")
    print(f"{weight:.0f} g of plastic (printed solid), {len(parts)} parts, all checks kept. In")
    print(f"  {folder}")
    print(f"Print: {measures.settings}.")
    return []


def _pictures(measures: Measures, triangles: dict, folder: Path) -> None:  # type: ignore[type-arg]
    from nabij.enclosure import inspection, picture  # noqa: PLC0415
    from nabij.enclosure.solids import block  # noqa: PLC0415

    buttons = [(triangles[name], _BUTTON) for name in ("button_left", "button_right")]
    tray, cap = (triangles["tray"], _TRAY), (triangles["cap"], _CAP)
    picture.draw([tray, cap, *buttons], folder / "closed.png", (-0.9, 0.5, 0.8), _SIZE)
    inner = inspection.meshes({one.name: block(one.box) for one in measures.contents})
    for mesh in inner.values():
        mesh.apply_translation([0.0, 0.0, 45.0])
    raised = {name: triangles[name].copy() for name in ("cap", "button_left", "button_right")}
    for mesh in raised.values():
        mesh.apply_translation([0.0, 0.0, 85.0])
    contents = [(mesh, _INSIDE) for mesh in inner.values()]
    above = [(mesh, _CAP if name == "cap" else _BUTTON) for name, mesh in raised.items()]
    exploded = [tray, *contents, *above]
    picture.draw(exploded, folder / "exploded.png", (-0.9, 0.5, 0.6), _SIZE)


if __name__ == "__main__":
    sys.exit(main())
