"""An accelerometer that lies otherwise on its board: its axes are data, and its falls the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badge.core.alarm import kinds
from nabij.data import traces
from nabij.virtual.badge import Run, Scenario, Trace, run_fast
from nabij.virtual.demo import choose_motion
from tests.firmware.drivers.imu_bus import on_bus
from tests.sim.faults.patches import MAIN
from tests.sim.lives import said, told
from tests.worlds import Site

AS_DRAWN = ("x", "y", "z")
TURNED = ("y", "-x", "z")
UPSIDE_DOWN = ("-z", "-y", "-x")


def as_the_chip_feels_it(badge_mg: Any, axes: tuple[str, ...]) -> Any:
    """What a chip that lies so measures of what the badge feels."""
    chip_mg = np.zeros_like(badge_mg)
    for axis, name in enumerate(axes):
        sign = -1 if name.startswith("-") else 1
        chip_mg[:, "xyz".index(name[-1])] = sign * badge_mg[:, axis]
    return chip_mg


@pytest.mark.parametrize("axes", [AS_DRAWN, TURNED, UPSIDE_DOWN, ("z", "x", "y")])
def test_a_turned_chip_gives_the_same_samples_bit_for_bit(axes: tuple[str, ...]) -> None:
    rng = np.random.default_rng(3)
    badge = rng.integers(-32767, 32767, (32, 3))
    chip = as_the_chip_feels_it(badge, axes)

    def read(raw: Any, turned: tuple[str, ...]) -> Any:
        return on_bus(f"""
imu = ImuFifo(Lsm6dsox(bus), {turned!r})
imu.start(full_scale_g=16)
bus.fifo = b"".join(word(*one) for one in {json.loads(json.dumps(raw.tolist()))!r})
bus.status = (32, 0)
out["n"] = imu.read_into(dst)
out["mg"] = signed(dst)
""")

    straight, turned = read(badge, AS_DRAWN), read(chip, axes)
    # Counts are rounded half up, so that of an exact half the other side is a milli-g off.
    assert straight["n"] == turned["n"] == 32
    assert np.abs(np.subtract(straight["mg"], turned["mg"])).max() <= int(axes != AS_DRAWN)


def lived(site: Site, folder: Path, samples: Any, axes: tuple[str, ...] | None) -> Run:
    main = folder / "main.py"
    main.write_text(MAIN.format(patch="" if axes is None else f"Board.IMU_AXES = {axes!r}"))
    trace = traces.write_sim_trace(folder / "trace", samples.astype(np.int16))
    return run_fast(
        Scenario(
            duration_ms=70_000,
            provision=site.provision,
            modem=site.modem(),
            main=main,
            trace=Trace(trace),
        )
    )


@pytest.mark.parametrize("axes", [TURNED, UPSIDE_DOWN])
def test_a_recorded_fall_is_the_same_alarm_whichever_way_the_chip_lies(
    site: Site, tmp_path: Path, data_dir: Path, axes: tuple[str, ...]
) -> None:
    samples = np.clip(choose_motion(data_dir).samples, -16_000, 16_000)
    runs = []
    for name, chip, told_axes in (
        ("straight", samples, None),
        ("turned", as_the_chip_feels_it(samples, axes), axes),
    ):
        folder = tmp_path / name
        folder.mkdir()
        runs.append(lived(site, folder, chip, told_axes))
    for run in runs:
        (incident,) = told(run)
        assert incident["kind"] == kinds.MAN_DOWN
    straight, turned = runs
    for what in ("motion.impact", "motion.fall", "motion.confirmed"):
        one, other = ([int(event.fields["sample"]) for event in said(run, what)] for run in runs)
        # The very samples, whose noise alone is another.
        assert one[-1] == pytest.approx(other[-1], abs=2), what
    assert said(straight, "alarm.opened")[0].ticks_ms == pytest.approx(
        said(turned, "alarm.opened")[0].ticks_ms, abs=300
    )
