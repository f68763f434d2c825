"""The accelerometer's test of itself costs no fall, whenever it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.virtual.badge import Run, Scenario, Trace, run_fast
from tests.sim.faults.patches import MAIN, PATCHES
from tests.sim.lives import said
from tests.worlds import Site

# The fall's impact, when the recording begins with the badge.
IMPACT_MS = 20_864


def asked(site: Site, folder: Path, fall: Trace, at_ms: int) -> Run:
    """The wearer falls, and the test is asked for at this time."""
    main = folder / "main.py"
    main.write_text(MAIN.format(patch=PATCHES["self-test"].replace("AT_MS", str(at_ms))))
    return run_fast(
        Scenario(
            duration_ms=IMPACT_MS + 25_000,
            provision=site.provision,
            modem=site.modem(),
            trace=fall,
            main=main,
        )
    )


@pytest.mark.requirement("R02")
@pytest.mark.parametrize(
    "phase_ms", [-3000, -1000, -600, -450, -300, -150, -20, 20, 200, 600, 1500, 2400, 2700, 6000]
)
def test_no_fall_is_lost_to_a_test_of_the_sensor(
    site: Site, tmp_path: Path, fall: Trace, phase_ms: int
) -> None:
    run = asked(site, tmp_path, fall, IMPACT_MS + phase_ms)
    assert said(run, "alarm.opened", kind="man_down")
    (answer,) = [line for line in run.console if line.startswith("self-test ")]
    # In the five seconds that it waits an impact may still be being judged.
    assert answer == "self-test imu.busy" or "imu" not in answer
    # What it hides is bridged (docs/detection.md).
    for test in said(run, "imu.self_test"):
        assert int(test.fields["missed"]) <= 32
