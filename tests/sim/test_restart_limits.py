"""A restart that waits has an end: it is made, or given up where it would lose an alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from nabij.virtual.badge import Fact, Run, Scenario, run_fast
from tests.sim.faults.patches import MAIN, PATCHES
from tests.sim.lives import at, said, squeeze, told
from tests.worlds import Site

# The restart is asked for at 13 s, and this press is under way then.
PRESS = squeeze(12_900)
FLASH_FAILS = at(13_200, "flash_error", kind="write", for_ms=3_600_000)
# docs/faults.md
LIMIT_MS = 120_000
SOON_MS = 30_000


def lived(
    site: Site,
    folder: Path,
    events: list[Fact],
    *,
    patch: str = "",
    duration_ms: int = LIMIT_MS + SOON_MS,
    **modem: Any,
) -> Run:
    """A badge whose task of the buttons dies again and again from 12 s on."""
    main = folder / "main.py"
    main.write_text(MAIN.format(patch=PATCHES["task.buttons keeps dying"] + patch))
    return run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=site.provision,
            modem=site.modem(**modem),
            events=events,
            main=main,
        ),
        folder=folder / "badge",
    )


def restarted_ms(run: Run) -> int:
    """When the badge started anew."""
    first, second = (fact["t_ms"] for fact in run.facts if "engine" in fact)
    assert first == 0
    return int(second)


def test_a_restart_does_not_wait_for_flash_when_the_alarm_has_arrived(
    site: Site, tmp_path: Path
) -> None:
    run = lived(site, tmp_path, [PRESS, FLASH_FAILS])
    assert [fact["kind"] for fact in told(run)] == [kinds.SOS]
    assert said(run, "restart.waits")
    assert run.exit_codes == [42, 0]
    assert LIMIT_MS <= restarted_ms(run) - 13_000 <= LIMIT_MS + SOON_MS


@pytest.mark.requirement("R09")
def test_a_restart_is_given_up_where_it_would_lose_an_alarm(site: Site, tmp_path: Path) -> None:
    """In memory alone, and nobody has it: it is delivered when the network comes back."""
    run = lived(
        site,
        tmp_path,
        [PRESS, FLASH_FAILS],
        duration_ms=LIMIT_MS + 120_000,
        no_coverage_ms=[[0, LIMIT_MS + 40_000]],
    )
    assert said(run, "restart.given_up", why="task.buttons")
    assert run.exit_codes == [0]
    assert [fact["kind"] for fact in told(run)] == [kinds.SOS]


def test_a_restart_waits_for_no_button_that_sticks(site: Site, tmp_path: Path) -> None:
    stuck = at(12_900, "press", button="left", ms=3_600_000)
    run = lived(site, tmp_path, [stuck], duration_ms=60_000)
    assert run.exit_codes == [42, 0]
    assert restarted_ms(run) < 13_000 + 10_000


def test_a_restart_is_made_although_what_it_waits_for_fails(site: Site, tmp_path: Path) -> None:
    fails = """
from badge.core.body.man_down import ManDown
def is_judging(self):
    raise ValueError("broken")
ManDown.is_judging = is_judging
"""
    run = lived(site, tmp_path, [], patch=fails)
    assert said(run, "restart.failed")
    assert run.exit_codes == [42, 0]
    assert restarted_ms(run) <= LIMIT_MS + SOON_MS
