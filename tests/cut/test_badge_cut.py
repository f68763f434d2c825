"""The whole badge loses power at each flash operation from a squeeze on, and starts again.

NABIJ_CUT_STEP=n runs the n-th cut alone.
"""

import os
from pathlib import Path

import pytest

from badge.core.codec import wire
from nabij.data import traces
from nabij.virtual.badge import ENDED, POWER_CUT, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import incidents, said
from tests.worlds import make_site

PRESS_MS = 15_000
FIRST_RUN_MS = 22_000
# The world's clock goes on over a restart.
SECOND_RUN_MS = 50_000
MOST_STEPS = 60


@pytest.mark.parametrize("torn", [False, True])
def test_no_cut_loses_or_doubles_an_alarm(tmp_path: Path, torn: bool) -> None:
    site = make_site(tmp_path)
    only = os.environ.get("NABIJ_CUT_STEP")
    for step in [int(only)] if only else range(1, MOST_STEPS):
        plan = [
            {"at_ms": PRESS_MS, "do": "press", "ms": 1600},
            {"at_ms": PRESS_MS + 1400, "do": "flash_cut", "after": step, "torn": torn},
        ]
        folder = tmp_path / f"badge-{step}"
        first = run_fast(
            Scenario(
                duration_ms=FIRST_RUN_MS,
                provision=site.provision,
                modem=site.modem(register_ms=1000, boot_ms=1000),
                events=plan,
            ),
            folder=folder,
        )
        print(f"cut at flash operation {step}, torn {torn}: exit {first.exit_codes[-1]}")
        if first.exit_codes[-1] == ENDED:
            assert len(incidents(first)) == 1
            break
        assert first.exit_codes[-1] == POWER_CUT
        second = run_fast(
            Scenario(
                duration_ms=SECOND_RUN_MS,
                provision=site.provision,
                modem=site.modem(register_ms=1000, boot_ms=1000),
            ),
            folder=folder,
        )
        assert_delivered_once(first, second)
    else:
        pytest.fail(f"{MOST_STEPS} cuts and still no run that completes uncut")


def assert_delivered_once(first: Run, second: Run) -> None:
    assert second.exit_codes == [ENDED]
    assert said(second, "armed")
    keys = set(incidents(first) + incidents(second))
    if said(first, "alarm.durable", state="RAISED"):
        assert len(keys) == 1
        received = said(first, "alarm.status") + said(second, "alarm.status")
        assert received or said(second, "alarm.resumed", state="RECEIVED")
    else:
        assert len(keys) <= 1
    boots = {event.fields["number"] for run in (first, second) for event in said(run, "boot")}
    assert len(boots) == 2


# The modelled fall is in its pre-alarm from 23.5 s on.
CANCEL_MS = 27_000


@pytest.mark.slow
def test_no_cut_turns_a_forced_cancel_into_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    fall = Trace(traces.write_sim_trace(tmp_path / "fall", Body().walk_fall_lie(20.0, 20.0)))
    only = os.environ.get("NABIJ_CUT_STEP")
    for step in [int(only)] if only else range(1, MOST_STEPS):
        tap = {"do": "press", "button": "right", "ms": 120}
        plan = [
            {"at_ms": CANCEL_MS, **tap},
            {"at_ms": CANCEL_MS + 300, **tap},
            {"at_ms": CANCEL_MS + 400, "do": "flash_cut", "after": step, "torn": True},
        ]
        folder = tmp_path / f"badge-{step}"
        modem = site.modem(register_ms=1000, boot_ms=1000)
        first = run_fast(
            Scenario(
                duration_ms=30_000,
                provision=site.provision,
                trace=fall,
                modem=modem,
                events=plan,
            ),
            folder=folder,
        )
        second = run_fast(
            Scenario(duration_ms=55_000, provision=site.provision, modem=modem), folder=folder
        )
        print(f"cut at flash operation {step}: exit {first.exit_codes[-1]}")
        assert second.exit_codes == [ENDED]
        told = [
            fact
            for fact in first.facts + second.facts
            if fact.get("remote") in ("withdrawn", "incident")
        ]
        assert len({(fact["boot"], fact["seq"]) for fact in told}) == 1
        # Cut before the cancel was durable, the pre-alarm becomes the alarm: help comes anyway.
        forced = [fact for fact in told if fact["remote"] == "withdrawn"]
        assert all(fact["flags"] & wire.FLAG_DURESS for fact in forced)
        if said(first, "alarm.durable", state="WITHDRAWN"):
            assert forced
        if first.exit_codes[-1] == ENDED:
            break
    else:
        pytest.fail(f"{MOST_STEPS} cuts and still no run that completes uncut")
