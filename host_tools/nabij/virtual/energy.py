"""A working day of a virtual badge in virtual time: how much it draws, and what takes it.

One run gives three accounts: with each figure of hardware/power.toml as it is likely, and with all
of them at the better and at the worse of their bounds.
"""

import json
import math
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from badge.core.codec import wire
from nabij.centre.register.enrol import enrol
from nabij.data import traces
from nabij.errors import NabijError
from nabij.hardware import boards, power
from nabij.hardware.quantity import CASES, Case
from nabij.virtual import site
from nabij.virtual.badge import Scenario, Trace, run_fast
from nabij.virtual.body_model import Body

SHIFT_HOURS: Final = 12.0
# What a lone-worker badge must last (DIN VDE V 0825-11), and what this one is meant to.
REQUIRED_HOURS: Final = 12.0
TARGET_HOURS: Final = 72.0
_WALL_S_PER_HOUR: Final = 120.0
_SQUEEZE_MS: Final = 1600
# Until the alarm has come and the motion around it too; and until it is closed.
_LIES_S: Final = 90.0
_CLOSED_MS: Final = 60_000
_NETWORK: Final = "ward="
_MODEM: Final = "modem"
_BLE: Final = "ble"
# The badge of the account never warns of its battery, however long the shift.
_BOTTOMLESS_MAH: Final = 1_000_000


class EnergyError(NabijError):
    """The day could not be run to its end."""


@dataclass(frozen=True)
class Share:
    """What one part took in one state, and what it takes when all is at its best or worst."""

    part: str
    state: str
    mah: float
    mah_best: float
    mah_worst: float
    assumed: bool


@dataclass(frozen=True)
class Day:
    """One run: `mean_ma` at the battery, and how long its usable part lasts at that pace.

    `battery_hours_best` and `_worst` are with all that is in doubt at its better or worse bound:
    currents, times, what of the battery is usable, and what the converters lose.
    """

    hours: float
    mah: float
    mean_ma: float
    battery_mah: int
    battery_hours: float
    battery_hours_best: float
    battery_hours_worst: float
    # Of the mean current that of BLE, and of the chip, which is awake while BLE is on.
    ble_ma: float
    shares: tuple[Share, ...]

    def figures(self) -> dict[str, float]:
        """Flat names to numbers, for `make bench`."""
        return {
            "energy.mean_ma": self.mean_ma,
            "energy.mah_per_day": self.mean_ma * 24,
            "energy.battery_hours": self.battery_hours,
            "energy.battery_hours_best": self.battery_hours_best,
            "energy.battery_hours_worst": self.battery_hours_worst,
        }


def hours_text(hours: float) -> str:
    """Hours in digits, cut off and never rounded up: 71.9 is not the 72 that were asked for."""
    return str(math.floor(hours)) if hours >= 10 else f"{math.floor(hours * 10) / 10:.1f}"


