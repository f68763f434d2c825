"""A working day of a virtual badge in virtual time: how much it draws, and what takes it."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from nabij.centre.register.enrol import enrol
from nabij.data import traces
from nabij.errors import NabijError
from nabij.hardware import power
from nabij.virtual import site
from nabij.virtual.badge import Scenario, Trace, run_fast
from nabij.virtual.body_model import Body

SHIFT_HOURS: Final = 12.0
# What a lone-worker badge must last (DIN VDE V 0825-11), and what this one is meant to.
REQUIRED_HOURS: Final = 12.0
TARGET_HOURS: Final = 72.0
_WALL_S_PER_HOUR: Final = 120.0
_SQUEEZE_MS: Final = 1600


class EnergyError(NabijError):
    """The day could not be run to its end."""


@dataclass(frozen=True)
class Share:
    """What one part took in one state."""

    part: str
    state: str
    mah: float
    assumed: bool


@dataclass(frozen=True)
class Day:
    """One run: `mean_ma` at the battery, and how long its usable part lasts at that pace."""

    hours: float
    mah: float
    mean_ma: float
    battery_mah: int
    battery_hours: float
    shares: tuple[Share, ...]

    @property
    def doubted_hours(self) -> float:
        """How long the battery lasts when every figure that is an assumption is twice as high."""
        assumed_mah = sum(share.mah for share in self.shares if share.assumed)
        return self.battery_hours * self.mah / (self.mah + assumed_mah)

    def figures(self) -> dict[str, float]:
        """Flat names to numbers, for `make bench`."""
        return {
            "energy.mean_ma": self.mean_ma,
            "energy.mah_per_day": self.mean_ma * 24,
            "energy.battery_hours": self.battery_hours,
            "energy.battery_hours_doubted": self.doubted_hours,
        }


def shift(
    hours: float = SHIFT_HOURS, settings: Mapping[str, Any] | None = None, alarms: int = 0
) -> Day:
    """Wear a badge with these settings for `hours` in coverage, with `alarms` squeezes on the way.

    Walking and standing by turns; the receiver answers each alarm. EnergyError when the badge
    reset or its power went.
    """
    with tempfile.TemporaryDirectory(prefix="nabij-energy-") as name:
        folder = Path(name)
        state = folder / "state"
        provision = enrol(state, "energy", host="localhost", port=8883)
        (provision / "config.json").write_text(json.dumps(dict(settings or {})))
        span_ms = hours * 3_600_000
        run = run_fast(
            Scenario(
                duration_ms=round(span_ms),
                provision=provision,
                modem={
                    "rtt_ms": 200,
                    "register_ms": 2000,
                    "remote": site.remote(state, provision),
                },
                trace=Trace(_motion(folder), after="loop"),
                events=[
                    {
                        "at_ms": round(span_ms * (i + 1) / (alarms + 1)),
                        "do": "press",
                        "ms": _SQUEEZE_MS,
                    }
                    for i in range(alarms)
                ],
            ),
            folder=folder / "badge",
            timeout_s=60 + _WALL_S_PER_HOUR * hours,
        )
        shutil.rmtree(folder / "badge", ignore_errors=True)
    if run.exit_codes != [0]:
        raise EnergyError(
            f"The virtual badge did not live through the day (exit codes {run.exit_codes}): "
            "run a scenario of the same length with --facts and look at its last lines."
        )
    energy = next(fact["energy"] for fact in reversed(run.facts) if "energy" in fact)
    return _day(energy)


def _day(energy: dict[str, Any]) -> Day:
    figures = power.load()
    shares = [
        Share(part, state, mah, figures.parts[part][state].assumed)
        for part, states in energy["parts"].items()
        for state, mah in states.items()
    ]
    return Day(
        hours=energy["hours"],
        mah=energy["mah"],
        mean_ma=energy["mean_ma"],
        battery_mah=figures.battery_mah,
        battery_hours=energy["battery_hours"],
        shares=tuple(sorted(shares, key=lambda share: -share.mah)),
    )


def _motion(folder: Path) -> Path:
    """Two minutes of work that end as they begin, so that they can be repeated."""
    person = Body()
    moves = [person.walking(40.0), person.standing(50.0), person.walking(30.0)]
    return traces.write_sim_trace(folder / "motion", np.concatenate(moves))
