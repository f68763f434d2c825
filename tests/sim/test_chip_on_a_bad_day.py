"""The badge on a chip that sleeps badly: a wake pin that sticks, a sleep without end, a dip."""

import numpy as np
import pytest

from nabij.data import traces
from nabij.virtual.badge import BROWNOUT, WATCHDOG, Run, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import at, felt, incidents, said, scenario, squeeze
from tests.worlds import Site

STUCK_MS = 20_000


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    person = Body()
    moves = np.concatenate([person.walking(30.0), person.standing(30.0)])
    return Trace(
        traces.write_sim_trace(tmp_path_factory.mktemp("walk") / "walk", moves), after="loop"
    )


def mean_ma(run: Run) -> float:
    """Of the last start."""
    energy = [fact["energy"] for fact in run.facts if "energy" in fact][-1]
    return float(energy["mean_ma"])


@pytest.mark.requirement("R12")
def test_a_ring_line_that_sticks_costs_no_sleep_and_no_message(site: Site, walk: Trace) -> None:
    """Stuck low it would end each sleep at once: the port cannot disarm a single low pin."""
    sticks = at(STUCK_MS, "line_stuck", line="ri", level=0, for_ms=1e9)
    told = {"remote": {"then": [[2, 30_000]]}}
    well = run_fast(scenario(site, 240_000, trace=walk, modem=told, events=[squeeze(60_000)]))
    run = run_fast(
        scenario(site, 240_000, trace=walk, modem=told, events=[sticks, squeeze(60_000)])
    )
    assert [event.fields["pin"] for event in said(run, "wake.pin", stuck="True")] == ["ri"]
    assert mean_ma(run) < 1.25 * mean_ma(well)
    assert len(incidents(run)) == 1
    taken = [event.ticks_ms for event in said(run, "haptic", pattern="TAKEN")]
    # Nothing rings: what the receiver says is looked for every 10 s.
    assert taken[0] - said(well, "haptic", pattern="TAKEN")[0].ticks_ms <= 12_000


def test_a_ring_line_that_lets_go_rings_again(site: Site, walk: Trace) -> None:
    sticks = at(STUCK_MS, "line_stuck", line="ri", level=0, for_ms=20_000)
    run = run_fast(scenario(site, 60_000, trace=walk, events=[sticks]))
    assert [event.fields["stuck"] for event in said(run, "wake.pin")] == ["True", "False"]


@pytest.mark.requirement("R09")
def test_a_sleep_that_does_not_end_starts_the_badge_again(site: Site, walk: Trace) -> None:
    """The task watchdog stands still in light sleep."""
    stuck = at(STUCK_MS, "sleep_stuck", for_ms=60_000)
    run = run_fast(scenario(site, 100_000, trace=walk, events=[stuck, squeeze(60_000)]))
    assert run.exit_codes == [WATCHDOG, 0]
    assert said(run, "boot", cause="watchdog")
    resets = [fact for fact in run.facts if fact.get("reset") == "rtc watchdog"]
    assert [19 <= (fact["t_ms"] - STUCK_MS) / 1000 <= 21 for fact in resets] == [True]
    assert len(incidents(run)) == 1


def test_the_watchdog_of_the_sleep_does_not_bite_an_engineer_at_the_prompt(
    site: Site, walk: Trace
) -> None:
    stopped = at(STUCK_MS, "usb_break")
    run = run_fast(scenario(site, 100_000, trace=walk, events=[stopped]))
    # The one that is set for him does, so that the badge is armed within 30 s (badge/stop.py).
    [reset] = [fact for fact in run.facts if "reset" in fact]
    assert abs(reset["t_ms"] - STUCK_MS - 26_000) < 500


@pytest.mark.requirement("R09")
def test_after_a_brownout_the_shift_goes_on_and_the_badge_is_worn(site: Site, walk: Trace) -> None:
    dip = at(650_000, "brownout")
    run = run_fast(scenario(site, 700_000, trace=walk, events=[dip, squeeze(680_000)]))
    assert run.exit_codes == [BROWNOUT, 0]
    assert [event.fields["cause"] for event in said(run, "boot")] == ["power", "brownout"]
    begun, resumed = said(run, "shift")
    assert int(begun.fields["age_s"]) == 0
    # Stored every ten minutes.
    assert 600 <= int(resumed.fields["age_s"]) <= 650
    assert not said(run, "wearing", why="worn_when_power_went")
    assert felt(run).count("ARMED") == 2
    assert len(incidents(run)) == 1
