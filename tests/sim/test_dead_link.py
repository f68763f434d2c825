"""The task of the link dies again and again: an alarm that waits is cured sooner."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.virtual.badge import Run, Scenario, run_fast
from tests.sim.faults.patches import MAIN
from tests.sim.lives import said, squeeze, told
from tests.worlds import Site

SQUEEZE_MS = 60_000
# It dies at 12 s and DEATHS - 1 times more, each time LIVES_MS after it was started.
_DIES = """
import asyncio
from time import ticks_ms
from badge.tasks.supervisor import Supervisor
start = Supervisor.start
deaths = 0
def start_dying(self, name, run, limit_ms, **more):
    async def dies(feed):
        global deaths
        # A start of the chip that is no power-on cures it too.
        if deaths >= DEATHS or machine.reset_cause() != machine.PWRON_RESET:
            return await run(feed)
        until_ms = max(12_000, ticks_ms() + LIVES_MS)
        task = asyncio.create_task(run(feed))
        while ticks_ms() < until_ms:
            feed()
            await asyncio.sleep_ms(100)
        task.cancel()
        deaths += 1
        raise ValueError("broken")
    start(self, name, dies if name == "link" else run, limit_ms, **more)
Supervisor.start = start_dying
"""


def squeezed(site: Site, folder: Path, *, deaths: int, lives_ms: int) -> Run:
    patch = _DIES.replace("DEATHS", str(deaths)).replace("LIVES_MS", str(lives_ms))
    main = folder / "main.py"
    main.write_text(MAIN.format(patch=patch))
    return run_fast(
        Scenario(
            duration_ms=SQUEEZE_MS + 60_000,
            provision=site.provision,
            modem=site.modem(),
            events=[squeeze(SQUEEZE_MS)],
            main=main,
        ),
        folder=folder / "badge",
    )


def arrived_ms(run: Run) -> float:
    """From the squeeze to the receiver."""
    return float(told(run)[0]["t_ms"]) - SQUEEZE_MS


@pytest.mark.requirement("R18")
def test_a_task_that_lives_again_only_after_a_restart_gets_it_while_an_alarm_waits(
    site: Site, tmp_path: Path
) -> None:
    """It takes 20 deaths while none waits: seven minutes."""
    run = squeezed(site, tmp_path, deaths=9999, lives_ms=1_000)
    assert said(run, "restart", why="task.link")
    assert run.exit_codes == [42, 0]
    assert arrived_ms(run) < 30_000


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("deaths", [5, 7, 9])
def test_a_task_that_dies_while_an_alarm_waits_is_started_again_soon(
    site: Site, tmp_path: Path, deaths: int
) -> None:
    """The pauses have grown to 16 s by then: it took 28 s."""
    run = squeezed(site, tmp_path, deaths=deaths, lives_ms=2_000)
    assert arrived_ms(run) < 10_000
