"""The task of the buttons dies, or says nothing more: a squeeze is an SOS all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from badge.core.alarm import kinds
from nabij.virtual.badge import Run, Scenario, run_fast
from tests.sim.faults.patches import MAIN
from tests.sim.lives import said, squeeze, told
from tests.worlds import Site

# It dies at DIES_MS, and LEFT times more as soon as it is started again.
_DIES = """
import asyncio
from time import ticks_ms
from badge.tasks.supervisor import Supervisor
start = Supervisor.start
left = LEFT
def start_dying(self, name, run, limit_ms, **more):
    async def dies(feed):
        global left
        if ticks_ms() >= DIES_MS:
            left -= 1
            if left < 0:
                return await run(feed)
            raise ValueError("broken")
        task = asyncio.create_task(run(feed))
        while ticks_ms() < DIES_MS:
            feed()
            await asyncio.sleep_ms(10)
        task.cancel()
        raise ValueError("broken")
    start(self, name, dies if name == "buttons" else run, limit_ms, **more)
Supervisor.start = start_dying
"""
# From DIES_MS on it waits for ever.
_HANGS = """
import asyncio
from time import ticks_ms
from badge.tasks.supervisor import Supervisor
start = Supervisor.start
def start_hanging(self, name, run, limit_ms, **more):
    async def hangs(feed):
        task = asyncio.create_task(run(feed))
        while ticks_ms() < DIES_MS:
            feed()
            await asyncio.sleep_ms(10)
        task.cancel()
        await asyncio.sleep_ms(1_000_000)
    start(self, name, hangs if name == "buttons" else run, limit_ms, **more)
Supervisor.start = start_hanging
"""
_DIES_MS = 16_000


def pressed(site: Site, folder: Path, patch: str, at_ms: int, *, cable: bool) -> Run:
    """A squeeze of a badge that is on a cable, or else never sleeps."""
    main = folder / "main.py"
    main.write_text(MAIN.format(patch=patch.replace("DIES_MS", str(_DIES_MS))))
    settings = {"shift_test": False, "light_sleep": False}
    return run_fast(
        Scenario(
            duration_ms=_DIES_MS + 16_000,
            provision=site.provision_with(folder / "provision", settings),
            modem=site.modem(),
            pmu={"vbus": cable},
            events=[squeeze(at_ms)],
            main=main,
        ),
        folder=folder / "badge",
    )


def assert_an_sos(run: Run) -> None:
    # The receiver here begins anew with the badge, which tells it its cell then.
    keys = {(fact["boot"], fact["seq"], fact["kind"]) for fact in told(run)}
    assert [kind for _boot, _seq, kind in keys] == [kinds.SOS]


@pytest.mark.requirement("R01")
@pytest.mark.parametrize("phase_ms", [-1700, -1500, -1200, -800, -400, -100, -10, 0, 10, 30, 70])
def test_a_squeeze_around_the_death_of_the_buttons_task_is_an_sos(
    site: Site, tmp_path: Path, phase_ms: int
) -> None:
    """Pauses of 20, 40, 80 and 160 ms follow; none of the deaths makes the badge start anew."""
    run = pressed(
        site, tmp_path, _DIES.replace("LEFT", "3"), _DIES_MS + phase_ms, cable=phase_ms > 0
    )
    assert len(said(run, "supervisor.crash", task="buttons")) == 4
    assert run.exit_codes == [0]
    assert_an_sos(run)


@pytest.mark.requirement("R01")
@pytest.mark.parametrize("phase_ms", [-1590, -900, -50, 5, 100, 300, 600, 900, 1500, 3000, 6000])
def test_a_squeeze_of_a_badge_whose_buttons_task_never_lives_again_is_an_sos(
    site: Site, tmp_path: Path, phase_ms: int
) -> None:
    """Before the badge starts anew for it, meanwhile, and when it may not do so again."""
    run = pressed(site, tmp_path, _DIES.replace("LEFT", "9999"), _DIES_MS + phase_ms, cable=True)
    assert_an_sos(run)


@pytest.mark.requirement("R01")
@pytest.mark.parametrize("phase_ms", [-1000, 0, 50, 700, 1900, 3000, 5000])
def test_a_squeeze_of_a_badge_whose_buttons_task_hangs_is_an_sos(
    site: Site, tmp_path: Path, phase_ms: int
) -> None:
    run = pressed(site, tmp_path, _HANGS, _DIES_MS + phase_ms, cable=True)
    assert_an_sos(run)