def shift(
    hours: float = SHIFT_HOURS,
    settings: Mapping[str, Any] | None = None,
    alarms: int = 0,
    figures: power.Figures | None = None,
    *,
    falls: int = 0,
    board: str = power.REFERENCE_BOARD,
) -> Day:
    """Wear a badge with these settings for `hours` in coverage, with `alarms` squeezes on the way.

    Walking and standing by turns; the receiver answers each alarm. With `falls` the wearer falls
    so often as well and lies there for a while, and the receiver closes alarms. `figures` are
    those of hardware/power.toml if left out. EnergyError when the badge reset or its power went.
    """
    figures = figures or power.load(board=board)
    given = dict(settings or {})
    kinds = boards.load(board).uplink.kinds
    if "modem" not in kinds:
        # A network that it knows is in reach, whatever it is called.
        given["wlan_networks"] = _NETWORK
    with tempfile.TemporaryDirectory(prefix="nabij-energy-") as name:
        folder = Path(name)
        state = folder / "state"
        provision = enrol(state, "energy", host="localhost", port=8883)
        (provision / "config.json").write_text(json.dumps(given))
        remote = site.remote(state, provision)
        span_ms = hours * 3_600_000
        motion = _motion(folder)
        pressed = [
            {"at_ms": round(span_ms * (i + 1) / (alarms + 1)), "do": "press", "ms": _SQUEEZE_MS}
            for i in range(alarms)
        ]
        fallen = _falls(folder, motion, falls, span_ms)
        if falls:
            remote["then"] = [[wire.STATUS_CLOSED, _CLOSED_MS]]
        run = run_fast(
            Scenario(
                duration_ms=round(span_ms),
                provision=provision,
                board=board,
                modem={"rtt_ms": 200, "register_ms": 2000, "remote": remote}
                if "modem" in kinds
                else None,
                wlan={"remote": remote} if "wlan" in kinds else None,
                ble={"gateway": False} if _BLE in kinds else None,
                trace=Trace(motion, after="loop"),
                events=[*pressed, *fallen],
                figures=replace(figures, battery_mah=_BOTTOMLESS_MAH),
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
    return day_of(
        next(fact["energy"] for fact in reversed(run.facts) if "energy" in fact), figures
    )


def day_of(energy: Mapping[str, Any], figures: power.Figures) -> Day:
    """The account of a run, from the last observation of its ledger."""
    cases = {case: _drawn(energy, figures, case) for case in CASES}
    hours = float(energy["hours"])
    lasts = {
        case: _battery_hours(figures, case, sum(drawn.values()) / hours)
        for case, drawn in cases.items()
    }
    likely = cases["likely"]
    shares = [
        Share(
            part,
            state,
            likely.get((part, state), 0.0),
            cases["best"].get((part, state), 0.0),
            cases["worst"].get((part, state), 0.0),
            figures.parts[part][state].assumed,
        )
        for part, state in sorted(set().union(*cases.values()))
    ]
    return Day(
        hours=hours,
        mah=energy["mah"],
        mean_ma=energy["mean_ma"],
        battery_mah=figures.battery_mah,
        battery_hours=lasts["likely"],
        battery_hours_best=lasts["best"],
        battery_hours_worst=lasts["worst"],
        ble_ma=_ble_ma(likely, figures, hours),
        shares=tuple(sorted(shares, key=lambda share: -share.mah)),
    )


def _drawn(
    energy: Mapping[str, Any], figures: power.Figures, case: Case
) -> dict[tuple[str, str], float]:
    """Of each part in each state, mAh, as the case has it."""
    parts = dict(energy["parts"])
    if case != "likely":
        parts[_MODEM] = energy["modem_if"][case]
    drawn = {}
    for part, states in parts.items():
        for state, mah in states.items():
            # The ledger reckoned with the likely current: the time in the state is what counts.
            likely_ua = figures.battery_ua(part, state)
            ratio = figures.battery_ua(part, state, case) / likely_ua if likely_ua else 1.0
            drawn[part, state] = mah * ratio
    return drawn


def _ble_ma(drawn: Mapping[tuple[str, str], float], figures: power.Figures, hours: float) -> float:
    mah = 0.0
    for (part, state), state_mah in drawn.items():
        own_ua = figures.battery_ua(part, state)
        if part == _BLE and own_ua:
            # While its controller starts the chip does nothing else.
            chip_ua = figures.battery_ua("mcu", "run" if state == "idle" else "wait")
            mah += state_mah * (1 + chip_ua / own_ua)
    return mah / hours


def _battery_hours(figures: power.Figures, case: Case, mean_ma: float) -> float:
    return figures.battery_mah * figures.usable.given(case) / 100 / mean_ma


def _falls(folder: Path, motion: Path, falls: int, span_ms: float) -> list[dict[str, Any]]:
    """What is done to a badge whose wearer falls so often, and is up again later."""
    if not falls:
        return []
    person = Body()
    moves = [person.walking(20.0), person.standing(3.0), person.fall(), person.lying(_LIES_S)]
    path = traces.write_sim_trace(folder / "fall", np.concatenate(moves))
    found: list[dict[str, Any]] = []
    for number in range(falls):
        at_ms = round(span_ms * (number + 0.5) / falls)
        up_ms = at_ms + round((_LIES_S + 25.0) * 1000)
        found += [
            {"at_ms": at_ms, "do": "play", "trace": str(path), "after": "hold"},
            {"at_ms": up_ms, "do": "play", "trace": str(motion), "after": "loop"},
        ]
    return found


def _motion(folder: Path) -> Path:
    """Two minutes of work that end as they begin, so that they can be repeated."""
    person = Body()
    moves = [person.walking(40.0), person.standing(50.0), person.walking(30.0)]
    return traces.write_sim_trace(folder / "motion", np.concatenate(moves))
