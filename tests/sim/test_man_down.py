"""Man-down on the whole badge: from the motion to what the centre gets and the wearer feels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nabij.data import traces
from nabij.virtual.badge import Run, Trace
from nabij.virtual.body_model import Body, Samples
from tests.sim.lives import at, felt, felt_at, lived, said, tap
from tests.worlds import Site

BODY = Body()
MAN_DOWN, REST, TILT, RIP = 2, 3, 4, 5
START_MS = 10_000
WALK_MS = 30_000


def worn(site: Site, tmp_path: Path, *parts: Samples, events: Any = (), **settings: Any) -> Run:
    """A badge that is worn through half a minute of walking and then the parts."""
    samples = np.concatenate([BODY.walking(WALK_MS / 1000), *parts])
    (tmp_path / "run").mkdir()
    trace = Trace(traces.write_sim_trace(tmp_path / "trace", samples), start_ms=START_MS)
    length_ms = START_MS + len(samples) * 1000 // 104
    return lived(site, tmp_path / "run", length_ms, list(events), trace=trace, settings=settings)


def kinds(run: Run) -> list[int]:
    return [fact["kind"] for fact in run.facts if fact.get("remote") == "incident"]


@pytest.mark.requirement("R01")
@pytest.mark.requirement("R03")
@pytest.mark.requirement("R16")
@pytest.mark.parametrize("profile", ["discreet", "pna11"])
def test_a_faint_in_the_freezer_reaches_the_centre_in_time(
    site: Site, tmp_path: Path, profile: str
) -> None:
    run = worn(site, tmp_path, BODY.faint(), BODY.freezing(90), profile=profile)
    assert kinds(run)[-1:] == [TILT]
    (met,) = said(run, "mandown.met", kind="tilt")
    received = said(run, "alarm.status", state="RECEIVED", kind="tilt")[0]
    assert received.ticks_ms - (START_MS + WALK_MS) <= 90_000
    assert met.ticks_ms < received.ticks_ms
    assert felt_at(run, "PRE_ALARM")


@pytest.mark.requirement("R03")
def test_a_fall_off_a_ladder_with_the_badge_torn_off_is_two_alarms_at_most(
    site: Site, tmp_path: Path
) -> None:
    torn = at(START_MS + WALK_MS + 6100, "rip_open")
    parts = [BODY.standing(5), BODY.ladder_fall(), BODY.table(120)]
    run = worn(site, tmp_path, *parts, events=[torn])
    assert sorted(kinds(run)) == [MAN_DOWN, RIP]
    assert "NOT_WORN" not in felt(run)


def test_a_badge_tossed_onto_a_table_warns_its_wearer_and_nobody_else(
    site: Site, tmp_path: Path
) -> None:
    run = worn(site, tmp_path, BODY.tossed(), BODY.table(120))
    assert not kinds(run)
    assert felt_at(run, "NOT_WORN")
    (cleared,) = said(run, "mandown.cleared")
    assert cleared.fields["why"] == "thrown"
    assert said(run, "mandown.silenced", reason="not_worn")


def test_the_pre_alarm_that_is_felt_does_not_end_the_pre_alarm(site: Site, tmp_path: Path) -> None:
    run = worn(site, tmp_path, BODY.sitting(70, None), profile="pna11", rest_upright_hold_ms=40000)
    assert len(felt_at(run, "PRE_ALARM")) >= 4
    assert kinds(run)[-1:] == [REST]


def test_a_cancelled_tilt_is_not_asked_again_before_the_wearer_has_walked(
    site: Site, tmp_path: Path
) -> None:
    cancel_ms = START_MS + WALK_MS + 2500 + 25_000
    run = worn(site, tmp_path, BODY.faint(), BODY.lying(80), events=tap(cancel_ms, times=2))
    assert len(said(run, "mandown.met", kind="tilt")) == 1
    assert not said(run, "alarm.durable", state="RAISED")


def test_on_the_charger_nothing_automatic_is_raised_and_the_log_says_why(
    site: Site, tmp_path: Path
) -> None:
    plugged = at(START_MS + WALK_MS, "charger", on=True)
    run = worn(site, tmp_path, BODY.faint(), BODY.lying(80), events=[plugged])
    assert not kinds(run)
    assert said(run, "mandown.suppressed", kind="tilt", reason="charging")


@pytest.mark.requirement("R03")
def test_with_a_dead_accelerometer_the_wearer_is_told_and_a_torn_lanyard_still_alarms(
    site: Site, tmp_path: Path
) -> None:
    plan = [
        at(20_000, "i2c_fault", kind="stuck", for_ms=100_000),
        at(60_000, "rip_open"),
    ]
    run = lived(site, tmp_path, 110_000, plan)
    assert felt_at(run, "LIMITED")
    assert kinds(run) == [RIP]


def test_the_log_holds_each_decision_with_the_sample_it_was_made_on(
    site: Site, tmp_path: Path
) -> None:
    run = worn(site, tmp_path, BODY.standing(5), BODY.fall(), BODY.lying(20))
    (fall,) = said(run, "motion.fall")
    (confirmed,) = said(run, "motion.confirmed")
    assert (int(confirmed.fields["sample"]) - int(fall.fields["sample"])) % 13 == 0
    since_ms = int(confirmed.fields["since_impact_ms"]) - int(fall.fields["since_impact_ms"])
    apart = int(confirmed.fields["sample"]) - int(fall.fields["sample"])
    assert since_ms == pytest.approx(apart * 1000 / 104, abs=1)
