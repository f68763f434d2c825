"""The shipped configurations and the badge's own table: `python -m nabij.tune.shipped DATA`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
import tomlkit

from badge.core.detector import detect
from nabij import settings
from nabij.data import bundles
from nabij.detector import verifier
from nabij.detector.verifier import Verifier
from nabij.tune import fit, recipe, recordings
from nabij.tune.fit import Sample
from nabij.tune.recipe import Recipe
from nabij.tune.recordings import Recordings

CONFIGS: Final = Path(str(settings.__file__)).parent / "configs"
BADGE_TABLE: Final = Path(str(detect.__file__)).parent / "verifier_table.py"
_LINE: Final = 88


def make(data: Recordings, sample: Sample, chosen: Recipe) -> Verifier:
    """Return the verifier fitted to all people, with the limits of the default preset."""
    everyone = np.ones(len(data.trials), np.bool_)
    sample = fit.first_copies(sample, chosen.copies)
    fitted = fit.fit(sample, data.labels, chosen.how, everyone)
    return fit.with_bases(fitted, chosen.presets[recipe.DEFAULT_PRESET])


def config_text(chosen: Recipe, made: Verifier) -> str:
    """Return a configuration file."""
    base = chosen.presets[recipe.DEFAULT_PRESET]
    presets = {
        str(preset): {
            "fall_points": limits.fall - base.fall,
            "down_points": limits.down - base.down,
        }
        for preset, limits in chosen.presets.items()
    }
    settings = {
        "detector": {"impact_mg": 1500, "decide_ms": 2500, "confirm_ms": 8000},
        "presets": presets,
    }
    return (
        f"# {chosen.text} Written by `python -m nabij.tune.shipped`.\n"
        "# docs/detection.md has the figures. Presets go from the fewest false alarms (1) to the\n"
        f"# most sensitive (5): `--config {chosen.name}:4`; without a number it is"
        f" {recipe.DEFAULT_PRESET}.\n\n"
        f"{tomlkit.dumps(settings)}\n{verifier.to_toml(made)}"
    )


def badge_table_text(made: Verifier) -> str:
    """Return the source of the table that a badge without another one uses."""
    text = made.text()
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return (
        '"""The verifier of a badge at the neck, packed (verifier.py).\n\n'
        "Written by `python -m nabij.tune.shipped`; configs/neck.toml is the same to read.\n"
        '"""\n\n'
        "NECK = (\n" + "".join(f'    "{line}"\n' for line in lines) + ")\n"
    )


def main(arguments: list[str]) -> None:
    """Fit to the bundles of a folder and write the shipped files."""
    data = recordings.gather(bundles.load_every(Path(arguments[0]), resampled=True))
    sample = recordings.sample_of(
        (data.samples, data.offsets), recipe.MOST_COPIES, data.labels.is_fall
    )
    CONFIGS.mkdir(exist_ok=True)
    for chosen in recipe.RECIPES:
        made = make(data, sample, chosen)
        (CONFIGS / f"{chosen.name}.toml").write_text(config_text(chosen, made))
        if chosen is recipe.NECK:
            BADGE_TABLE.write_text(badge_table_text(made))
        print(f"{chosen.name}: {len(made.pack())} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
